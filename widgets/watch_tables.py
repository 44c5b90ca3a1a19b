"""Alerts, results and what changed as HTML. Every text is escaped here."""

from __future__ import annotations

import math
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

from planner.outlook.alerts import Alert, AlertKind, Severity
from planner.outlook.monitor import STATISTICS, TOTAL
from planner.wording import count, money, percent
from planner.yearly_checklist import NOTHING_EARLIER, UNCHANGED
from widgets.account_charts import signed_points
from widgets.account_tables import swatch
from widgets.tables import muted
from widgets.trade_tables import day
from widgets.watch_charts import TOTAL_LABEL, signed_percent

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pandas as pd

    from planner.market.universe import Universe

SIGNS = {Severity.URGENT: ("▲", "Urgent"), Severity.WARNING: ("●", "Warning"), Severity.INFORMATION: ("i", "To know")}

TO_DO = {
    AlertKind.DRIFT: "The Trades tab finds the orders that bring it back, and what they cost.",
    AlertKind.CONCENTRATION: "Bring it back on the Trades tab: at this size it decides what a bad year costs you.",
    AlertKind.VOLATILITY: "Nothing to trade for this alone. Outlook, Stress shows what a fall of it would cost you.",
    AlertKind.CORRELATION: "Outlook, Correlation shows what the plan would hold if it stays like this.",
    AlertKind.REVIEW: "Go through this page from top to bottom, then press 'Reviewed today'.",
    AlertKind.TILT: "Remove it below, or add it anew with a later end.",
    AlertKind.GRADE: "Look at why it moved, and whether its index still does what you hold it for.",
    AlertKind.DATA: "What this page says of performance, volatility and correlation ends there.",
}
FIGURES: dict[AlertKind, tuple[Callable[[float], str], Callable[[float], str]]] = {
    AlertKind.DRIFT: (percent, lambda limit: f"act at {percent(limit)}"),
    AlertKind.CONCENTRATION: (percent, lambda limit: f"alert at {percent(limit)}"),
    AlertKind.VOLATILITY: ("{:.1f} ×".format, "alert at {:g} ×".format),
    AlertKind.CORRELATION: (lambda number: f"p = {percent(number)}", lambda limit: f"alert below {percent(limit)}"),
    AlertKind.REVIEW: (lambda number: count(number, "day"), "due after {:g}".format),
    AlertKind.TILT: (lambda number: count(number, "day"), lambda _: "since its end"),
    AlertKind.GRADE: ("{:+.0f} points".format, "alert from {:g}".format),
    AlertKind.DATA: (lambda number: count(number, "month"), "alert from {:g}".format),
}
"""How the number behind an alert is said, and what it is held against."""

TO_DO_ABOUT_PRICES = "Type today's prices into the Accounts tab: drift is judged by them."
NO_ALERTS = "Nothing asks for your attention."
LEAST_MOVE = 0.0005
"""What is said of a move to a tenth of a point is nothing below this."""

NONE = "<span class='pl-none'>–</span>"


def alerts(found: Sequence[Alert]) -> str:
    """Alerts in their order, each with its severity in words, its number, and what to do."""
    if not found:
        return f"<div class='pl-note pl-rest' role='status'><b>{NO_ALERTS}</b></div>"
    return f"<ul class='pl-alerts'>{''.join(map(_alert, found))}</ul>"


def _alert(alert: Alert) -> str:
    sign, word = SIGNS[alert.severity]
    about_prices = alert.kind is AlertKind.DATA and alert.subject == "prices"
    number, limit = figures_of(alert)
    figure = f"<b>{number}</b><small>{limit}</small>" if number else ""
    return (
        f"<li class='pl-alert pl-{alert.severity.name.lower()}'>"
        f"<span class='pl-severity'><i aria-hidden='true'>{sign}</i> {word}</span>"
        f"<span class='pl-alert-number'>{figure}</span>"
        f"<span><b>{escape(alert.sentence)}</b><br>{escape(TO_DO_ABOUT_PRICES if about_prices else TO_DO[alert.kind])}"
        "</span></li>"
    )


def figures_of(alert: Alert) -> tuple[str, str]:
    """The number behind an alert and what it is held against; empty where there is none."""
    if math.isnan(alert.number):
        return "", ""
    number, limit = FIGURES[alert.kind]
    return number(alert.number), limit(alert.threshold)


def severities(found: Sequence[Alert]) -> str:
    """How many alerts of each severity there are: '1 urgent, 3 warnings'."""
    counts = {severity: sum(alert.severity is severity for alert in found) for severity in SIGNS}
    words = (
        f"{counts[Severity.URGENT]} urgent" if counts[Severity.URGENT] else "",
        count(counts[Severity.WARNING], "warning") if counts[Severity.WARNING] else "",
        f"{counts[Severity.INFORMATION]} to know" if counts[Severity.INFORMATION] else "",
    )
    return ", ".join(filter(None, words)) or "No alerts"


def performance(period: pd.DataFrame, universe: Universe) -> str:
    """One period of ``Review.performance``: what each class earned, and what that gave to the whole."""
    return _table(
        "What the targets earned, before costs and taxes",
        ("asset class", "target", "earned", "a year", "gave to all"),
        (
            (
                _class(str(name), universe),
                percent(row["weight"]),
                signed_percent(row["earned"]),
                _unless_nan(row["growth"], signed_percent),
                signed_percent(row["contribution"]) if row["weight"] > 0 else NONE,
            )
            for name, row in period.iterrows()
        ),
        kind="pl-household",
    )


