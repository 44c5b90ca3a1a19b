"""What asks for attention: each alert with its severity, its reason in a sentence, and the number behind it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.market.universe import BUILT_IN, CASH, CRYPTO, Universe
from planner.outlook.correlation import PERSISTENT_MONTHS, RECENT_MONTHS, SIGNIFICANCE, rise_test
from planner.outlook.return_models import EQUITIES
from planner.policy.tactical import tilted_label
from planner.trading.rules import AT_THE_EDGE, Frequency, Hybrid, Threshold, has_left
from planner.wording import count, percent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.policy.tactical import Tilt
    from planner.policy.targets import Targets
    from planner.trading.holdings import Holdings
    from planner.trading.rules import Rule

VOLATILITY_MONTHS = 3
FEWEST_MONTHS = 12
"""Of the history that recent months are compared with; fewer say nothing of what is usual. Ours."""


class Severity(IntEnum):
    """How soon to act; the higher, the sooner."""

    INFORMATION = 1
    WARNING = 2
    URGENT = 3


class AlertKind(StrEnum):
    """What an alert is about. Source: domain.md section 9."""

    CONCENTRATION = "concentration"
    DRIFT = "drift"
    VOLATILITY = "volatility jump"
    CORRELATION = "correlation shift"
    REVIEW = "review due"
    TILT = "tilt expired"
    DATA = "stale data"
    GRADE = "grade moved"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert: ``number`` reached ``threshold``; ``subject`` is the class, pair or tilt that it is about."""

    kind: AlertKind
    subject: str
    severity: Severity
    sentence: str
    number: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on something is an alert, for a user to change.

    - ``drift_is_urgent``: bands' widths from the target at which a drift outside its band is urgent; ours
    - ``concentration``: times the target; a crypto share grown from 5 to 10 % is an alert
    - ``volatility``: last three months against all earlier ones, root mean squared distance from the earlier mean over
      the earlier standard deviation. Twice is passed in 0.7 % of quarters where months are normal and nothing changed
      (three times its square is chi-squared of 3 degrees); ours
    - ``correlation_months``: what counts as recent in ``rise_test``, whose significance decides
    - ``review``: how often one looks at the plan; domain.md section 9
    - ``stale_months``: whole months without returns (a month's figures appear within weeks of its end), and the age of
      the prices in the accounts; ours
    """

    drift_is_urgent: float = 2.0
    concentration: float = 2.0
    volatility: float = 2.0
    correlation_months: int = RECENT_MONTHS
    review: Frequency = Frequency.QUARTERLY
    stale_months: int = 2

    def __post_init__(self) -> None:
        for name in ("drift_is_urgent", "concentration", "volatility"):
            if not getattr(self, name) > 1:
                raise InputError(f"The threshold '{name}' is {getattr(self, name):g}: it must be more than 1.")
        if self.stale_months < 1:
            raise InputError(f"The threshold 'stale_months' is {self.stale_months}: it must be at least 1.")
        if self.correlation_months < FEWEST_MONTHS:
            raise InputError(
                f"The threshold 'correlation_months' is {self.correlation_months}: it must be at least {FEWEST_MONTHS}."
            )


DEFAULT_THRESHOLDS = Thresholds()


def in_order(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """One alert of each kind and subject, the most severe first, then by kind and subject."""
    kinds = list(AlertKind)
    by_rank = sorted(alerts, key=lambda alert: (-alert.severity, kinds.index(alert.kind), alert.subject))
    first: dict[tuple[AlertKind, str], Alert] = {}
    for alert in by_rank:
        first.setdefault((alert.kind, alert.subject), alert)
    return tuple(first.values())


def alerts_table(alerts: Iterable[Alert]) -> pd.DataFrame:
    """A row an alert: ``severity``, ``kind``, ``subject``, ``number``, ``threshold`` and ``reason``."""
    rows = [(a.severity.name.lower(), str(a.kind), a.subject, a.number, a.threshold, a.sentence) for a in alerts]
    return pd.DataFrame(rows, columns=["severity", "kind", "subject", "number", "threshold", "reason"])


def edges_of(rule: Rule, targets: Targets) -> pd.DataFrame:
    """By asset class, the ``lower`` and ``upper`` weight at which a rule acts; a calendar leaves the targets' bands."""
    threshold = rule.threshold if isinstance(rule, Hybrid) else rule if isinstance(rule, Threshold) else Threshold()
    return threshold.edges(targets)


def drift_alerts(
    holdings: Holdings, targets: Targets, rule: Rule, thresholds: Thresholds = DEFAULT_THRESHOLDS
) -> tuple[Alert, ...]:
    """Classes at the edge of the band at which the rule acts, or beyond; of a calendar, the targets' own bands.

    ``number`` is the weight, ``threshold`` the edge.
    """
    found = []
    edges = edges_of(rule, targets)
    for name, target in targets.weights.items():
        weight = float(holdings.weights[name])
        lower, upper = float(edges["lower"][name]), float(edges["upper"][name])
        if holdings.total == 0 or not has_left(weight, lower, upper):
            continue
        edge = upper if weight > target else lower
        urgent = abs(weight - target) >= thresholds.drift_is_urgent * abs(edge - target) - AT_THE_EDGE
        sentence = (
            f"{holdings.universe[name].label}: {percent(weight)} of the household, where you act at {percent(edge)} "
            f"(target {percent(target)})."
        )
        severity = Severity.URGENT if urgent else Severity.WARNING
        found.append(Alert(AlertKind.DRIFT, name, severity, sentence, weight, edge))
    return tuple(found)


def concentration_alerts(
    holdings: Holdings, targets: Targets, most_crypto: float, thresholds: Thresholds = DEFAULT_THRESHOLDS
) -> tuple[Alert, ...]:
    """Classes, cash aside, grown to a multiple of their target; crypto also beyond the profile's range, urgently."""
    found = []
    for name, share in holdings.weights.items():
        weight, target, label = float(share), targets.weights[str(name)], holdings.universe[str(name)].label
        if name == CRYPTO and weight > most_crypto + AT_THE_EDGE:
            sentence = f"{label}: {percent(weight)} of the household, above the {percent(most_crypto)} of the profile."
            found.append(
                Alert(AlertKind.CONCENTRATION, str(name), Severity.URGENT, sentence, weight, most_crypto),
            )
        elif name != CASH and target > 0 and weight >= thresholds.concentration * target - AT_THE_EDGE:
            grown = f"{weight / target:.1f} times its target of {percent(target)}"
            sentence = f"{label}: grown to {percent(weight)} of the household, {grown}."
            edge = thresholds.concentration * target
            found.append(Alert(AlertKind.CONCENTRATION, str(name), Severity.WARNING, sentence, weight, edge))
    return tuple(found)


def volatility_alerts(
    tracks: pd.DataFrame, thresholds: Thresholds = DEFAULT_THRESHOLDS, universe: Universe = BUILT_IN
) -> tuple[Alert, ...]:
    """Classes, cash aside, whose last three months were far wilder than usual; ``number`` is by how many times."""
    found = []
    for name in tracks.columns.drop(CASH, errors="ignore"):
        values = tracks[name].dropna().to_numpy(np.float64)
        recent, before = values[-VOLATILITY_MONTHS:], values[:-VOLATILITY_MONTHS]
        if len(before) < FEWEST_MONTHS or before.std(ddof=1) == 0:
            continue
        times = float(np.sqrt(np.mean((recent - before.mean()) ** 2)) / before.std(ddof=1))
        if times >= thresholds.volatility - AT_THE_EDGE:
            sentence = (
                f"{universe[str(name)].label}: the last {VOLATILITY_MONTHS} months were {times:.1f} times as wild as "
                f"the {count(len(before), 'month')} before."
            )
            found.append(
                Alert(AlertKind.VOLATILITY, str(name), Severity.WARNING, sentence, times, thresholds.volatility)
            )
    return tuple(found)


def correlation_alerts(tracks: pd.DataFrame, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> tuple[Alert, ...]:
    """Crypto's correlation with equities, where it rose or fell for good; a fall is no warning.

    ``number`` is the largest p-value of late, of the rise or of the fall.
    """
    pair = tracks[[CRYPTO, EQUITIES]].dropna() if {CRYPTO, EQUITIES} <= set(tracks.columns) else pd.DataFrame()
    if len(pair) < 2 * thresholds.correlation_months:
        return ()
    test = rise_test(pair, months=thresholds.correlation_months)
    subject, late = f"{CRYPTO} and {EQUITIES}", test.table["p_value"].tail(PERSISTENT_MONTHS)
    if test.alert:
        largest = float(late.max())
        return (Alert(AlertKind.CORRELATION, subject, Severity.WARNING, test.sentence, largest, SIGNIFICANCE),)
    of_a_fall = 1 - float(late.min())
    if len(late) < PERSISTENT_MONTHS or of_a_fall >= SIGNIFICANCE:
        return ()
    now = test.table.iloc[-1]
    sentence = (
        f"The correlation of {subject} has fallen and stayed down: {now['recent']:.2f} over the last {test.months} "
        f"months against {now['before']:.2f} before."
    )
    return (Alert(AlertKind.CORRELATION, subject, Severity.INFORMATION, sentence, of_a_fall, SIGNIFICANCE),)


def review_alerts(
    last_review: dt.date | None, as_of: dt.date, thresholds: Thresholds = DEFAULT_THRESHOLDS
) -> tuple[Alert, ...]:
    """A review that is due, or was never made; ``number`` is the days since the last, ``threshold`` those allowed."""
    if last_review is None:
        sentence = "No earlier review is known: this is the first."
        return (Alert(AlertKind.REVIEW, "review", Severity.INFORMATION, sentence, np.nan, np.nan),)
    if last_review > as_of:
        raise InputError(f"The last review was on {last_review}, after {as_of}: check the two days.")
    due = thresholds.review.after(last_review)
    if as_of < due:
        return ()
    days, allowed = (as_of - last_review).days, (due - last_review).days
    sentence = f"The last review was on {last_review}; the {thresholds.review} one has been due since {due}."
    return (Alert(AlertKind.REVIEW, "review", Severity.WARNING, sentence, float(days), float(allowed)),)


def tilt_alerts(tilts: Iterable[Tilt], as_of: dt.date, universe: Universe = BUILT_IN) -> tuple[Alert, ...]:
    """Tilts that are over; ``number`` is the days since their end."""
    return tuple(
        Alert(
            AlertKind.TILT,
            f"{tilt.asset} until {tilt.ends}",
            Severity.INFORMATION,
            f"The tilt of {tilted_label(tilt.asset, universe)} has been over since {tilt.ends} ({tilt.reason}).",
            float((as_of - tilt.ends).days),
            0.0,
        )
        for tilt in tilts
        if tilt.has_expired(as_of)
    )


def data_alerts(last_month: dt.date, as_of: dt.date, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> tuple[Alert, ...]:
    """Returns that end long before a day; ``number`` is how many whole months are missing."""
    after = as_of + dt.timedelta(days=1)
    missing = (after.year - last_month.year) * 12 + after.month - last_month.month - 1
    if missing < thresholds.stale_months:
        return ()
    sentence = f"The returns end on {last_month}: {count(missing, 'whole month')} to {as_of} are missing."
    return (
        Alert(AlertKind.DATA, "returns", Severity.WARNING, sentence, float(missing), float(thresholds.stale_months)),
    )


def price_alerts(priced: dt.date, as_of: dt.date, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> tuple[Alert, ...]:
    """Prices of the holdings that are old; ``number`` is how many whole months."""
    old = (as_of.year - priced.year) * 12 + as_of.month - priced.month - (as_of.day < priced.day)
    if old < thresholds.stale_months:
        return ()
    sentence = f"The prices in the accounts are those of {priced}, {count(old, 'month')} before {as_of}."
    return (Alert(AlertKind.DATA, "prices", Severity.WARNING, sentence, float(old), float(thresholds.stale_months)),)
