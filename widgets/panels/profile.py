"""Who the plan is for: age, finances, and the tolerance questions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.household.profile import MAXIMUM_MONEY, MINIMUM_AGE
from planner.household.questions import INCOME_QUESTION, TOLERANCE_QUESTIONS, Question
from widgets import tables
from widgets.tabs import Panel

if TYPE_CHECKING:
    from widgets.session import Session

OLDEST_ON_SLIDER = 100
LONGEST_ON_SLIDER = 50
MONEY_FIELDS = (
    ("net_worth", "Net worth"),
    ("liquid_assets", "Liquid assets"),
    ("obligations", "Money owed"),
    ("yearly_income", "Yearly income"),
    ("yearly_spending", "Yearly spending"),
)
STYLE = {"description_width": "150px"}


class ProfilePanel(Panel):
    """Sliders, numbers and questions that make up the profile of a session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._following = False
        profile = session.scenario.profile
        self.age = w.IntSlider(profile.age, min=MINIMUM_AGE, max=OLDEST_ON_SLIDER, description="Age", style=STYLE)
        self.horizon = w.IntSlider(
            round(profile.horizon_years), min=0, max=LONGEST_ON_SLIDER, description="Years until needed", style=STYLE
        )
        self.money = {
            name: w.BoundedFloatText(
                getattr(profile, name),
                min=-MAXIMUM_MONEY if name == "net_worth" else 0,
                max=MAXIMUM_MONEY,
                step=1000,
                description=label,
                style=STYLE,
            )
            for name, label in MONEY_FIELDS
        }
        self.dependents = w.IntSlider(profile.dependents, min=0, max=10, description="Dependents", style=STYLE)
        self.stability = _choice(INCOME_QUESTION, profile.income_stability)
        self.answers = {
            question.field: _choice(question, getattr(profile.tolerance, question.field))
            for question in TOLERANCE_QUESTIONS
        }
        self.problem = w.HTML()
        self._observe()
        finances = w.VBox([*self.money.values(), self.dependents, *_asked(INCOME_QUESTION, self.stability)])
        questions = w.VBox(
            [part for question in TOLERANCE_QUESTIONS for part in _asked(question, self.answers[question.field])]
        )
        folded = w.Accordion([finances, questions], titles=("Your finances", "How you feel about falls"))
        super().__init__([w.HTML(tables.heading("You")), self.age, self.horizon, folded, self.problem])
        self.add_class("pl-card")

    def _observe(self) -> None:
        self._bind(self.age, "age")
        self._bind(self.horizon, "horizon_years")
        self._bind(self.dependents, "dependents")
        self._bind(self.stability, "income_stability")
        for name, field in self.money.items():
            self._bind(field, name)
        for name, choice in self.answers.items():
            choice.observe(partial(self._answered, name), "value")
        self.session.observe(self._show_problem, "problem")
        self.session.observe(lambda _: self._follow(), "scenario")

    def _bind(self, control: Any, name: str) -> None:
        control.observe(lambda change: self._changed(name, change.new), "value")

    def _changed(self, name: str, value: Any) -> None:
        if not self._following:
            self.session.change_profile(**{name: value})

    def _follow(self) -> None:
        """Show the profile of a scenario that came from elsewhere; a control that stands there is left alone."""
        profile = self.session.scenario.profile
        controls = {"age": self.age, "dependents": self.dependents, "income_stability": self.stability, **self.money}
        self._following = True
        try:
            for name, control in controls.items():
                control.value = getattr(profile, name)
            self.horizon.value = round(profile.horizon_years)
            for name, choice in self.answers.items():
                choice.value = getattr(profile.tolerance, name)
        finally:
            self._following = False

    def _answered(self, name: str, change: Any) -> None:
        if self._following:
            return
        answers = self.session.scenario.profile.tolerance
        self.session.change_profile(tolerance=answers.with_changes(**{name: change.new}))

    def _show_problem(self, change: Any) -> None:
        self.problem.value = tables.blockers([change.new] if change.new else [])


def _choice(question: Question, answer: Any) -> Any:
    choice = w.Dropdown(
        options=[(option.wording, option) for option in question.answers], value=answer, tooltip=question.wording
    )
    choice.add_class(f"pl-question-{question.field}")
    return choice


def _asked(question: Question, choice: Any) -> tuple[Any, Any]:
    return w.HTML(f"<p class='pl-muted'>{question.wording}</p>"), choice
