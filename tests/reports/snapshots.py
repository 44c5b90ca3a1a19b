"""Papers of the example household as text; ``python -m tests.reports.snapshots`` writes them anew.

Look at what changed before you commit it.
"""

from __future__ import annotations

from pathlib import Path

from planner.planning import plan
from planner.policy.statement import statement
from planner.policy.statement.faces import to_text
from planner.reports.proposal import proposal
from planner.scenario import EXAMPLE

FOLDER = Path(__file__).parent


def written() -> dict[str, str]:
    """The papers by the name of their file."""
    made = plan(EXAMPLE)
    papers = {"proposal.txt": proposal(EXAMPLE, made), "statement.txt": statement(EXAMPLE, made).paper()}
    return {name: to_text(paper) + "\n" for name, paper in papers.items()}


if __name__ == "__main__":
    for file, text in written().items():
        (FOLDER / file).write_text(text, encoding="utf-8")
