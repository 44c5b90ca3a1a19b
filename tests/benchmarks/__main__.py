"""``python -m tests.benchmarks optimiser`` or ``app``: measure, and print a table in Markdown."""

from __future__ import annotations

import argparse
import os
import sys


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("what", choices=["optimiser", "app"])
    if parser.parse_args().what == "optimiser":
        from .optimiser import report
    else:
        from .app import report
    busy = os.getloadavg()[0]
    sys.stdout.write(f"{report()}\n\nProcesses running or waiting when this began: {busy:.1f}.\n\n")


if __name__ == "__main__":
    main()
