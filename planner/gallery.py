"""What the landing page says about each notebook, read from the notebook itself."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


PICTURE_NAME = re.compile(r"[a-z]+(-[a-z]+)*")


@dataclass(frozen=True)
class Card:
    """One notebook on the landing page: its title, one line about it, its file name, and which picture."""

    title: str
    line: str
    file: str
    picture: str = ""


def cards(folder: Path) -> tuple[Card, ...]:
    """Return a card for each notebook in `folder`, in the order of the page.

    First those whose metadata name an `order` (1, 2, ...), then the others by file name, the numbered lessons last.
    Title and line come from the metadata (`title`, `description`), else from the first heading and paragraph of the
    text; `picture` is one of the template's pictures. A notebook that cannot be read is left out.
    """
    found = [each for path in folder.glob("*.ipynb") if (each := _card(path)) is not None]
    return tuple(card for _, card in sorted(found, key=lambda each: (each[0], each[1].file[0].isdigit(), each[1].file)))


def has_notebooks(folder: Path) -> bool:
    """Say whether `folder` itself holds a notebook."""
    return any(folder.glob("*.ipynb"))


def _card(path: Path) -> tuple[float, Card] | None:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        metadata = notebook.get("metadata", {})
        heading, paragraph = _first_words(notebook.get("cells", []))
    except (OSError, ValueError, AttributeError, TypeError):
        return None
    name = path.stem.replace("_", " ").strip().capitalize()
    order, picture = metadata.get("order"), str(metadata.get("picture", ""))
    card = Card(
        title=str(metadata.get("title") or heading or name),
        line=str(metadata.get("description") or paragraph),
        file=path.name,
        picture=picture if PICTURE_NAME.fullmatch(picture) else "",
    )
    return (order if isinstance(order, int) else math.inf), card


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
