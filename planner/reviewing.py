"""The review of a plan: the quarterly sheet, the alerts, and the yearly checklist."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

from planner.disclaimer import DISCLAIMER
from planner.errors import InputError
from planner.market.history import checked_returns, history
from planner.market.universe import BUILT_IN
from planner.methods import most_crypto_of
from planner.outlook.alerts import (
    DEFAULT_THRESHOLDS,
    Alert,
    Thresholds,
    alerts_table,
    concentration_alerts,
    correlation_alerts,
    data_alerts,
    drift_alerts,
    in_order,
    review_alerts,
    tilt_alerts,
    volatility_alerts,
)
from planner.outlook.monitor import TOTAL, class_tracks, in_line, known_by, performance_by_class
from planner.policy.tactical import Tactical, tactical
from planner.trading.holdings import Holdings
from planner.wording import percent
from planner.yearly_checklist import NOTHING_EARLIER, UNCHANGED, yearly_checklist

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from planner.scenario import Scenario
    from planner.trading.rules import Decision


@dataclass(frozen=True, eq=False)
class Review:
    """A plan on the day ``as_of``.

    ``performance`` is that of the strategic targets by (period, class); ``drift`` that of what is held against the
    targets with their tilts; ``decision`` what the rule says; ``in_line`` each series against its own past;
    ``checklist`` the yearly questions with what changed. Weights and returns are decimals.
    """

    scenario: Scenario
    as_of: dt.date
    performance: pd.DataFrame
    drift: pd.DataFrame
    decision: Decision
    in_line: pd.DataFrame
    tactical: Tactical
    alerts: tuple[Alert, ...]
    checklist: pd.DataFrame

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table of the sheet, by its title."""
        return {
            "Alerts": alerts_table(self.alerts),
            "Performance of the targets": self.performance,
            "Drift": self.drift,
            "Tilts": self.tactical.table,
            "In line": self.in_line,
            "Yearly checklist": self.checklist,
        }

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """The sheet in words, alerts first."""
        periods = self.performance.index.unique("period")
        earned = [f"{percent(self.performance['earned'][period, TOTAL])} {period}" for period in periods]
        out = self.in_line.index[self.in_line["in_line"].eq(False)]
        changed = self.checklist.loc[~self.checklist["field"].isin([UNCHANGED, NOTHING_EARLIER]), "item"].unique()
        said = [alert.sentence for alert in self.alerts]
        if earned:
            said.append(f"The targets earned {', '.join(earned)}, before costs and taxes.")
        said.append(" ".join([*self.decision.reasons, "Trades are due." if self.decision.due else "Nothing is due."]))
        said += [f"{tilt.sentence.rstrip('.')}." for tilt in self.tactical.in_force]
        said.append(
            f"Out of line with its own past: {', '.join(map(str, out))}."
            if len(out)
            else "Every series is in line with its own past."
        )
        if len(changed):
            said.append(f"Changed since the last review: {', '.join(changed)}.")
        return tuple(said)

    def _repr_html_(self) -> str:
        said = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.sentences)
        tables = "".join(f"<h4>{escape(title)}</h4>{table.to_html()}" for title, table in self.tables.items())
        name = escape(self.scenario.name)
        return f"<h3>{name}, {self.as_of}</h3><ul>{said}</ul>{tables}<p>{escape(DISCLAIMER)}</p>"


def review(  # noqa: PLR0913 - one question, and what was known before
    scenario: Scenario,
    as_of: dt.date,
    holdings: Holdings | None = None,
    returns: pd.DataFrame | None = None,
    *,
    last_review: dt.date | None = None,
    earlier: Scenario | None = None,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> Review:
    """Review a plan on a day, with no month that was not over by then.

    ``holdings`` are the scenario's household's where they are left out, monthly ``returns`` the built-in history.
    ``last_review``, the scenario's where left out, is the day from which performance counts and the next review falls
    due; ``earlier`` the scenario as it stood then. Holdings of a later day, and a scenario without any, are
    InputErrors. Source: domain.md section 9.
    """
    if holdings is None:
        if scenario.household is None:
            raise InputError("There is nothing to review: give the scenario a household, or give the holdings.")
        holdings = Holdings(scenario.household, BUILT_IN)
    if holdings.as_of > as_of:
        raise InputError(
            f"The holdings are those of {holdings.as_of}, after the review of {as_of}: check the two days."
        )
    last_review = scenario.last_review if last_review is None else last_review
    universe = holdings.universe
    known = known_by(history() if returns is None else checked_returns(returns), as_of)
    tracks = class_tracks(known, universe)
    most_crypto = most_crypto_of(scenario, scenario.profile.assess())
    current = tactical(scenario.targets, scenario.tilts, as_of, most_crypto=most_crypto, universe=universe)
    today = Holdings(holdings.household.priced({}, as_of), universe)
    alerts = in_order(
        (
            *drift_alerts(holdings, current.targets, scenario.rebalancing, thresholds),
            *concentration_alerts(holdings, current.targets, most_crypto, thresholds),
            *volatility_alerts(tracks, thresholds),
            *correlation_alerts(tracks, thresholds),
            *review_alerts(last_review, as_of, thresholds),
            *tilt_alerts(scenario.tilts, as_of),
            *data_alerts(known.index[-1].date(), as_of, thresholds),
        )
    )
    return Review(
        scenario,
        as_of,
        performance_by_class(tracks, scenario.targets.weights, last_review),
        holdings.drift(current.targets),
        scenario.rebalancing.decide(today, current.targets, scenario.last_rebalanced),
        in_line(known, universe),
        current,
        alerts,
        yearly_checklist(scenario, earlier),
    )
