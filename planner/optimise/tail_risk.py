"""The least loss in the worst months, whatever the shape of the returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.errors import InputError
from planner.optimise.limits import Limit, checked
from planner.optimise.objectives import Objective
from planner.optimise.risk_limits import ReturnFloor
from planner.wording import percent

if TYPE_CHECKING:
    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Scaled, Vector


@dataclass(frozen=True)
class MinimumCVaR(Objective):
    """The least conditional value at risk: the mean loss of the worst ``1 - confidence`` of months.

    Minimise ``a + mean(max(-Rw - a, 0)) / (1 - confidence)`` over w and a, a linear program; R, shape (S, n), are the
    ``scenarios`` of the assumptions, simple returns a month: the history or simulated. ``confidence`` lies between 0
    and 1 (0.95 is usual). ``expected_return``, an annual decimal, is the least mean return asked for. Source:
    Rockafellar & Uryasev (2000), Optimization of Conditional Value-at-Risk, theorem 1 and equation 17.
    """

    confidence: float
    expected_return: float | None = None
    market_bound = True
    nonnegative = True

    def __post_init__(self) -> None:
        if not 0 < checked(self.confidence, "The confidence") < 1:
            raise InputError(f"The confidence is {self.confidence:g}: it must lie between 0 and 1, such as 0.95.")
        self.requirements()

    def quadratic(self, assumptions: Assumptions) -> Vector | None:
        """None: the cost is linear."""
        del assumptions
        return None

    def values(self, assumptions: Assumptions) -> Vector:
        """The weight of each scenario's loss beyond the quantile."""
        return np.array([1 / ((1 - self.confidence) * len(_draws(assumptions)))])

    def cost(self, problem: Scaled, values: Any) -> Any:
        """The loss at the quantile, and the mean of what lies beyond."""
        import cvxpy as cp

        quantile = cp.Variable()
        return quantile + values[0] * cp.sum(cp.pos(-_draws(problem.assumptions) @ problem.w - quantile))

    def requirements(self) -> tuple[Limit, ...]:
        """The return asked for."""
        return () if self.expected_return is None else (ReturnFloor(self.expected_return),)

    def sentence(self) -> str:
        """In words."""
        worst = f"the least loss in the worst {percent(1 - self.confidence)} of months"
        if self.expected_return is None:
            return worst
        return f"{worst} with an expected return of {percent(self.expected_return)}"


def _draws(assumptions: Assumptions) -> Vector:
    if assumptions.draws is None:
        raise InputError(
            "A conditional value at risk is read off scenarios, and these assumptions have none: give them monthly "
            "returns as `scenarios`, or make them with `estimate` from a history."
        )
    return np.asarray(assumptions.draws)
