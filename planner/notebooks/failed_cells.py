"""A plugin of pytest that writes down what each failed cell held and what it prints now; nbval decides what failed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def pytest_addoption(parser: Any) -> None:
    """Take the file to write, one cell as JSON a line."""
    parser.addoption("--failed-cells", type=Path)


def pytest_runtest_makereport(item: Any, call: Any) -> None:
    """Write down a cell that failed."""
    if call.when != "call" or call.excinfo is None or not hasattr(item, "cell_num"):
        return
    outputs = item.sanitize_outputs(item.test_outputs or [])
    raised = [f"{output.ename}: {output.evalue}" for output in outputs if output.output_type == "error"]
    failed = {
        "cell": item.cell_num + 1,
        "raised": raised[0] if raised else None,
        "why": str(call.excinfo.value),
        "held": _texts(item.sanitize_outputs(item.cell.get("outputs", []))),
        "prints": _texts(outputs),
    }
    with item.config.getoption("--failed-cells").open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(failed) + "\n")


def _texts(outputs: list[Any]) -> dict[str, str]:
    """All that outputs say, by the kind of text; pictures are named, not quoted."""
    said: dict[str, str] = {}
    for output in outputs:
        for kind, content in output.get("data", {output.get("name", "error"): output.get("text", "")}).items():
            text = content if isinstance(content, str) else json.dumps(content, indent=1, sort_keys=True)
            said[kind] = said.get(kind, "") + (f"({kind})" if kind.startswith("image/") else text) + "\n"
    return said