def held(results: pd.DataFrame, universe: Universe, currency: str) -> str:
    """``Review.held``: what is held, what it cost, and what the money in it has earned a year."""

    def amount(value: float) -> str:
        return escape(money(value, currency))

    return _table(
        "What has come of your own purchases",
        ("asset class", "worth", "cost known of", "cost", "gain not yet taken", "a year", "since"),
        (
            (
                _class(str(name), universe),
                amount(row["value"]),
                *(
                    (
                        amount(row["known"]),
                        amount(row["basis"]),
                        amount(row["gain"]),
                        _unless_nan(row["growth"], signed_percent),
                        f"{row['since']:%B %Y}",
                    )
                    if row["known"] > 0
                    else (NONE,) * 5
                ),
            )
            for name, row in results.iterrows()
        ),
        kind="pl-household",
    )


def in_line(series: pd.DataFrame, universe: Universe) -> str:
    """``Review.in_line``: each index's last year in the range of its own past, as numbers and as a small scale."""
    labels = {member.name: member.label for kind in universe.classes for member in kind.series}
    return _table(
        "The last twelve months, against all years before",
        ("index", "verdict", "volatility", "moves with its class", "ahead of its class"),
        (
            (
                swatch(universe[universe.class_of[str(name)]].colour) + escape(labels[str(name)]),
                _verdict(row),
                _scale(row, "volatility", percent),
                _scale(row, "correlation", "{:.2f}".format),
                _scale(row, "ahead", signed_percent),
            )
            for name, row in series.iterrows()
        ),
        kind="pl-in-line",
    )


VERDICTS = {
    "volatility": ("calmer than ever", "wilder than ever"),
    "correlation": ("apart from its class", "closer to its class than ever"),
    "ahead": ("far behind its class", "far ahead of its class"),
}


def _verdict(row: pd.Series[float]) -> str:
    if row["in_line"] is None:
        return "<span class='pl-none'>too short a past</span>"
    said = []
    for name in STATISTICS:
        below, above = VERDICTS[name]
        if row[name] < row[f"lowest_{name}"]:
            said.append(below)
        elif row[name] > row[f"highest_{name}"]:
            said.append(above)
    return f"<b class='pl-out'>▲ {', '.join(said)}</b>" if said else "in line"


def _scale(row: pd.Series[float], name: str, worded: Callable[[float], str]) -> str:
    """A number, and where it stands between the lowest and the highest of the past."""
    now, lowest, highest = (float(row[field]) for field in (name, f"lowest_{name}", f"highest_{name}"))
    if math.isnan(now):
        return NONE
    if math.isnan(lowest) or highest <= lowest:
        return worded(now)
    place = min(max((now - lowest) / (highest - lowest), 0.0), 1.0)
    return (
        f"<b>{worded(now)}</b><span class='pl-scale' aria-hidden='true'><i style='left:{100 * place:.0f}%'></i></span>"
        f"<small>{worded(lowest)} to {worded(highest)}</small>"
    )


def moved(drift: pd.DataFrame, universe: Universe, since: dt.date) -> str:
    """How weights have moved since an earlier day, the largest move first, as a sentence in small print."""
    moves = (drift["weight"] - drift["before"]).sort_values(key=abs, ascending=False)
    listed = ", ".join(
        f"{universe[str(name)].label} {signed_points(move)}" for name, move in moves.items() if abs(move) >= LEAST_MOVE
    )
    return muted(f"Moved since {day(since)}, in points: {listed or 'nothing'}.")


def checklist(table: pd.DataFrame) -> str:
    """The yearly questions, each with what changed since the earlier plan."""
    entries = []
    for question, rows in groupby(table.to_dict(orient="records"), key=lambda row: row["question"]):
        changes = list(rows)
        only = changes[0]["field"]
        if only == NOTHING_EARLIER:
            below = ""
        elif only == UNCHANGED:
            below = "<p class='pl-muted'>Nothing has changed.</p>"
        else:
            below = f"<ul class='pl-reasons'>{''.join(map(_change, changes))}</ul>"
        entries.append(f"<li><b>{escape(question)}</b>{below}</li>")
    return f"<ol class='pl-questions'>{''.join(entries)}</ol>"


def _change(row: Mapping[Any, Any]) -> str:
    field, before, after = (escape(str(row[name])) for name in ("field", "before", "after"))
    if not before:
        return f"<li>new: {field}{'' if after == 'yes' else f' {after}'}</li>"
    if not after:
        return f"<li>gone: {field}{'' if before == 'yes' else f' {before}'}</li>"
    return f"<li>{field}: {before} → <b>{after}</b></li>"


def tilt_state(state: str, sentence: str, *, over: bool) -> str:
    """A tilt in words, grey where it is over."""
    kind = "pl-tilt-over" if over else ""
    return f"<span class='{kind}'><b>{escape(sentence)}</b><br><small>{escape(state)}</small></span>"


def _class(name: str, universe: Universe) -> str:
    if name == TOTAL:
        return TOTAL_LABEL
    return swatch(universe[name].colour) + escape(universe[name].label)


def _unless_nan(value: float, worded: Callable[[float], str]) -> str:
    return NONE if math.isnan(value) else worded(value)


def _table(title: str, heads: Sequence[str], rows: Iterable[tuple[str, ...]], kind: str = "") -> str:
    """Rows of HTML cells below a caption, the first of each its head; one named together is the foot."""
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in heads)
    body, foot = "", ""
    for first, *cells in rows:
        line = f"<tr><th scope='row'>{first}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
        if first == TOTAL_LABEL:
            foot = f"<tfoot>{line}</tfoot>"
        else:
            body += line
    return (
        f"<div class='pl-scroll' tabindex='0' role='region' aria-label='{escape(title)}'>"
        f"<table class='pl-table {kind}'><caption>{escape(title)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody>{foot}</table></div>"
    )
