"""What a solve returns: Solved, Infeasible or Failed. Infeasible is a value, not an exception."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from planner.errors import InfeasibleError, SolverError
from planner.market.portfolio import Portfolio
from planner.wording import percent

if TYPE_CHECKING:
    from planner.optimise.limits import Limit, Vector
    from planner.optimise.objectives import Objective

CLEANING = 1e-9
"""Weights smaller than this are solver noise and become 0."""

LARGEST_CLEANING = 1e-6
"""A solution whose sum is further from 1 was not solved: cleaning moves no weight by more."""


@dataclass(frozen=True, eq=False)
class Solved(Portfolio):
    """An optimal portfolio: weights inside every limit to 1e-8, summing to 1."""

    objective: Objective
    limits: tuple[Limit, ...]
    solver: str

    @cached_property
    def binding(self) -> tuple[str, ...]:
        """The limits this portfolio touches, in words."""
        return tuple(said for limit in self.limits for said in limit.binding(self.assumptions, self.w))

    def require(self) -> Solved:
        """The portfolio itself; the other results raise here."""
        return self

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(str(asset))}</td><td>{percent(weight, 1)}</td><td>{percent(share, 1)}</td></tr>"
            for (asset, weight), share in zip(self.weights.items(), self.risk_contributions, strict=True)
        )
        said = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.binding)
        return (
            f"<p>{escape(self.objective.sentence().capitalize())}: expected return {percent(self.expected_return)}, "
            f"volatility {percent(self.volatility)}, Sharpe ratio {self.sharpe:.2f}</p>"
            f"<table><tr><th>asset</th><th>weight</th><th>share of risk</th></tr>{rows}</table>"
            + (f"<p>Limits reached:</p><ul>{said}</ul>" if said else "")
        )


@dataclass(frozen=True)
class Loosening:
    """The smallest change to one limit that alone makes a portfolio possible."""

    limit: Limit
    loosened: Limit
    by: float

    @property
    def sentence(self) -> str:
        """Both versions in words."""
        return f"instead of “{self.limit.sentence()}”, allow “{self.loosened.sentence()}”"


@dataclass(frozen=True)
class Infeasible:
    """No portfolio is inside all limits.

    ``conflict`` is an irreducible set: take any one of these limits away and the others can be met together.
    ``loosenings`` are the smallest changes that each alone suffice, least first.
    """

    conflict: tuple[Limit, ...]
    loosenings: tuple[Loosening, ...]

    @property
    def explanation(self) -> str:
        """Why, and what would help, in two sentences."""
        limits = ", ".join(f"“{limit.sentence()}”" for limit in self.conflict)
        if len(self.conflict) > 1:
            why = f"These cannot hold together in one portfolio: {limits}."
        else:
            why = f"No fully invested portfolio can meet {limits}."
        if not self.loosenings and not any(limit.negotiable for limit in self.conflict):
            return f"{why} That lies in the assumptions, not in a limit: choose another objective."
        if not self.loosenings:
            return f"{why} No single change helps: relax several."
        ways = "; or ".join(loosening.sentence for loosening in self.loosenings)
        return f"{why} What would help: {ways}."

    def require(self) -> NoReturn:
        """Raise the explanation."""
        raise InfeasibleError(self.explanation)

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.explanation)}</p>"


@dataclass(frozen=True)
class Failed:
    """The solvers neither found a portfolio nor showed that there is none."""

    solver: str
    status: str

    @property
    def explanation(self) -> str:
        """What happened and what to try."""
        return (
            f"The solver {self.solver} stopped with the status '{self.status}'. Check the assumptions for volatilities "
            "of very different size, for nearly identical assets and for some that hedge each other completely, or "
            "relax a tight limit."
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
