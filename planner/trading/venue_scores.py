"""Venues scored by the user's own ratings, and how much of the order is owed to the weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Annotated

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from planner.errors import InputError
from planner.trading.venues import venue
from planner.validation import Document, Frozen, Number
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.market.moments import FloatArray

BEST_RATING = 10.0
BEST_SCORE = 100.0
ROUNDING = 1e-12
DRAWS = 10_000
"""Of weights at random; a share of one half is then known to half a point."""


class CriteriaWeights(Document):
    """What counts how much, as points of a hundred or of any other sum. Source: domain.md section 10."""

    liquidity: Number = Field(30.0, ge=0, le=1e6, title="Liquidity")
    security: Number = Field(25.0, ge=0, le=1e6, title="Security")
    coverage: Number = Field(15.0, ge=0, le=1e6, title="Coverage")
    costs: Number = Field(15.0, ge=0, le=1e6, title="Costs")
    user_experience: Number = Field(10.0, ge=0, le=1e6, title="User experience")
    support: Number = Field(5.0, ge=0, le=1e6, title="Support")

    @model_validator(mode="after")
    def _something_counts(self) -> CriteriaWeights:
        if sum(self.points.values()) <= 0:
            raise InputError("All criteria weigh nothing: give at least one of them a weight.")
        return self

    @property
    def points(self) -> dict[str, float]:
        """Weights by criterion."""
        return {name: float(getattr(self, name)) for name in type(self).model_fields}

    @property
    def shares(self) -> pd.Series[float]:
        """Weights by criterion, summing to 1."""
        points = pd.Series(self.points)
        return points / points.sum()


CRITERIA = tuple(CriteriaWeights.model_fields)

Rating = Annotated[Number, Field(ge=0, le=BEST_RATING)]


class Ratings(Document):
    """The user's ratings by venue and criterion, from 0 (worst) to 10; a venue without them is unrated, never guessed.

    Unknown venues and criteria are InputErrors.
    """

    by_venue: Annotated[dict[str, dict[str, Rating]], Frozen] = Field(
        default_factory=dict, validate_default=True, title="Ratings"
    )

    @model_validator(mode="after")
    def _known(self) -> Ratings:
        for name, rated in self.by_venue.items():
            venue(name)
            unknown = next((criterion for criterion in rated if criterion not in CRITERIA), None)
            if unknown is not None:
                raise InputError(f"There is no criterion '{unknown}'. The criteria are: {', '.join(CRITERIA)}.")
        return self


@dataclass(frozen=True, eq=False)
class Ranking:
    """Rated venues by score, best first.

    ``scores`` is 0 to 100 by venue, ``ratings`` (venues, criteria) what it is made of, ``unrated`` names by venue the
    criteria that count and lack a rating.
    """

    scores: pd.Series[float]
    ratings: pd.DataFrame
    weights: CriteriaWeights
    unrated: Mapping[str, tuple[str, ...]]

    @cached_property
    def table(self) -> pd.DataFrame:
        """By venue: ``rank``, ``score``, and the points that each criterion gives, which add up to the score."""
        points = self.ratings * self.weights.shares * (BEST_SCORE / BEST_RATING)
        ranks = self.scores.rank(ascending=False, method="min").astype(int)
        return pd.concat([ranks.rename("rank"), self.scores.rename("score"), points], axis=1)

    @cached_property
    def reach(self) -> pd.DataFrame:
        """How far each criterion's share may move before another venue leads, the others keeping their proportions.

        By criterion: ``share`` now, ``lower`` and ``upper``, and who leads beyond them (``below``, ``above``; empty
        where nobody does). A score is linear in the share t: t r + (1 - t) s, s being the score without the criterion.
        """
        rows = {name: self._reach(name) for name in CRITERIA}
        columns = ["share", "lower", "upper", "below", "above"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("criterion")

    @cached_property
    def first_places(self) -> pd.Series[float]:
        """Part of all possible weights under which each venue comes first, ties shared.

        Weights are drawn evenly over everything that sums to 1. Source: Lahdelma, Hokkanen & Salminen (1998), "SMAA -
        Stochastic multiobjective acceptability analysis".
        """
        weights = np.random.default_rng(0).dirichlet(np.ones(len(CRITERIA)), DRAWS)
        scores = weights @ self.ratings.to_numpy(np.float64).T
        first = np.isclose(scores, scores.max(axis=1, keepdims=True), rtol=0, atol=ROUNDING)
        shares = (first / first.sum(axis=1, keepdims=True)).mean(axis=0)
        return pd.Series(shares, self.ratings.index, name="first_places")

    @property
    def verdict(self) -> tuple[str, ...]:
        """Who leads, and how clearly."""
        if self.scores.empty:
            return ("No venue has all the ratings that count: rate at least one.",)
        leader = str(self.scores.index[0])
        leads = f"'{leader}' leads with {self.scores.iloc[0]:.1f} of {BEST_SCORE:.0f} points."
        if len(self.scores) == 1:
            return (leads,)
        ahead = self.scores.iloc[0] - self.scores.iloc[1]
        return (
            leads,
            f"It is {ahead:.1f} points ahead of '{self.scores.index[1]}', and first under "
            f"{percent(float(self.first_places[leader]), 0)} of all possible weights.",
        )

    @property
    def turning_points(self) -> tuple[str, ...]:
        """The weights at which another venue takes the lead."""
        return tuple(
            f"With {str(name).replace('_', ' ')} at {percent(row[edge], 0)} instead of {percent(row['share'], 0)}, "
            f"'{row[side]}' catches up."
            for name, row in self.reach.iterrows()
            for edge, side in (("lower", "below"), ("upper", "above"))
            if row[side]
        )

    @property
    def gaps(self) -> tuple[str, ...]:
        """Venues that are rated in part, and what they lack."""
        return tuple(
            f"'{name}' is unrated: {', '.join(lacking).replace('_', ' ')}." for name, lacking in self.unrated.items()
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the ranking says, and how sure it is."""
        return (*self.verdict, *self.turning_points, *self.gaps)

    def _reach(self, criterion: str) -> tuple[float, float, float, str, str]:
        share = float(self.weights.shares[criterion])
        if len(self.scores) < 2 or share == 1:
            return share, 0.0, 1.0, "", ""
        own = self.ratings[criterion].to_numpy(np.float64) * (BEST_SCORE / BEST_RATING)
        rest = (self.scores.to_numpy() - share * own) / (1 - share)
        lead: FloatArray = rest[0] - rest[1:]
        slope: FloatArray = (own[0] - rest[0]) - (own[1:] - rest[1:])
        with np.errstate(divide="ignore", invalid="ignore"):
            crossing = np.where(np.abs(slope) > ROUNDING, -lead / slope, np.nan)
        lower, below, upper, above = 0.0, "", 1.0, ""
        for place, at in enumerate(crossing):
            rival = str(self.scores.index[place + 1])
            if not ROUNDING < at < 1 - ROUNDING:
                continue  # nothing or everything, which is no share of one criterion among several
            if slope[place] > 0 and lower < at <= share:
                lower, below = float(at), rival
            elif slope[place] < 0 and share <= at < upper:
                upper, above = float(at), rival
        return share, lower, upper, below, above

    def _repr_html_(self) -> str:
        said = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.sentences)
        return f"<ul>{said}</ul>{self.table.round(1).to_html()}"


def rank(ratings: Ratings, weights: CriteriaWeights | None = None) -> Ranking:
    """Rank the venues that have ratings: score = 100 * sum of share x rating / 10.

    A venue that lacks a rating of a criterion with a weight is left out and named. Source: domain.md section 10.
    """
    weights = CriteriaWeights() if weights is None else weights
    counting = [name for name, points in weights.points.items() if points > 0]
    complete, unrated = {}, {}
    for name, rated in ratings.by_venue.items():
        lacking = tuple(criterion for criterion in counting if criterion not in rated)
        if lacking:
            unrated[name] = lacking
        else:
            complete[name] = {criterion: rated.get(criterion, 0.0) for criterion in CRITERIA}
    table = pd.DataFrame.from_dict(complete, orient="index", columns=list(CRITERIA)).astype(float).rename_axis("venue")
    scores = (table @ weights.shares * (BEST_SCORE / BEST_RATING)).rename("score")
    order = scores.sort_values(ascending=False, kind="stable").index
    return Ranking(scores[order], table.loc[order], weights, unrated)
