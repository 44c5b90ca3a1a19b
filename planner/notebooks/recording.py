"""Notebooks run anew and written back with what they print."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planner.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

WIDGET = "application/vnd.jupyter.widget-view+json"
ADDRESS = re.compile(r"0x[0-9a-f]+")


def record(path: Path) -> None:
    """Run one notebook in a fresh kernel and write it back with its outputs, without what means nothing later.

    Left out are widgets, which live in their kernel alone, and addresses in memory. Raises InputError where the
    notebook cannot be read or a cell of it raises; the file is then as it was.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError
    except ModuleNotFoundError as error:
        raise InputError(f"Recording needs {error.name}: pip install 'modern-portfolio[notebooks]'.") from None
    try:
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as a notebook: {error}") from error
    resources = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, record_timing=False, store_widget_state=False, resources=resources)
    try:
        client.execute()
    except CellExecutionError as error:
        raise InputError(f"{path} was not recorded: a cell raised {error.ename}: {error.evalue}") from error
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data.pop(WIDGET, None)
            if "text/plain" in data:
                data["text/plain"] = ADDRESS.sub("0x0", data["text/plain"])
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
