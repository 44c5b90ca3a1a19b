"""The ``planner`` command."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.errors import PlannerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.scenario import Scenario

CHECK_FAILED = 1
INPUT_WRONG = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 done, 1 no plan is possible or something was changed, 2 the input is wrong."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except PlannerError as error:
        print(f"planner: {error}", file=sys.stderr)
        return INPUT_WRONG


def _parser() -> argparse.ArgumentParser:
    from planner import __version__
    from planner.disclaimer import DISCLAIMER

    parser = argparse.ArgumentParser(
        prog="planner", description="Plan a whole household portfolio with crypto in it.", epilog=DISCLAIMER
    )
    parser.add_argument("--version", action="version", version=f"planner {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    _offer_pages(commands)

    check = commands.add_parser("check-data", help="check a file of returns or prices, or a sealed folder of data")
    check.add_argument("file", type=Path, help="a CSV or Parquet file, or a folder with a manifest.json")
    check.add_argument("--prices", action="store_true", help="the file holds prices, not returns")
    check.add_argument("--public-key", type=Path, metavar="PEM", help="whose signature the manifest must bear")
    check.set_defaults(run=_check_data)

    grades = commands.add_parser("grades", help="ask Token Metrics for grades, and say what moved since the last look")
    grades.add_argument("names", nargs="+", metavar="SYMBOL", help="a token, as BTC, or an index, as index-1")
    grades.add_argument("--csv", action="store_true", help="print the file that the app's Watch tab reads")
    grades.set_defaults(run=_grades)

    _offer_notebooks(commands)

    plan = commands.add_parser("plan", help="plan a household from its JSON document")
    plan.add_argument("household", type=Path, help="a scenario as JSON, '-' for the built-in example")
    plan.add_argument("--pretty", action="store_true", help="print a table instead of JSON")
    plan.set_defaults(run=_plan)

    for kind, what, faces in (
        ("proposal", "the proposal for a client", ".pdf or .html"),
        ("statement", "the investment policy statement", ".pdf, .html or .md"),
        ("tables", "every table of the plan", ".xlsx, .zip of CSV files, or .json"),
    ):
        paper = commands.add_parser(kind, help=f"write {what} into a file")
        paper.add_argument("household", type=Path, help="a scenario as JSON, '-' for the built-in example")
        paper.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help=f"ends with {faces}")
        if kind != "tables":
            paper.add_argument("--client", action="append", default=[], help="whom it is for; may be given again")
            paper.add_argument("--adviser", default="", help="who hands it over")
            paper.add_argument("--firm", default="", help="the adviser's firm")
            paper.add_argument("--contact", default="", help="how to reach them")
            paper.add_argument("--logo", type=Path, help="a PNG or SVG picture for the cover")
        paper.set_defaults(run=_tables if kind == "tables" else _paper, kind=kind)

    schema = commands.add_parser("schema", help="print the JSON Schema of a scenario")
    schema.set_defaults(run=_schema)

    backup = commands.add_parser("backup", help="write everything in the store of households into one file")
    backup.add_argument("file", type=Path, help="the file to write; an earlier backup there is replaced")
    backup.set_defaults(run=_backup)
    restore = commands.add_parser("restore", help="make a store of households from a backup")
    restore.add_argument("file", type=Path, help="a file that backup wrote")
    restore.add_argument("--replace", action="store_true", help="put the store that is there aside, and keep it")
    restore.set_defaults(run=_restore)
    for command in (backup, restore):
        command.add_argument("--store", metavar="PLACE", help="a file or postgresql://... (default: this user's store)")
    return parser


def _offer_pages(commands: Any) -> None:
    from planner.app_server import APP_PORT, LAB_PORT, PLACES

    app = commands.add_parser("app", help="open the planner in the browser")
    app.add_argument("notebook", nargs="?", type=Path, help="a notebook or a folder of them (default: the planner)")
    app.add_argument("--warm-kernels", type=int, default=0, metavar="N", help="started kernels kept ready a notebook")
    app.add_argument(
        "--places", type=int, default=PLACES, metavar="N", help="most pages open at once, default %(default)s"
    )
    app.add_argument("--public-url", metavar="URL", help="behind a proxy: the address that visitors use")
    app.set_defaults(run=_app)
    lab = commands.add_parser("lab", help="open the notebooks in JupyterLab")
    lab.add_argument("notebook", nargs="?", type=Path, metavar="folder", help="a folder (default: the project's)")
    lab.set_defaults(run=_lab)
    for command, port in ((app, APP_PORT), (lab, LAB_PORT)):
        command.add_argument("--port", type=int, default=port, help=f"port on 127.0.0.1 (default: {port})")
        command.add_argument("--no-browser", action="store_true", help="print the address only")


def _offer_notebooks(commands: Any) -> None:
    notebooks = commands.add_parser("notebooks", help="run notebooks anew, and say which numbers differ from theirs")
    notebooks.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a notebook or a folder of them")
    notebooks.add_argument("--record", action="store_true", help="write what they print now into them instead")
    notebooks.set_defaults(run=_notebooks)


def _app(options: argparse.Namespace) -> int:
    from planner.app_server import serve

    serve(
        options.notebook,
        options.port,
        not options.no_browser,
        options.warm_kernels,
        options.places,
        options.public_url,
    )
    return 0


def _lab(options: argparse.Namespace) -> int:
    from planner.app_server import lab

    lab(options.notebook, options.port, not options.no_browser)
    return 0


def _check_data(options: argparse.Namespace) -> int:
    from planner.market.data_check import check_data, is_sealed

    if options.public_key or is_sealed(options.file):
        found = check_data(options.file, options.public_key)
        print(found.to_text())
        return 0 if found.ok else CHECK_FAILED
    return _check_table(options.file, options.prices)


def _check_table(file: Path, are_prices: bool) -> int:
    import warnings

    from planner.market.history import read_prices, read_returns
    from planner.market.quality import DataQualityWarning

    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always", DataQualityWarning)
        table = read_prices(file) if are_prices else read_returns(file)
    reports = [each.message.report for each in heard if isinstance(each.message, DataQualityWarning)]
    first, last = table.index[0], table.index[-1]
    verdict = "" if reports else " Nothing wrong was found."
    print(f"{file}: {len(table)} rows, {first:%Y-%m-%d} to {last:%Y-%m-%d}.{verdict}")
    for name in table.columns.map(str):
        print(f"  {name}: {table[name].notna().sum()} values from {table[name].first_valid_index():%Y-%m-%d}")
    for report in reports:
        print(*report.sentences, sep="\n")
    return 0


def _grades(options: argparse.Namespace) -> int:
    from planner.outlook.grade_alerts import POINTS_TO_NOTICE, grade_alerts
    from planner.sources import GradeBook, TokenMetrics
    from planner.wording import points

    found = GradeBook(TokenMetrics()).look(options.names)
    if options.csv:
        print(found.to_csv(), end="")
        return 0
    for name, grade in found.now.items():
        before = f"{points(found.before[name])} on {found.since[name]}" if name in found.before else "no earlier look"
        print(f"{name}: {points(grade)} of 100; before: {before}")
    moved = [alert.subject for alert in grade_alerts(found.before, found.now, found.names)]
    print(f"Moved by {points(POINTS_TO_NOTICE)} points or more, or gone: {', '.join(moved) or 'none'}.")
    return 0


def _notebooks(options: argparse.Namespace) -> int:
    from planner.notebooks import check_notebook, found_notebooks, record

    all_well = True
    for path in found_notebooks(options.paths):
        if options.record:
            record(path.resolve())
            print(f"{path.name}: recorded.", flush=True)
        else:
            verdict = check_notebook(path)
            print(verdict.to_text(), flush=True)
            all_well &= verdict.ok
    return 0 if all_well else CHECK_FAILED


def _plan(options: argparse.Namespace) -> int:
    from planner.planning import plan

    made = plan(_scenario(options.household))
    print(made.to_text() if options.pretty else json.dumps(made.to_dict(), indent=2, allow_nan=False))
    return 1 if made.blockers else 0


def _scenario(file: Path) -> Scenario:
    from planner.scenario import EXAMPLE, read_scenario

    return EXAMPLE if str(file) == "-" else read_scenario(file)


def _paper(options: argparse.Namespace) -> int:
    from planner.reports.blocks import Letterhead
    from planner.reports.logo import read_logo

    logo = None if options.logo is None else read_logo(options.logo)
    head = Letterhead(options.adviser, options.firm, options.contact, logo)
    return _file(options, letterhead=head, clients=tuple(options.client))


def _tables(options: argparse.Namespace) -> int:
    return _file(options)


def _file(options: argparse.Namespace, **said: Any) -> int:
    """Write a file whole or not at all, and say what stands in the way of its plan."""
    from planner.planning import plan
    from planner.reports.files import Order, make_file
    from planner.sources.whole_file import write_whole

    made = plan(_scenario(options.household))
    content = make_file(options.kind, options.output.suffix.lower(), Order(made, **said))
    try:
        write_whole(options.output, lambda file: file.write(content))
    except OSError as error:
        raise PlannerError(f"{options.output} cannot be written: {error.strerror}.") from error
    print(f"{options.output}: {len(content):,} bytes.")
    for blocker in made.blockers:
        print(f"Still to be settled: {blocker.sentence}")
    return 1 if made.blockers else 0


def _schema(_: argparse.Namespace) -> int:
    from planner.scenario import Scenario

    print(json.dumps(Scenario.model_json_schema(), indent=1))
    return 0


def _backup(options: argparse.Namespace) -> int:
    from planner.store import Store, write_backup

    with Store.open(options.store) as store:
        kept = write_backup(store, options.file)
        faults = store.check()
    print(f"{options.file}: {kept.in_words}, of {store.label}.")
    for fault in faults:
        print(f"WRONG: {fault}")
    return CHECK_FAILED if faults else 0


def _restore(options: argparse.Namespace) -> int:
    from planner.store import restore_backup

    restored = restore_backup(options.file, options.store, replacing=options.replace)
    print(f"{restored.label}: {restored.amount.in_words}.")
    if restored.aside:
        print(f"The store that was there is kept: {restored.aside}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
