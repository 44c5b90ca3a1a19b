"""The review of a plan: the quarterly sheet, the alerts, and the yearly checklist."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from planner.disclaimer import DISCLAIMER
from planner.errors import InputError
from planner.household.accounts_layout import cell_of
from planner.market.history import checked_returns
from planner.market.universe import CRYPTO
from planner.outlook.alerts import (
    DEFAULT_THRESHOLDS,
    Alert,
    Thresholds,
    alerts_table,
    concentration_alerts,
    correlation_alerts,
    data_alerts,
    drift_alerts,
    edges_of,
    in_order,
    price_alerts,
    review_alerts,
    tilt_alerts,
    volatility_alerts,
)
from planner.outlook.grade_alerts import grade_alerts, graded_and_held
from planner.outlook.monitor import TOTAL, class_tracks, in_line, known_by, performance_by_class
from planner.outlook.still_held import still_held
from planner.planning import market_for, plan
from planner.trading.holdings import Holdings
from planner.wording import percent
from planner.yearly_checklist import NOTHING_EARLIER, UNCHANGED, yearly_checklist

if TYPE_CHECKING:
    from planner.market.grades import Grades
    from planner.market.market import Market
    from planner.policy.tactical import Tactical
    from planner.policy.targets import Targets
    from planner.scenario import Scenario
    from planner.trading.rules import Decision


@dataclass(frozen=True, eq=False)
class Review:
    """A plan on the day ``as_of``.

    ``performance`` is that of the strategic targets by (period, class), ``held`` what has come of the purchases that
    are still held. ``drift`` is that of what is held against what trades lead to, the plan's weights with their tilts,
    with the bands at which the rule acts, the ``strategic`` targets and the weights ``before``, those of the earlier
    scenario's accounts (NaN where there are none); ``decision`` what the rule says;
    ``in_line`` each series against its own past; ``checklist`` the yearly questions with what changed; ``blockers``
    what stands in the way of the plan, in sentences. Weights and returns are decimals.
    """

    scenario: Scenario
    as_of: dt.date
    performance: pd.DataFrame
    held: pd.DataFrame
    drift: pd.DataFrame
    decision: Decision
    in_line: pd.DataFrame
    tactical: Tactical
    alerts: tuple[Alert, ...]
    checklist: pd.DataFrame
    blockers: tuple[str, ...] = ()

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table of the sheet, by its title."""
        return {
            "Alerts": alerts_table(self.alerts),
            "Performance of the targets": self.performance,
            "Still held": self.held,
            "Drift": self.drift,
            "Tilts": self.tactical.table,
            "In line": self.in_line,
            "Yearly checklist": self.checklist,
        }

    def to_csv(self) -> str:
        """The sheet as CSV, safe for a spreadsheet: ``table``, ``row``, ``column`` and ``value`` of each cell."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("table", "row", "column", "value"))
        for title, table in self.tables.items():
            for label, cells in zip(table.index, table.itertuples(index=False), strict=True):
                row = ", ".join(map(str, label)) if isinstance(label, tuple) else str(label)
                for column, value in zip(table.columns, cells, strict=True):
                    writer.writerow([cell_of(cell) for cell in (title, row, column, _plain(value))])
        return text.getvalue()

    def to_dict(self) -> dict[str, Any]:
        """The sheet as JSON-able values: tables as lists of rows, days as ISO text; None is undefined."""
        return {
            "scenario": self.scenario.model_dump(mode="json"),
            "as_of": str(self.as_of),
            "sentences": list(self.sentences),
            "due": self.decision.due,
            "tables": {title: _rows(table) for title, table in self.tables.items()},
            "disclaimer": DISCLAIMER,
        }

    @property
    def targets_sentence(self) -> str:
        """Whether the targets still fit the profile, which is asked every quarter."""
        suggested = self.scenario.profile.assess().crypto_range
        held = percent(self.scenario.targets.weights[CRYPTO])
        return f"Are the targets still right? Crypto by your profile: {suggested}; in your targets: {held}."

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """The sheet in words, alerts first."""
        periods = self.performance.index.unique("period")
        earned = [f"{percent(self.performance['earned'][period, TOTAL])} {period}" for period in periods]
        out = self.in_line.index[self.in_line["in_line"].eq(False)]
        changed = self.checklist.loc[~self.checklist["field"].isin([UNCHANGED, NOTHING_EARLIER]), "item"].unique()
        said = [*self.blockers, *(alert.sentence for alert in self.alerts)]
        if earned:
            said.append(f"The targets earned {', '.join(earned)}, before costs and taxes.")
        said.append(" ".join([*self.decision.reasons, "Trades are due." if self.decision.due else "Nothing is due."]))
        said.append(self.targets_sentence)
        said += [f"{tilt.sentence(self.tactical.universe)}." for tilt in self.tactical.in_force]
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
    market: Market | None = None,
    grades: Grades | None = None,
) -> Review:
    """Review a plan on a day; performance, alerts and series know no month that was not over by then.

    ``holdings`` are the scenario's household's where they are left out, monthly ``returns`` those of the ``market``, in
    which the scenario is planned as it is today (default: the built-in one). ``last_review``, the scenario's where left
    out, is the day from which performance counts and the next review falls due; ``earlier`` the scenario as it stood
    then; of ``grades``, those of what is held that moved join the alerts. Holdings of a later day or in another
    universe, and a scenario without any, are InputErrors.
    Source: domain.md section 9.
    """
    market = market_for(scenario, market)
    universe = market.universe
    holdings = _checked(scenario, holdings, market, as_of)
    last_review = scenario.last_review if last_review is None else last_review
    known = known_by(market.returns if returns is None else checked_returns(returns), as_of)
    tracks = class_tracks(known, universe)
    planned = plan(scenario, market, as_of)
    targets = planned.trade_targets
    today = Holdings(holdings.household.priced({}, as_of), universe)
    alerts = in_order(
        (
            *drift_alerts(holdings, targets, scenario.rebalancing, thresholds),
            *concentration_alerts(holdings, targets, planned.crypto_cap, thresholds),
            *volatility_alerts(tracks, thresholds, universe),
            *correlation_alerts(tracks, thresholds),
            *review_alerts(last_review, as_of, thresholds),
            *tilt_alerts(scenario.tilts, as_of, universe),
            *data_alerts(known.index[-1].date(), as_of, thresholds),
            *price_alerts(holdings.as_of, as_of, thresholds),
            *_grade_alerts(grades, holdings, scenario),
        )
    )
    return Review(
        scenario,
        as_of,
        performance_by_class(tracks, scenario.targets.weights, last_review),
        still_held(holdings),
        _drift(holdings, targets, scenario, earlier),
        scenario.rebalancing.decide(today, targets, scenario.last_rebalanced),
        in_line(known, universe),
        planned.tactical,
        alerts,
        yearly_checklist(scenario, earlier, universe),
        tuple(blocker.sentence for blocker in planned.blockers),
    )


def _checked(scenario: Scenario, holdings: Holdings | None, market: Market, as_of: dt.date) -> Holdings:
    if holdings is None:
        if scenario.household is None:
            raise InputError("There is nothing to review: give the scenario a household, or give the holdings.")
        holdings = Holdings(scenario.household, market.universe)
    if holdings.universe != market.universe:
        raise InputError("The holdings are in another universe than the market: make both in the same one.")
    if holdings.as_of > as_of:
        raise InputError(
            f"The holdings are those of {holdings.as_of}, after the review of {as_of}: check the two days."
        )
    return holdings


def _grade_alerts(grades: Grades | None, holdings: Holdings, scenario: Scenario) -> tuple[Alert, ...]:
    if grades is None:
        return ()
    return grade_alerts(grades.before, grades.now, graded_and_held(grades, holdings, scenario.sleeve))


def _drift(holdings: Holdings, targets: Targets, scenario: Scenario, earlier: Scenario | None) -> pd.DataFrame:
    drift = holdings.drift(targets)
    edges = edges_of(scenario.rebalancing, targets).loc[drift.index]
    strategic = pd.Series(dict(scenario.targets.weights))[drift.index]
    owned = None if earlier is None else earlier.household
    before = math.nan if owned is None else Holdings(owned, holdings.universe).weights
    return drift.assign(lower=edges["lower"], upper=edges["upper"], strategic=strategic, before=before)


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    named = table if table.index.names == [None] else table.reset_index()
    return [{str(name): _plain(value) for name, value in row.items()} for row in named.to_dict(orient="records")]


def _plain(value: Any) -> Any:
    """A cell as JSON knows it."""
    if isinstance(value, dt.date):
        return str(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value
