"""What the landing page says about each notebook, read from the notebook itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Card:
    """One notebook on the landing page: its title, one line about it, and its file name."""

    title: str
    line: str
    file: str


def cards(folder: Path) -> tuple[Card, ...]:
    """Return a card for each notebook in `folder`: apps first, then the numbered lessons in their order.

    Title and line come from the notebook's metadata (`title`, `description`), else from the first heading and
    paragraph of its text. A notebook that cannot be read is left out.
    """
    found = [card for path in folder.glob("*.ipynb") if (card := _card(path)) is not None]
    return tuple(sorted(found, key=lambda card: (card.file[0].isdigit(), card.file)))


def has_notebooks(folder: Path) -> bool:
    """Say whether `folder` itself holds a notebook."""
    return any(folder.glob("*.ipynb"))


def _card(path: Path) -> Card | None:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        metadata = notebook.get("metadata", {})
        heading, paragraph = _first_words(notebook.get("cells", []))
    except (OSError, ValueError, AttributeError, TypeError):
        return None
    name = path.stem.replace("_", " ").strip().capitalize()
    return Card(
        title=str(metadata.get("title") or heading or name),
        line=str(metadata.get("description") or paragraph),
        file=path.name,
    )


def _first_words(cells: list[dict[str, Any]]) -> tuple[str, str]:
    """Return the first heading and the first paragraph after it in the notebook's text, each possibly empty."""
    text = "\n\n".join("".join(cell.get("source", "")) for cell in cells if cell.get("cell_type") == "markdown")
    blocks = [block.strip() for block in text.split("\n\n") if block.strip()]
    heading = ""
    for block in blocks:
        if not block.startswith("#"):
            return heading, " ".join(block.split())
        title, _, rest = block.partition("\n")
        heading = heading or title.lstrip("# ").strip()
        if rest.strip():
            return heading, " ".join(rest.split())
    return heading, ""
