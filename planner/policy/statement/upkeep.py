"""Sections on looking after it: rebalancing, phasing in, the calendar, who does what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.household.accounts import Treatment
from planner.market.universe import CRYPTO
from planner.outlook.alerts import DEFAULT_THRESHOLDS
from planner.outlook.correlation import TYPICAL
from planner.policy.frequency import Frequency
from planner.policy.statement.basis import TOO_LITTLE_TO_SHOW, listed, on_day, points
from planner.policy.tactical import tilted_label
from planner.reports.blocks import Block, Bullets, Paragraph, Table
from planner.trading.holdings import total_drift
from planner.trading.phasing import DEFAULT_MONTHS
from planner.trading.rules import Calendar, Destination, Hybrid, Threshold
from planner.wording import percent
from planner.yearly_checklist import QUESTIONS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from planner.policy.statement.basis import Basis
    from planner.policy.targets import Band

PHASING_MONTHS = (3, 6)
"""domain.md section 8."""

YEARLY = Frequency.ANNUALLY

QUARTERLY_CHECKS = "Results, drift from the targets, whether the targets still fit, whether each index keeps in line"
"""domain.md section 9."""


def rebalancing(basis: Basis) -> tuple[Block, ...]:
    """When one acts, how far back, in which order, at what price."""
    trading, rule = basis.scenario.trading, basis.scenario.rebalancing
    costs = [f"Trading costs about {percent(trading.cost, 2)} of the amount traded"]
    costs += [
        f"{percent(rate, 2)} for {tilted_label(name, basis.universe)}"
        for name, rate in trading.costs.items()
        if name != CRYPTO or basis.holds_crypto
    ]
    said = [
        *_rule_said(rule, basis),
        f"Up to {basis.money(100 * trading.tracking_price)} of tax and costs is paid for each {basis.money(100)} that "
        "is brought back, and no more."
        if trading.tracking_price
        else f"Nothing is paid in tax or costs to come back to {_aim(basis)}.",
        f"{', '.join(costs)}. Orders of less than {basis.money(trading.minimum_trade)} are left out.",
    ]
    last = basis.scenario.last_rebalanced
    said.append(
        "The mix was not rebalanced yet."
        if last is None
        else f"The mix was last rebalanced, or looked at, on {on_day(last)}."
    )
    return Bullets(tuple(said)), Paragraph("What is done first:"), Bullets(_order(basis))


def _aim(basis: Basis) -> str:
    """What trades lead back to."""
    return "the plan" if basis.leaves_the_targets else "its targets"


def _rule_said(rule: Calendar | Threshold | Hybrid, basis: Basis) -> tuple[str, ...]:
    match rule:
        case Calendar():
            return (
                f"The mix is brought back to {_aim(basis)} {_often(rule.frequency)}, however far it has drifted.",
                "Between these dates a class that reaches the edge of its band raises an alert, and no trade.",
            )
        case Threshold():
            when = "Whenever a class reaches the edge of its band, the mix is brought back"
        case Hybrid():
            when = (
                f"One looks {_often(rule.look)}. If a class has then reached the edge of its band, the mix is brought "
                "back"
            )
    threshold = rule.threshold if isinstance(rule, Hybrid) else rule
    return f"{when} {_destination(threshold.destination, basis)}.", _bands_said(threshold, basis)


def _often(frequency: Frequency) -> str:
    return {Frequency.MONTHLY: "every month", Frequency.QUARTERLY: "every quarter", YEARLY: "every year"}.get(
        frequency, str(frequency)
    )


def _destination(destination: Destination, basis: Basis) -> str:
    return {
        Destination.TARGET: f"to {_aim(basis)}",
        Destination.HALF_WAY: "half-way into the band",
        Destination.EDGE: "to the edge of the band",
    }[destination]


def _bands_said(threshold: Threshold, basis: Basis) -> str:
    planned = basis.planned
    bands = {name: threshold.band(name, planned) for name in planned.weights}
    commonest = max(bands.values(), key=list(bands.values()).count)
    others = [f"{basis.universe[name].label} at {_width(band)}" for name, band in bands.items() if band != commonest]
    beside = f"; {listed(others)}" if others else ""
    return f"A class reaches the edge at {_width(commonest)} from where it should be{beside}."


def _width(band: Band) -> str:
    above = _side(band.absolute, band.relative)
    if band.absolute_below is None and band.relative_below is None:
        return above
    return f"{above} above or {_side(band.absolute_below, band.relative_below)} below"


def _side(absolute: float | None, relative: float | None) -> str:
    widths = [points(absolute)] if absolute is not None else []
    widths += [f"{percent(relative)} of its weight"] if relative is not None else []
    return " or ".join(widths) + (", whichever is less," if len(widths) > 1 else "")


def _order(basis: Basis) -> tuple[str, ...]:
    """Source: domain.md section 6."""
    household = basis.scenario.household
    treatments = set() if household is None else {account.kind.treatment for account in household.accounts}
    steps = ["New money and withdrawals are led to where something is missing or too much."]
    if household is None or treatments - {Treatment.TAXED}:
        steps.insert(0, "Trades inside retirement accounts, which are not taxed.")
    if household is None or Treatment.TAXED in treatments:
        steps += [
            "In taxable accounts, what stands at a loss is sold next.",
            "Last is what stands at a gain, the lots held for more than a year before the others.",
        ]
    return tuple(steps)


def phasing(basis: Basis) -> tuple[Block, ...]:
    """How new money, or a large move, goes in. Source: domain.md section 8."""
    fewest, most = PHASING_MONTHS
    said = [
        f"A large sum, or a large move between classes, goes in over {fewest} to {most} months in equal parts, "
        f"{DEFAULT_MONTHS} where nothing else is agreed. What waits is held in cash.",
        "This spreads the chance of a bad day. It is not done to earn more: what waits misses what the markets do.",
    ]
    if basis.holdings is None:
        return (Bullets(tuple(said)),)
    drift = total_drift(basis.holdings.drift(basis.plan.trade_targets if basis.tactical else basis.planned)["drift"])
    day = on_day(basis.holdings.as_of)
    if not basis.holdings.total:
        return (Bullets(tuple(said)),)
    if drift < TOO_LITTLE_TO_SHOW:
        said.append(f"On {day} the accounts stood where they should.")
    else:
        amount = drift * basis.holdings.total
        said.append(
            f"On {day}, {percent(drift)} of the accounts, {basis.money(amount)}, lay in another class than it should. "
            f"Moved in {DEFAULT_MONTHS} parts, that is about {basis.money(amount / DEFAULT_MONTHS)} a month."
        )
    return (Bullets(tuple(said)),)


def monitoring(basis: Basis) -> tuple[Block, ...]:
    """The dates ahead, and what is looked at. Source: domain.md section 9."""
    rows = tuple((on_day(day), _on(day, basis)) for day in sorted({day for day, _ in _dates(basis)}))
    alerts = [
        "a class reaches the edge of its band",
        "ups and downs grow well beyond what they were",
        "a tilt is over",
        "a review is due",
    ]
    if basis.holds_crypto:
        alerts.insert(1, f"crypto grows to {DEFAULT_THRESHOLDS.concentration:g} times the weight it should have")
        alerts.insert(2, "shares and bitcoin begin to move more alike")
    last = basis.scenario.last_review
    reviewed = "No review was made yet." if last is None else f"The last review was on {on_day(last)}."
    said = [
        f"Every quarter: {QUARTERLY_CHECKS[0].lower()}{QUARTERLY_CHECKS[1:]}.",
        f"Every year: {' '.join(QUESTIONS.values())}",
        f"In between, an alert says when {listed(alerts, 'or')}.",
    ]
    if basis.holds_crypto:
        low, high = TYPICAL
        said.append(
            f"The correlation of bitcoin and shares is typically {low:+g} to {high:+g}; at 0 neither follows the "
            "other, at +1 they move in step. It rises in a crisis. A lasting rise means that crypto spreads the risk "
            "less, and the targets are looked at anew."
        )
    return Paragraph(reviewed), Table("What is due in the year ahead.", ("Date", "What"), rows), Bullets(tuple(said))


def _on(day: dt.date, basis: Basis) -> str:
    what = "; ".join(found for when, found in _dates(basis) if when == day)
    due = ": due since then" if day < basis.as_of else ": due now" if day == basis.as_of else ""
    return f"{what[0].upper()}{what[1:]}{due}"


def _dates(basis: Basis) -> Iterator[tuple[dt.date, str]]:
    scenario, today = basis.scenario, basis.as_of
    yearly, quarterly = (_looks(each, scenario.last_review, today) for each in (YEARLY, Frequency.QUARTERLY))
    yield from ((day, "yearly review") for day in yearly)
    yield from ((day, "quarterly review") for day in quarterly)
    rule = scenario.rebalancing
    if not isinstance(rule, Threshold):
        often = rule.look if isinstance(rule, Hybrid) else rule.frequency
        what = "look at the bands" if isinstance(rule, Hybrid) else "rebalancing"
        yield from ((day, what) for day in _looks(often, scenario.last_rebalanced, today))
    for tilt in scenario.tilts:
        label = tilted_label(tilt.asset, basis.universe)
        for day, what in ((tilt.starts, "begins"), (tilt.ends, "is over")):
            if today < day <= YEARLY.after(today):
                yield day, f"the tilt of {label} {what}"


def _looks(frequency: Frequency, last: dt.date | None, today: dt.date) -> list[dt.date]:
    """Dates of looks up to a year ahead, the one that is due by now first; without a last time, today."""
    days = [today if last is None else frequency.after(last)]
    until = YEARLY.after(today)
    while days[-1] <= until:
        days.append(frequency.after(max(days[-1], today)))
    return days[:-1]


def responsibilities(basis: Basis) -> tuple[Block, ...]:
    """Who does what."""
    client = listed(basis.clients)
    tells = "To tell of every change of job, income, health, family or plans; to decide; to sign"
    keeps = "to hold the reviews on their dates; to work out the trades; to write every change into the journal"
    own_adviser = [(client, f"{tells}; {keeps}")]
    rows = [(client, tells), (basis.adviser, f"T{keeps[1:]}")] if basis.adviser else own_adviser
    if basis.scenario.household is not None:
        rows.append(
            ("Custodians of the accounts", "To hold the assets; to carry out orders; to report for the tax return")
        )
    rows.append(("A tax adviser", "To check what this says about taxes before anything is sold at a large gain"))
    return (Table("Who does what.", ("Who", "Task"), tuple(rows)),)
