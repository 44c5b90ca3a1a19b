"""Limits that the household puts on its plan, added and removed in words."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.errors import InputError
from planner.policy.wishes import LimitKind, PlanLimit
from widgets import tables

if TYPE_CHECKING:
    from planner.market.universe import Universe
    from widgets.session import Session

STYLE = {"description_width": "90px"}
KINDS = (
    ("Hold at least", LimitKind.AT_LEAST, 5),
    ("Hold at most", LimitKind.AT_MOST, 10),
    ("Part of the risk at most", LimitKind.RISK_AT_MOST, 20),
    ("Part of its class at least", LimitKind.PART_AT_LEAST, 60),
    ("Distance from the targets at most", LimitKind.TRACKING_ERROR, 2),
    ("Smallest holding", LimitKind.SMALLEST_HOLDING, 5),
)
"""Words for each kind, and a percentage to start from; ours, but for the 60 % of large-cap coins of domain.md."""

MEANINGS = {
    LimitKind.RISK_AT_MOST: "The part of the portfolio's ups and downs that comes from it.",
    LimitKind.PART_AT_LEAST: "For a holding that shares its asset class with others.",
    LimitKind.TRACKING_ERROR: "The tracking error: how far a year's return may stray from that of your targets.",
    LimitKind.SMALLEST_HOLDING: "What is held at all is held at least to this size; the rest is left out.",
}
ORDER = "Where not all can be met, those that may give way do so from the bottom of the list up."
NONE_YET = "No limits of your own yet."


class LimitsPanel(w.VBox):  # type: ignore[misc]
    """A limit to add, and the limits there are; built by ``render`` when first seen."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._rendered = False
        self.rows: list[LimitRow] = []

    @property
    def title(self) -> str:
        """What stands on the fold while it is closed."""
        count = len(self.session.scenario.limits)
        return f"Limits ({count})" if count else "Limits"

    def render(self) -> None:
        """Build the controls, once."""
        if self._rendered:
            return
        self._rendered = True
        self.kind = w.Dropdown(
            options=[(words, kind) for words, kind, _ in KINDS],
            value=LimitKind.AT_MOST,
            description="New limit",
            style=STYLE,
        )
        self.subject = w.Dropdown(description="of", style=STYLE)
        self.size = w.FloatText(description="Percent", step=1, style=STYLE, continuous_update=True)
        self.add = w.Button(description="Add", icon="plus", tooltip="Add this limit", button_style="primary")
        self.meaning, self.refusal, self.order, self.notes = w.HTML(), w.HTML(), w.HTML(), w.HTML()
        self.preview = w.HTML()
        self.preview.add_class("pl-preview")
        self._none = w.HTML(f"<p class='pl-muted'>{NONE_YET}</p>")
        self.listed = w.VBox()
        self.listed.add_class("pl-limits")
        last = w.HBox([self.size, self.add])
        last.add_class("pl-add")
        new = [self.kind, self.subject, last, self.preview, self.meaning, self.refusal]
        self.children = [self.listed, self.order, *new, self.notes]
        self.kind.observe(lambda _: self._kind_chosen(), "value")
        for control in (self.kind, self.subject, self.size):
            control.observe(lambda _: self._show_preview(), "value")
        self.add.on_click(lambda _: self._add())
        self.session.observe(lambda _: self._list(), "scenario")
        self.session.observe(lambda _: self._show_notes(), "plan")
        self._kind_chosen()
        self._show_preview()
        self._list()
        self._show_notes()

    def _kind_chosen(self) -> None:
        kind = self.kind.value
        subjects = subjects_for(kind, self.session.universe)
        chosen = self.subject.value
        self.subject.options = subjects
        if chosen in [name for _, name in subjects]:
            self.subject.value = chosen
        self.subject.layout.display = None if kind.has_subject else "none"
        self.size.value = next(percentage for _, known, percentage in KINDS if known is kind)
        self.meaning.value = f"<p class='pl-muted'>{MEANINGS[kind]}</p>" if kind in MEANINGS else ""
        self.refusal.value = ""

    def _show_preview(self) -> None:
        """Say what the button would add, before it does."""
        try:
            said = self._stated().sentence(self.session.universe)
        except InputError:
            said = ""
        self.preview.value = tables.text(said) if said else ""

    def _add(self) -> None:
        self.refusal.value = ""
        try:
            limit = self._stated()
        except InputError as error:
            self._refuse(error)
            return
        limits = list(self.session.scenario.limits)
        same = [place for place, known in enumerate(limits) if _about_the_same(known, limit)]
        if same:  # one of the two would have nothing to say
            limits[same[0]] = limits[same[0]].with_changes(size=limit.size)
        else:
            limits.append(limit)
        self._change(limits)

    def _stated(self) -> PlanLimit:
        percentage = self.size.value
        if not 0 <= percentage <= 100:
            raise InputError(f"{percentage:g} % cannot be: give a percentage from 0 to 100.")
        kind = self.kind.value
        subject = self.subject.value if kind.has_subject else None
        return PlanLimit(kind=kind, subject=subject, size=percentage / 100)

    def _change(self, limits: list[PlanLimit]) -> None:
        try:
            self.session.scenario = self.session.scenario.with_changes(limits=tuple(limits))
        except InputError as error:
            self._refuse(error)

    def _refuse(self, error: InputError) -> None:
        self.refusal.value = tables.blockers([str(error)])

    def _list(self) -> None:
        limits = self.session.scenario.limits
        while len(self.rows) < len(limits):
            self.rows.append(self._row(len(self.rows)))
        for row, limit in zip(self.rows, limits, strict=False):
            row.show(limit, self.session.universe)
        # Rows that stay are kept, and with them the keyboard's place on the page.
        self.listed.children = self.rows[: len(limits)] or [self._none]
        ordered = len(limits) > 1 and any(limit.soft for limit in limits)
        self.order.value = f"<p class='pl-muted'>{ORDER}</p>" if ordered else ""

    def _row(self, place: int) -> LimitRow:
        row = LimitRow(first=place == 0)
        row.soft.observe(partial(self._softened, place), "value")
        row.up.on_click(lambda _: self._raised(place))
        row.remove.on_click(lambda _: self._removed(place))
        return row

    def _softened(self, place: int, change: Any) -> None:
        limits = list(self.session.scenario.limits)
        limits[place] = limits[place].with_changes(soft=change.new)
        self._change(limits)

    def _raised(self, place: int) -> None:
        limits = list(self.session.scenario.limits)
        limits.insert(place - 1, limits.pop(place))
        self._change(limits)

    def _removed(self, place: int) -> None:
        limits = list(self.session.scenario.limits)
        del limits[place]
        self._change(limits)

    def _show_notes(self) -> None:
        plan = self.session.plan
        self.notes.value = "" if plan is None else tables.notes("What limits the plan", plan.notes)


