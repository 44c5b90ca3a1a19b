"""Grades that a service publishes of what is held, at two looks, from a small file."""

from __future__ import annotations

import ipywidgets as w
from traitlets import Instance

from planner.errors import InputError
from planner.market.grades import LARGEST_GRADE, Grades
from planner.outlook.grade_alerts import POINTS_TO_NOTICE
from planner.wording import count, points
from widgets import tables
from widgets.csv_files import LARGEST_FILE_BYTES, lines_of
from widgets.runner import sentence_for
from widgets.upload import UploadButton

NAME, BEFORE, NOW = "name", "grade_before", "grade_now"
FOLD = "Grades of the coins and indices you hold"
MEANING = (
    f"A CSV with the columns {NAME}, {BEFORE} and {NOW}: a coin's symbol or an index of your sleeve, and what a "
    f"service graded it then and now, from 0 to {LARGEST_GRADE:g}. The command 'planner grades BTC ETH --csv' prints "
    f"one. A grade of something you hold that moved by {points(POINTS_TO_NOTICE)} points or more, or is gone, becomes "
    "an alert. They stay on this page."
)


class GradesPanel(w.VBox):  # type: ignore[misc]
    """An upload of grades; ``grades`` is what was read last, or None."""

    grades = Instance(Grades, allow_none=True)

    def __init__(self) -> None:
        self.upload = UploadButton("Upload grades", self._uploaded, accept=".csv", most_bytes=LARGEST_FILE_BYTES)
        self.forget = w.Button(description="Forget them", icon="undo", layout={"width": "auto", "display": "none"})
        self.said = w.HTML()
        files = w.HBox([self.upload, self.forget])
        files.add_class("pl-row")
        files.add_class("pl-files")
        super().__init__([w.Accordion([w.VBox([w.HTML(tables.muted(MEANING)), files, self.said])], titles=(FOLD,))])
        self.forget.on_click(lambda _: self._take(None, ""))

    def _uploaded(self, name: str, content: bytes) -> None:
        try:
            found = grades_of(name, content)
        except InputError as error:
            self.said.value = tables.blockers([sentence_for(error)])
        else:
            self._take(found, f"{name}: {count(len(found.names), 'name')}.")

    def _take(self, grades: Grades | None, said: str) -> None:
        self.said.value = tables.muted(said)
        self.forget.layout.display = "none" if grades is None else None
        self.grades = grades


def grades_of(name: str, content: bytes) -> Grades:
    """The grades of a file; what cannot be read is an InputError that says where."""
    before: dict[str, float] = {}
    now: dict[str, float] = {}
    for about, (where, cells) in lines_of(name, content, NAME, (BEFORE, NOW)).items():
        for column, look in ((BEFORE, before), (NOW, now)):
            if cells.get(column):
                look[about] = _grade(cells[column], where)
    return Grades(before, now)


def _grade(cell: str, where: str) -> float:
    try:
        grade = float(cell)
    except ValueError:
        grade = -1.0
    if not 0 <= grade <= LARGEST_GRADE:
        raise InputError(f"{where}: '{cell[:40]}' cannot be read: a grade is a number from 0 to {LARGEST_GRADE:g}.")
    return grade
