"""What to optimise: one frozen class per objective, each with its formula and source."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.errors import InputError
from planner.optimise.limits import Limit, Scaled, checked, typical_variance
from planner.optimise.risk_limits import AboveCash, ReturnFloor, VolatilityCap
from planner.optimise.trading_costs import TradingCosts
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Hashable

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Vector

RISKLESS = 1e-8
"""Variance, in typical units, that stands in for none where a ratio is made largest: far below any that counts."""

LEAST_EXCESS = 1e-6
"""A portfolio beats cash when it is expected to return this much more."""

LARGEST_SCALE = 1e6
"""Of weights in units of one over their excess return: beyond, there is next to nothing of it, and no ratio."""


class Objective(ABC):
    """What the best portfolio makes smallest, in weights that sum to ``total``."""

    homogeneous = False
    """True where the problem is solved for a multiple of the weights."""

    nonnegative = False
    """True where cvxpy must know that no value is negative, to see that the cost is convex."""

    market_bound = False
    """True where the cost holds numbers of the market itself, so that it is compiled for one market."""

    def structure(self) -> Hashable:
        """What of this objective a compiled problem depends on."""
        return type(self)

    def quadratic(self, assumptions: Assumptions) -> Vector | None:
        """The Hessian of the cost at the weights, shape (n, n); None for a linear cost."""
        return assumptions.cov

    @abstractmethod
    def cost(self, problem: Scaled, values: Any) -> Any:
        """The convex cvxpy expression to minimise; ``values`` is a Parameter.

        Of the market it holds nothing but the Hessian: the covariance of other markets takes its place.
        """

    @abstractmethod
    def sentence(self) -> str:
        """The objective in words."""

    def values(self, assumptions: Assumptions) -> Vector:
        """The numbers of this objective in a market."""
        del assumptions
        return np.empty(0)

    def requirements(self) -> tuple[Limit, ...]:
        """Limits that belong to the objective itself."""
        return ()

    def implied(self, assumptions: Assumptions) -> tuple[Limit, ...]:
        """What the formula cannot do without, as limits: read only to explain why there is no portfolio."""
        del assumptions
        return ()

    def constraints(self, problem: Scaled, values: Any) -> list[Any]:
        """What fixes the scale of a homogeneous problem, or what the variables of the cost mean."""
        del problem, values
        return []


def half_variance(problem: Scaled) -> Any:
    """``w'Hw / 2`` as a cvxpy expression, H being the Hessian of the objective, known to be positive semidefinite."""
    import cvxpy as cp

    return cp.quad_form(problem.w, cp.psd_wrap(problem.hessian)) / 2


def scaled_covariance(assumptions: Assumptions) -> Vector:
    """The covariance in typical units, in which multiples of the weights are about 1.

    An asset without variance, of which any multiple would be as good, gets next to none: less of it is then better.
    """
    scaled = assumptions.cov / typical_variance(assumptions)
    return np.asarray(scaled + np.diag(np.where(np.diag(scaled) == 0, RISKLESS, 0.0)))


@dataclass(frozen=True)
class MinimumVariance(Objective):
    """The least volatile portfolio: minimise ``w'Sw / 2`` (Markowitz 1952)."""

    def cost(self, problem: Scaled, values: Any) -> Any:
        """Half the variance."""
        del values
        return half_variance(problem)

    def sentence(self) -> str:
        """In words."""
        return "the lowest volatility"


class NetReturn(Objective):
    """An objective that rewards expected return, less the costs of trading where they are given.

    ``costs`` of trading ``w - current`` are ``rates'(w - current) + 2 rates'sold``, with ``sold >= 0`` and ``sold >=
    current - w``: linear, and only the last holds two parameters, each alone.
    """

    costs: TradingCosts | None

    def __post_init__(self) -> None:
        if self.costs is not None and not isinstance(self.costs, TradingCosts):
            raise InputError(f"The costs are {self.costs!r}: give TradingCosts({self.costs!r}, current weights).")

    def structure(self) -> Hashable:
        """The kind, and whether there are costs."""
        return type(self) if self.costs is None else (type(self), "costs")

    def values(self, assumptions: Assumptions) -> Vector:
        """Expected returns less the rates; with costs also twice the rates, and the current weights."""
        if self.costs is None:
            return assumptions.mu / self.divisor
        rates, current = self.costs.values(assumptions)
        return np.concatenate([(assumptions.mu - rates) / self.divisor, 2 * rates / self.divisor, current])

    @property
    def divisor(self) -> float:
        """What returns and costs are divided by."""
        return 1.0

    def net_return(self, problem: Scaled, values: Any) -> Any:
        """Expected return less costs, but for a constant, divided by the divisor."""
        if self.costs is None:
            return values @ problem.w
        size = len(problem.assumptions.assets)
        return values[:size] @ problem.w - values[size : 2 * size] @ problem.sold

    def constraints(self, problem: Scaled, values: Any) -> list[Any]:
        """What is sold of each asset is at least the weight it loses."""
        if self.costs is None:
            return []
        current = values[2 * len(problem.assumptions.assets) :]
        return [problem.sold >= 0, problem.sold >= current - problem.w]

    def after_costs(self, said: str) -> str:
        """The sentence, with a word on the costs where there are any."""
        return said if self.costs is None else f"{said}, {self.costs.sentence()}"


