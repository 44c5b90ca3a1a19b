"""``python -m tests.benchmarks NAME``, one of those listed below: a section of docs/benchmarks.md."""

from __future__ import annotations

import argparse
import os
import sys
import warnings

QUICK_SECONDS = 0.05
QUICK_SIZES = (8, 50)
QUICK_SOLVES = 100


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("what", choices=["optimiser", "projection", "trading", "app", "load"])
    parser.add_argument("--quick", action="store_true", help="only whether everything runs, in a minute")
    options = parser.parse_args()
    if options.what == "optimiser":
        from .optimiser import report

        warnings.simplefilter("ignore")  # neighbours warn of each other's deprecations, thousands of times
        said = report(QUICK_SIZES, QUICK_SECONDS, QUICK_SOLVES) if options.quick else report()
    elif options.what == "projection":
        from .projection import QUICK_SECONDS as QUICK
        from .projection import report as report_of_projection

        said = report_of_projection(QUICK) if options.quick else report_of_projection()
    elif options.what == "trading":
        from .trading import QUICK_SIZES as FEW_LOTS
        from .trading import report as report_of_trading

        said = report_of_trading(FEW_LOTS) if options.quick else report_of_trading()
    else:
        busy = os.getloadavg()[0]
        if options.what == "load":
            from .load import QUICK_SECONDS as FEW_SECONDS
            from .load import QUICK_VISITORS
            from .load import report as report_of_load

            measured = report_of_load(QUICK_VISITORS, FEW_SECONDS) if options.quick else report_of_load()
        else:
            from .app import report as report_of_app

            measured = report_of_app()
        said = f"{measured}\n\nProcesses running or waiting when this began: {busy:.1f}."
    sys.stdout.write(f"{said}\n\n")


if __name__ == "__main__":
    main()
