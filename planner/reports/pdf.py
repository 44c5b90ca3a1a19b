"""A paper as PDF, set by typst: see docs/decisions/0012."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from planner.errors import PlannerError
from planner.reports.blocks import Chart
from planner.reports.charts import to_svg
from planner.reports.logo import picture_kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.reports.blocks import Block, Paper

FONT = "Libertinus Serif"
"""It comes with typst, so that a paper looks alike on every computer."""
ACCESSIBLE: Final = "ua-1"
"""PDF/UA-1: headings, tables and pictures are tagged for screen readers."""
TEMPLATE = "paper.typ"


def to_pdf(paper: Paper, progress: Callable[[float], object] | None = None) -> bytes:
    """A paper as PDF/UA: cover, contents, page numbers, charts as vectors; text and headings can be read out.

    The same paper is the same bytes. ``progress`` is told the fraction done after each chart, and stops the work by an
    exception. A picture that cannot be drawn is a PlannerError.
    """
    import typst

    charts = sum(isinstance(block, Chart) for section in paper.sections for block in section.blocks)
    with TemporaryDirectory(prefix="paper-") as name:
        folder, drawn = Path(name), 0

        def said(block: Block) -> dict[str, Any]:
            nonlocal drawn
            found = {"kind": type(block).__name__}
            if not isinstance(block, Chart):
                return found | asdict(block)
            drawn += 1
            file = f"chart-{drawn}.svg"
            (folder / file).write_text(to_svg(block, FONT), encoding="utf-8")
            if progress is not None:
                progress(drawn / (charts + 1))
            return found | {"file": file, "caption": block.caption, "alt": block.alt}

        document = {
            **{
                field: getattr(paper, field)
                for field in ("title", "subtitle", "client", "date", "footer", "disclaimer")
            },
            "letterhead": {field: getattr(paper.letterhead, field) for field in ("adviser", "firm", "contact")},
            "logo": _logo(paper, folder),
            "sections": [
                {"title": section.title, "blocks": [said(block) for block in section.blocks]}
                for section in paper.sections
            ],
        }
        (folder / "paper.json").write_text(json.dumps(document), encoding="utf-8")
        template = files("planner.reports").joinpath(f"data/{TEMPLATE}").read_text("utf-8")
        (folder / TEMPLATE).write_text(template, encoding="utf-8")
        try:
            made: bytes = typst.compile(
                folder / TEMPLATE, root=folder, pdf_standards=[ACCESSIBLE], sys_inputs={"font": FONT}
            )
        except typst.TypstError as error:
            raise PlannerError("The paper could not be set. If it has a logo, try another picture.") from error
    if progress is not None:
        progress(1.0)
    return made


def _logo(paper: Paper, folder: Path) -> str | None:
    content = paper.letterhead.logo
    if content is None:
        return None
    file = f"logo.{picture_kind(content)}"
    (folder / file).write_bytes(content)
    return file