class LimitRow(w.HBox):  # type: ignore[misc]
    """One limit in words, with what can be done to it."""

    def __init__(self, *, first: bool) -> None:
        self.sentence = w.HTML()
        self.soft = w.Checkbox(description="may give way", indent=False)
        self.up = w.Button(icon="arrow-up", tooltip="More important", disabled=first)
        self.remove = w.Button(icon="trash")
        words = w.VBox([self.sentence, self.soft])
        super().__init__([words, self.up, self.remove])
        self.add_class("pl-limit")

    def show(self, limit: PlanLimit, universe: Universe) -> None:
        """Say the limit."""
        said = limit.sentence(universe)
        self.sentence.value = tables.text(said)
        self.soft.value = limit.soft
        self.remove.tooltip = f"Remove: {said}"


def subjects_for(kind: LimitKind, universe: Universe) -> list[tuple[str, str]]:
    """Words and name of each class and series that a limit of this kind can be about.

    The only series of a class is left out, as its class says the same.
    """
    if not kind.has_subject:
        return []
    subjects = []
    for asset_class in universe.classes:
        if kind is not LimitKind.PART_AT_LEAST:
            subjects.append((asset_class.label, asset_class.name))
        if len(asset_class.series) > 1:
            subjects += [(f"{series.label}, in {asset_class.label}", series.name) for series in asset_class.series]
    return subjects


def _about_the_same(one: PlanLimit, other: PlanLimit) -> bool:
    return (one.kind, one.subject) == (other.kind, other.subject)
