"""The ``planner`` command."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import PlannerError

if TYPE_CHECKING:
    from collections.abc import Sequence

INPUT_WRONG = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 no plan is possible, 2 the input is wrong."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except PlannerError as error:
        print(f"planner: {error}", file=sys.stderr)
        return INPUT_WRONG


def _parser() -> argparse.ArgumentParser:
    from planner import __version__
    from planner.app_server import APP_PORT, LAB_PORT
    from planner.disclaimer import DISCLAIMER

    parser = argparse.ArgumentParser(
        prog="planner", description="Plan a whole household portfolio with crypto in it.", epilog=DISCLAIMER
    )
    parser.add_argument("--version", action="version", version=f"planner {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    app = commands.add_parser("app", help="open the planner in the browser")
    app.add_argument("notebook", nargs="?", type=Path, help="a notebook or a folder of them (default: the planner)")
    app.add_argument("--warm-kernels", type=int, default=0, metavar="N", help="started kernels kept ready a notebook")
    app.set_defaults(run=_app)
    lab = commands.add_parser("lab", help="open the notebooks in JupyterLab")
    lab.add_argument("notebook", nargs="?", type=Path, metavar="folder", help="a folder (default: the project's)")
    lab.set_defaults(run=_lab)
    for command, port in ((app, APP_PORT), (lab, LAB_PORT)):
        command.add_argument("--port", type=int, default=port, help=f"port on 127.0.0.1 (default: {port})")
        command.add_argument("--no-browser", action="store_true", help="print the address only")

    check = commands.add_parser("check-data", help="check a file of monthly returns or of prices")
    check.add_argument("file", type=Path)
    check.add_argument("--prices", action="store_true", help="the file holds prices, not returns")
    check.set_defaults(run=_check_data)

    plan = commands.add_parser("plan", help="plan a household from its JSON document")
    plan.add_argument("household", type=Path, help="a scenario as JSON, '-' for the built-in example")
    plan.add_argument("--pretty", action="store_true", help="print a table instead of JSON")
    plan.set_defaults(run=_plan)
    return parser


def _app(options: argparse.Namespace) -> int:
    from planner.app_server import serve

    serve(options.notebook, options.port, not options.no_browser, options.warm_kernels)
    return 0


def _lab(options: argparse.Namespace) -> int:
    from planner.app_server import lab

    lab(options.notebook, options.port, not options.no_browser)
    return 0


def _check_data(options: argparse.Namespace) -> int:
    from planner.market.history import read_prices, read_returns

    table = read_prices(options.file) if options.prices else read_returns(options.file)
    first, last = table.index[0], table.index[-1]
    print(f"{options.file}: {len(table)} rows, {first:%Y-%m-%d} to {last:%Y-%m-%d}. Nothing wrong was found.")
    for name in table.columns.map(str):
        print(f"  {name}: {table[name].notna().sum()} values from {table[name].first_valid_index():%Y-%m-%d}")
    return 0


def _plan(options: argparse.Namespace) -> int:
    from planner.planning import plan
    from planner.scenario import EXAMPLE, read_scenario

    made = plan(EXAMPLE if str(options.household) == "-" else read_scenario(options.household))
    print(made.to_text() if options.pretty else json.dumps(made.to_dict(), indent=2, allow_nan=False))
    return 1 if made.blockers else 0


if __name__ == "__main__":
    sys.exit(main())