@dataclass(frozen=True)
class MaximumUtility(NetReturn):
    """The best trade of return against variance: maximise ``mu'w - costs - risk_aversion / 2 w'Sw``.

    ``risk_aversion`` > 0 is the coefficient of absolute risk aversion for annual decimals: about 1 for the bold, 3
    for the market as a whole, 10 for the careful (Grinold & Kahn 2000, chapter 4). ``costs`` of trading are per year.
    """

    risk_aversion: float
    costs: TradingCosts | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if checked(self.risk_aversion, "Risk aversion") <= 0:
            raise InputError(
                f"Risk aversion is {self.risk_aversion}: it must be above 0. For the highest return whatever the risk, "
                "use HighestReturn, or MaximumReturn with a volatility you accept."
            )

    @property
    def divisor(self) -> float:
        """The risk aversion, so that the variance counts half."""
        return self.risk_aversion

    def cost(self, problem: Scaled, values: Any) -> Any:
        """Utility, negated and divided by the risk aversion."""
        return half_variance(problem) - self.net_return(problem, values)

    def sentence(self) -> str:
        """In words."""
        return self.after_costs(f"the best return for its risk at risk aversion {self.risk_aversion:g}")


@dataclass(frozen=True)
class TargetReturn(MinimumVariance):
    """The least volatile portfolio expected to return at least ``expected_return`` a year (Markowitz 1952).

    Below the return of the least volatile portfolio the answer is that portfolio.
    """

    expected_return: float

    def __post_init__(self) -> None:
        self.requirements()

    def requirements(self) -> tuple[Limit, ...]:
        """The return asked for."""
        return (ReturnFloor(self.expected_return),)

    def sentence(self) -> str:
        """In words."""
        return f"the lowest volatility with an expected return of {percent(self.expected_return)}"


@dataclass(frozen=True)
class HighestReturn(NetReturn):
    """The highest expected return whatever the risk: maximise ``mu'w - costs`` (a linear program)."""

    costs: TradingCosts | None = field(default=None, kw_only=True)

    def quadratic(self, assumptions: Assumptions) -> Vector | None:
        """None: the cost is linear."""
        del assumptions
        return None

    def cost(self, problem: Scaled, values: Any) -> Any:
        """The return, negated."""
        return -self.net_return(problem, values)

    def sentence(self) -> str:
        """In words."""
        return self.after_costs("the highest expected return")


@dataclass(frozen=True)
class MaximumReturn(HighestReturn):
    """The highest expected return with a volatility of at most ``volatility`` a year (a second-order cone program)."""

    volatility: float

    def __post_init__(self) -> None:
        super().__post_init__()
        self.requirements()

    def requirements(self) -> tuple[Limit, ...]:
        """The volatility accepted."""
        return (VolatilityCap(self.volatility),)

    def sentence(self) -> str:
        """In words."""
        return self.after_costs(f"the highest expected return with volatility of at most {percent(self.volatility)}")


@dataclass(frozen=True)
class MaximumSharpe(Objective):
    """The highest excess return over the risk-free rate per unit of volatility.

    Maximise ``(mu - r)'w / sqrt(w'Sw)``, solved as the convex program ``min y'Sy / 2`` with ``(mu - r)'y`` fixed and
    every limit scaled by ``sum(y)`` (Cornuejols & Tutuncu 2006, section 8.2); ``w = y / sum(y)``. Where a portfolio
    without risk beats cash the ratio has no maximum, and the answer is one of these portfolios. An asset without risk
    that earns as much as cash moves neither side of the ratio and is held only as far as limits ask for it.
    """

    homogeneous = True

    def quadratic(self, assumptions: Assumptions) -> Vector | None:
        """The covariance in typical units."""
        return scaled_covariance(assumptions)

    def values(self, assumptions: Assumptions) -> Vector:
        """Excess returns, in units of that of the asset that differs most from cash."""
        excess = assumptions.mu - assumptions.risk_free
        return np.asarray(excess / (np.abs(excess).max() or 1.0))

    def cost(self, problem: Scaled, values: Any) -> Any:
        """Half the variance of the scaled weights."""
        del values
        return half_variance(problem)

    def constraints(self, problem: Scaled, values: Any) -> list[Any]:
        """An excess return of one unit, by weights of some size."""
        return [values @ problem.w == 1, problem.total <= LARGEST_SCALE]

    def implied(self, assumptions: Assumptions) -> tuple[Limit, ...]:
        """A return above cash."""
        return (AboveCash(assumptions.risk_free + LEAST_EXCESS),)

    def sentence(self) -> str:
        """In words."""
        return "the highest Sharpe ratio"
