"""What the page knows: a scenario in, a plan out. No widgets here; anything may observe the traits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from traitlets import Any as AnyTrait
from traitlets import Bool, HasTraits, Unicode

from planner.market.universe import BUILT_IN
from planner.scenario import EXAMPLE, Scenario
from widgets.runner import sentence_for, when_loaded

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.household.assessment import Assessment
    from planner.market.market import Market
    from planner.market.universe import Universe
    from planner.planning import Plan

BESIDE_THE_PLAN = (
    *("household", "trading", "rebalancing", "last_rebalanced"),
    *("last_review", "cash_flows", "goals", "glide_path", "return_model", "made_with"),
)
"""Fields of the scenario that no plan reads: what is owned (its day aside, on which tilts are in force or not), how it
is brought to the plan, when one looked at it, and what a projection follows."""


class Session(HasTraits):  # type: ignore[misc]
    """One household on the desk.

    Set ``scenario`` (or change parts of it with ``change``) and observe ``plan``, a ``planner.Plan``, made anew
    unless only the household's accounts and trades changed, which no plan reads. ``busy`` is true while a plan is made;
    ``problem`` is the sentence for the last change that could not be made, empty when it could.
    ``assessment`` follows the profile at once, before the heavy libraries that a plan needs are in memory.
    ``market`` is the one without a sleeve's indices, None for the built-in one.
    """

    scenario = AnyTrait()
    assessment = AnyTrait(None, allow_none=True)
    plan = AnyTrait(None, allow_none=True)
    busy = Bool(False)
    problem = Unicode("")

    def __init__(self, scenario: Scenario = EXAMPLE, market: Market | None = None) -> None:
        self.market = market
        self._ready = False
        self._waiting: list[Callable[[], None]] = []
        super().__init__()
        self.observe(self._follow, "scenario")
        self.scenario = scenario
        self.busy = True
        self._load_now = when_loaded(self._begin)

    @property
    def universe(self) -> Universe:
        """The asset classes there are, with the indices of a sleeve among the series once it is planned."""
        if self.plan is not None:
            return self.plan.prior.universe  # type: ignore[no-any-return]
        return BUILT_IN if self.market is None else self.market.universe

    def page_is_there(self) -> None:
        """Say that the page was built: the heavy libraries, which wait for that, are loaded now."""
        self._load_now()

    def when_ready(self, then: Callable[[], None]) -> None:
        """Call ``then`` once the heavy libraries are in memory and the first plan was made; now, where they are."""
        if self._ready and not self.busy:
            then()
        else:
            self._waiting.append(then)

    def change(self, **fields: Any) -> None:
        """Change fields of the scenario; what cannot be is said in ``problem``, and the scenario stays as it was."""
        self._try(lambda: self.set_trait("scenario", self.scenario.with_changes(**fields)))

    def take(self, document: str) -> None:
        """Put a whole scenario, as JSON, in the place of the open one; what is wrong with it becomes ``problem``."""
        self._try(lambda: self.set_trait("scenario", Scenario.model_validate_json(document)))

    def change_profile(self, **fields: Any) -> None:
        """Change fields of the profile, as ``change`` does."""
        self._try(lambda: self.change(profile=self.scenario.profile.with_changes(**fields)))

    def _try(self, act: Any) -> None:
        try:
            self.problem = ""
            act()
        except Exception as error:  # noqa: BLE001 - whatever it is, the page says a sentence and stays alive
            self.problem = sentence_for(error)

    def _follow(self, change: Any) -> None:
        before = change.old.profile if isinstance(change.old, Scenario) else None
        if change.new.profile != before:
            self.assessment = self._assess()
        if self._ready and not self._is_planned(change.new):
            self._try(self._plan)

    def _assess(self) -> Assessment:
        return self.scenario.profile.assess()  # type: ignore[no-any-return]

    def _begin(self) -> None:
        self._ready = True
        self._try(self._plan)
        self.busy = False
        while self._waiting:
            self._waiting.pop(0)()

    def _plan(self) -> None:
        self.busy = True
        try:
            self.plan = self.make_plan()
        finally:
            self.busy = False

    def make_plan(self) -> Plan:
        """The plan of the present scenario, made now, whether or not the page is ready for it."""
        from planner.planning import plan

        return plan(self.scenario, self.market)

    def _is_planned(self, scenario: Scenario) -> bool:
        """Whether the plan there is was made of all that a plan reads of the scenario."""
        from planner.planning import planning_day

        if self.plan is None or self.plan.as_of != planning_day(scenario, self.plan.prior):
            return False
        read = [name for name in type(scenario).model_fields if name not in BESIDE_THE_PLAN]
        return all(getattr(self.plan.scenario, name) == getattr(scenario, name) for name in read)
