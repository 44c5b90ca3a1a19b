"""What a solve returns: Solved, Infeasible or Failed. Infeasible is a value, not an exception."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from planner.errors import InfeasibleError, SolverError
from planner.market.portfolio import Portfolio
from planner.optimise.phrases import explanation, way
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.optimise.limits import Limit, Vector
    from planner.optimise.objectives import Objective
    from planner.optimise.prices import Price
    from planner.optimise.reachable import Reachable
    from planner.optimise.soft import Violation

CLEANING = 1e-9
"""Weights smaller than this are solver noise and become 0."""

LARGEST_CLEANING = 1e-6
"""A solution whose sum is further from 1 was not solved: cleaning moves no weight by more."""


@dataclass(frozen=True, eq=False)
class Solved(Portfolio):
    """An optimal portfolio: weights inside every limit to 1e-8, summing to 1.

    ``limits`` are the caller's; those that were soft stand there as far as they had to give way, which ``violations``
    say. ``solver`` names what answered, and what had given up before it.
    """

    objective: Objective
    limits: tuple[Limit, ...]
    solver: str
    violations: tuple[Violation, ...] = ()

    @cached_property
    def binding(self) -> tuple[str, ...]:
        """The limits this portfolio touches, in words."""
        return tuple(said for limit in self.limits for said in limit.binding(self.assumptions, self.w))

    @cached_property
    def prices(self) -> tuple[Price, ...]:
        """What the limits it touches cost, in the objective's own figure, dearest first."""
        from planner.optimise.prices import prices  # which solves again, and so needs this

        return prices(self)

    def require(self) -> Solved:
        """The portfolio itself; the other results raise here."""
        return self

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(str(asset))}</td><td>{percent(weight, 1)}</td><td>{percent(share, 1)}</td></tr>"
            for (asset, weight), share in zip(self.weights.items(), self.risk_contributions, strict=True)
        )
        return (
            f"<p>{escape(self.objective.sentence().capitalize())}: expected return {percent(self.expected_return)}, "
            f"volatility {percent(self.volatility)}, Sharpe ratio {self.sharpe:.2f}</p>"
            f"<table><tr><th>asset</th><th>weight</th><th>share of risk</th></tr>{rows}</table>"
            + _list("Not met in full", [violation.sentence for violation in self.violations])
            + _list("Limits reached", self.binding)
            + _list("What they cost", [price.sentence for price in self.prices])
        )


def _list(title: str, sentences: Sequence[str]) -> str:
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f"<p>{title}:</p><ul>{said}</ul>" if said else ""


@dataclass(frozen=True)
class Loosening:
    """The smallest change to one limit that alone makes a portfolio possible."""

    limit: Limit
    loosened: Limit
    by: float

    @property
    def sentence(self) -> str:
        """The change as something to do: 'raise Crypto to 7.4 %'."""
        return way(self.limit, self.loosened)


@dataclass(frozen=True)
class Infeasible:
    """No portfolio is inside all limits.

    ``conflict`` is an irreducible set: take any one of these limits away and the others can be met together.
    ``loosenings`` are the smallest changes that each alone suffice, least first. Where a target for return or
    volatility is among them, ``others_matter`` says whether limits outside the conflict keep it from being met more
    closely, and ``reachable`` what is within reach inside all other limits.
    """

    conflict: tuple[Limit, ...]
    loosenings: tuple[Loosening, ...]
    others_matter: bool = False
    reachable: Reachable | None = None

    @property
    def explanation(self) -> str:
        """Why, what would help, and what is within reach."""
        said = explanation(self)
        return said if self.reachable is None else f"{said} Inside the other limits {self.reachable.phrase}."

    def require(self) -> NoReturn:
        """Raise the explanation."""
        raise InfeasibleError(self.explanation)

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.explanation)}</p>"


@dataclass(frozen=True)
class Failed:
    """The solvers neither found a portfolio nor showed that there is none.

    Tried in this order: DAQP for a quadratic objective inside linear limits or HiGHS for a linear one, from where they
    stood; then, and for all curved limits, Clarabel at tolerances of 1e-11, 1e-9 and 1e-8. ``solver`` names those that
    were tried and ``status`` what each of them said.
    """

    solver: str
    status: str

    @property
    def explanation(self) -> str:
        """What happened and what to try."""
        return (
            f"No solver finished. Tried: {self.solver}. What they said: {self.status}. Check the assumptions for "
            "volatilities of very different size, for nearly identical assets and for some that hedge each other "
            "completely, or relax a tight limit."
        )

    def require(self) -> NoReturn:
        """Raise the explanation."""
        raise SolverError(self.explanation)

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.explanation)}</p>"


Solution = Solved | Infeasible | Failed


def cleaned(w: Vector) -> Vector:
    """Weights without solver noise: none smaller than 1e-9, summing to exactly 1, read-only."""
    w = np.where(np.abs(w) < CLEANING, 0.0, w)
    largest = int(w.argmax())
    for _ in range(3):
        excess = float(np.add.reduce(w)) - 1.0
        if excess == 0:
            break
        w[largest] -= excess
    w.flags.writeable = False
    return w


def all_cleaned(w: Vector) -> Vector:
    """The same for each row of weights; a row that was not solved, with NaN or a sum far from 1, becomes NaN."""
    w = np.where(np.abs(w) < CLEANING, 0.0, w)
    far = ~(np.abs(w.sum(axis=1) - 1) <= LARGEST_CLEANING)
    w[far] = np.nan
    rows, largest = np.arange(len(w)), w.argmax(axis=1)
    for _ in range(3):
        w[rows, largest] -= w.sum(axis=1) - 1.0
    return w
