"""Sections on the mix itself: strategic targets and bands, tactical range, the crypto sleeve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.market.universe import CRYPTO
from planner.optimise import Budgeted, Solved
from planner.outlook.alerts import edges_of
from planner.policy.statement.basis import TOO_LITTLE_TO_SHOW, listed, on_day, points
from planner.policy.tactical import TACTICAL_RANGE, tilted_label
from planner.policy.wishes import label_of
from planner.reports.blocks import Block, Bullets, Paragraph, Table
from planner.scenario import Method
from planner.trading.rules import AT_THE_EDGE
from planner.wording import count, percent

if TYPE_CHECKING:
    from planner.policy.statement.basis import Basis
    from planner.policy.tactical import Tactical, Tilt

NO_EDGE = "–"


def targets(basis: Basis) -> tuple[Block, ...]:
    """The targets, what the plan makes of them, the bands, and the limits."""
    limits = [f"{limit.sentence(basis.universe)}{_gives_way(limit.soft)}." for limit in basis.scenario.limits]
    if basis.scenario.volatility_cap is not None:
        cap = percent(basis.scenario.volatility_cap)
        limits.append(f"In two years of three the plan's return may stray from its average by at most {cap}.")
    return (
        Paragraph(_method_said(basis)),
        _targets_table(basis),
        *((Paragraph("Limits that hold besides:"), Bullets(tuple(limits))) if limits else ()),
        *((Paragraph("Not met:"), Bullets(missed)) if (missed := _missed(basis)) else ()),
        Paragraph(
            "Targets change only when your circumstances do: another job, an inheritance, a child, retirement coming "
            "near. They do not change because markets moved."
        ),
    )


def _missed(basis: Basis) -> tuple[str, ...]:
    """Limits that gave way, and shares of the risk that could not be had."""
    found = basis.plan.portfolio
    if isinstance(found, Budgeted):
        return basis.plan.notes
    return tuple(each.sentence for each in found.violations) if isinstance(found, Solved) else ()


def _gives_way(soft: bool) -> str:
    return ", which gives way where not all limits can be kept" if soft else ""


def _method_said(basis: Basis) -> str:
    scenario = basis.scenario
    if basis.plan.portfolio is None:
        return "There is no plan yet, because something is still to be settled. These are the targets as they are."
    match scenario.method:
        case Method.STRATEGIC:
            return "The portfolio is held at these targets."
        case Method.MEAN_VARIANCE:
            return (
                "Around these targets the plan looks for the best balance of return and risk, with no class more than "
                f"{points(scenario.room)} from its target."
            )
        case Method.RISK_BUDGET:
            return (
                "These targets say how the risk is shared out, not the money: the plan holds what gives each class "
                "its share of the ups and downs. Cash, which has next to none, keeps its weight."
            )
        case Method.FRONTIER:
            picked = scenario.frontier_return
            wanted = "the return of these targets" if picked is None else f"a return of {percent(picked)} a year"
            return f"The plan is the calmest mix that is expected to earn {wanted}."


def _targets_table(basis: Basis) -> Table:
    planned, universe = basis.planned, basis.universe
    edges = edges_of(basis.scenario.rebalancing, planned)
    moved = basis.leaves_the_targets
    rows = []
    for name, weight in planned.weights.items():
        lower, upper = (float(edges[side][name]) for side in ("lower", "upper"))
        plan = (percent(weight),) if moved else ()
        bounds = (
            percent(lower) if lower > AT_THE_EDGE else NO_EDGE,
            percent(upper) if upper < 1 - AT_THE_EDGE else NO_EDGE,
        )
        target = percent(basis.scenario.targets.weights[name])
        rows.append((universe[name].label, target, *plan, *bounds, basis.of_the_whole(weight)))
    columns = ("Class", "Target", *(("Plan",) if moved else ()), "Lower edge", "Upper edge", "Amount")
    caption = (
        "Weights in percent of the portfolio; the edges of the band are where a class has drifted too far from the "
        f"{'plan' if moved else 'target'}. Amounts are of {basis.of_the_whole(1.0)}."
    )
    return Table(caption, columns, tuple(rows), columns[1:])


def tactical(basis: Basis) -> tuple[Block, ...]:
    """How far views may move the mix for a while, and the tilts there are."""
    said = [
        f"For a while, and with a reason, a class may be held up to {points(TACTICAL_RANGE)} above or below its "
        "target. Such a tilt has an end, on which it is over by itself."
    ]
    if basis.holds_crypto:
        cap = basis.plan.crypto_cap
        said.append(f"No tilt leads crypto above {percent(cap)}." if cap else "No tilt may add crypto.")
    tilts, day = basis.scenario.tilts, basis.as_of
    if basis.tactical is None or len(basis.tactical.in_force) < sum(tilt.runs(day) for tilt in tilts):
        said.append("The tilts as stated are not possible: none counts until that is settled.")
    elif basis.tactical.in_force:
        said.append(_tilted_said(basis.tactical, basis))
    else:
        said.append(f"On {on_day(day)} no tilt is in force.")
    current = [tilt for tilt in tilts if not tilt.has_expired(day)]
    over = len(tilts) - len(current)
    if over:
        said.append(f"{count(over, 'tilt')} agreed earlier {'is' if over == 1 else 'are'} over.")
    table = (_tilts_table(current, basis),) if current else ()
    return (Bullets(tuple(said)), *table)


def _tilted_said(found: Tactical, basis: Basis) -> str:
    """What the tilts in force make of the weights."""
    strategic, tilted = found.strategic.weights, found.targets.weights
    held = [
        f"{basis.universe[name].label} at {percent(weight)} instead of {percent(strategic[name])}"
        for name, weight in tilted.items()
        if abs(weight - strategic[name]) >= TOO_LITTLE_TO_SHOW
    ]
    number = len(found.in_force)
    are, them = ("is", "it") if number == 1 else ("are", "them")
    opening = f"{count(number, 'tilt')} {are} in force on {on_day(basis.as_of)}"
    if not held:
        return f"{opening}, inside the classes: their weights stay."
    return f"{opening}. With {them} the portfolio holds {listed(held)}. The bands move with these weights."


def _tilts_table(tilts: list[Tilt], basis: Basis) -> Table:
    rows = tuple(
        (
            tilted_label(tilt.asset, basis.universe),
            f"{points(abs(tilt.change))} {'more' if tilt.change > 0 else 'less'}",
            on_day(tilt.starts),
            on_day(tilt.ends),
            tilt.reason,
        )
        for tilt in sorted(tilts, key=lambda tilt: tilt.starts)
    )
    return Table("Tilts agreed.", ("Of", "Size", "From", "Over on", "Reason"), rows, ("Size",))


def sleeve(basis: Basis) -> tuple[Block, ...]:
    """What the crypto consists of, and what it can cost."""
    if not basis.holds_crypto:
        return (Paragraph("The plan holds no crypto, and needs none."), *_waiting_sleeve(basis))
    held = f"Crypto is {percent(basis.crypto)} of the portfolio, {basis.of_the_whole(basis.crypto)}."
    fall, lost = basis.scenario.crypto_fall, basis.plan.crypto_loss
    shock = (
        f"If crypto falls by {percent(fall)}, the whole portfolio loses {percent(lost)}, {basis.of_the_whole(lost)}; "
        f"if it falls to nothing, {percent(basis.crypto)}."
    )
    if basis.scenario.sleeve is None:
        return (Paragraph(f"{held} {_coins_said(basis)}"), Paragraph(shock))
    return (
        Paragraph(f"{held} It is shared out among {_indices(basis)}."),
        _sleeve_table(basis),
        Paragraph(
            "Each index brings itself back to its own weights. Between the indices, and between crypto and the other "
            "classes, this policy's rule does."
        ),
        Paragraph(shock),
    )


def _waiting_sleeve(basis: Basis) -> tuple[Block, ...]:
    if basis.scenario.sleeve is None:
        return ()
    return (Paragraph(f"Should it ever hold some, it would be shared out among {_indices(basis)}."),)


def _indices(basis: Basis) -> str:
    parts = () if basis.scenario.sleeve is None else basis.scenario.sleeve.parts
    return listed([f"{percent(part.share)} {part.recipe.label}" for part in parts])


def _coins_said(basis: Basis) -> str:
    weights = basis.plan.shown.weights
    held = {name: float(weights.get(name, 0.0)) for name in basis.universe.members(CRYPTO)}
    coins = [
        f"{percent(weight)} {label_of(name, basis.universe)}"
        for name, weight in held.items()
        if weight >= TOO_LITTLE_TO_SHOW
    ]
    return f"It is held directly: {listed(coins)}." if coins else ""


def _sleeve_table(basis: Basis) -> Table:
    found, weights = basis.scenario.sleeve, basis.plan.shown.weights
    rows = tuple(
        (
            part.recipe.label,
            part.recipe.method,
            percent(part.share),
            " to ".join(map(percent, part.range)) if part.has_range else "fixed",
            percent(float(weights.get(part.name, 0.0)), 2),
            basis.of_the_whole(float(weights.get(part.name, 0.0))),
        )
        for part in (() if found is None else found.parts)
    )
    columns = ("Index", "How it is weighted", "Share", "Range", "Of the portfolio", "Amount")
    return Table("Shares and ranges are parts of the crypto.", columns, rows, columns[2:])
