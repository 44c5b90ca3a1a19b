"""Sections on what the money is for: purpose, parties, the return needed, risk, and time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.market.universe import CRYPTO
from planner.outlook.projection import LAST_AGE
from planner.outlook.return_need import HIGHEST_NEED, compounded
from planner.policy.statement.basis import TOO_LITTLE_TO_SHOW, listed, on_day, points
from planner.reports.blocks import Block, Bullets, Paragraph, Table
from planner.wording import count, percent
from planner.wording import points as score

if TYPE_CHECKING:
    from planner.household.scores import Score
    from planner.policy.statement.basis import Basis

OVERRIDE = ("targets", "crypto override", "yes")
"""Item, field and value by which the journal knows that the crypto range was overridden; see ``planner.facts``."""


def purpose(basis: Basis) -> tuple[Block, ...]:
    """What the statement is, and what stands in the way of signing it."""
    said = (
        Paragraph(
            f"This statement says what the money of {basis.scenario.name} is for, how much risk it may take, and by "
            "which rules it is looked after. It is agreed while things are calm, so that in a crisis a rule decides "
            "and not a mood."
        ),
        Paragraph(
            f"It rests on the figures of {on_day(basis.as_of)}. It changes when your circumstances do, and every "
            "change is written down with its reason."
        ),
    )
    if not basis.plan.blockers:
        return said
    open_points = tuple(blocker.sentence for blocker in basis.plan.blockers)
    return (*said, Paragraph("Still to be settled before this can be signed:"), Bullets(open_points))


def parties(basis: Basis) -> tuple[Block, ...]:
    """Who agrees, and the household in figures."""
    names = listed(basis.clients)
    if basis.adviser:
        between = f"This statement is agreed by {names}, whose money it is, with {basis.adviser} as adviser."
    else:
        between = f"This statement is that of {names}. It names no adviser: you look after the money yourself."
    return Paragraph(between), household_table(basis)


def household_table(basis: Basis) -> Table:
    """The household in figures."""
    profile = basis.scenario.profile
    figures = (
        ("Age", f"{profile.age}"),
        ("People who depend on the income", f"{profile.dependents}"),
        ("Yearly income", basis.money(profile.yearly_income)),
        ("Yearly spending", basis.money(profile.yearly_spending)),
        ("Everything owned, less what is owed", basis.money(profile.net_worth)),
        ("Owed", basis.money(profile.obligations)),
        ("Can be sold within days", basis.money(profile.liquid_assets)),
    )
    return Table("The household in figures.", ("What", "Figure"), figures, ("Figure",))


def return_need(basis: Basis) -> tuple[Block, ...]:
    """Goals, cash flows, the return they need, and the one that is expected."""
    goals = tuple(
        (goal.name, basis.money(goal.amount), on_day(goal.due), f"{goal.priority}", "yes" if goal.spent else "no")
        for goal in sorted(basis.scenario.goals, key=lambda goal: goal.due)
    )
    columns = ("Goal", "Amount", "Due", "Priority", "Paid out")
    caption = "Goals in today's money, after taxes; priority 1 comes first."
    table = Table(caption, columns, goals, ("Amount", "Priority")) if goals else Paragraph("No goals are stated.")
    return (
        table,
        Bullets(_flows_said(basis)),
        Paragraph(f"{_need_said(basis)} {_expected_said(basis)}"),
        *_assumed(basis),
        Paragraph(
            "This is plain arithmetic, before taxes and without ups and downs. It does not say how likely the goals "
            "are to be reached; a projection does.",
            muted=True,
        ),
    )


def _flows_said(basis: Basis) -> tuple[str, ...]:
    flows, said = basis.need.flows, []
    when = _retirement(basis)
    if when:
        growth = f", growing by {percent(flows.saving_growth)} a year beyond inflation" if flows.saving_growth else ""
        saved = f"{basis.money(flows.saving)} a year{growth}" if flows.saving else "nothing"
        said.append(f"Until {when} you put in {saved}.")
    spent = f"spend {basis.money(flows.spending)} a year" if flows.spending else "take out nothing"
    said.append(f"From then on you {spent}." if when else f"You {spent}.")
    if flows.pension:
        start = _pension_start(basis)
        said.append(f"A pension of {basis.money(flows.pension)} a year comes in{start}, and less is taken out.")
    said.append(f"All of this is in today's money, and rises with prices by {percent(flows.inflation)} a year.")
    if flows.fee:
        said.append(f"Fees take {percent(flows.fee, 2)} of everything invested a year.")
    if basis.scenario.cash_flows is None:
        said.append(
            "These amounts follow from today's income and spending: what spending, income tax and payroll tax leave is "
            "put in. The saving that counts for capacity is before taxes."
        )
    return tuple(said)


def _pension_start(basis: Basis) -> str:
    """From when on a pension comes in; empty where it does already."""
    age = basis.need.flows.pension_age
    if age is not None:
        return f" from the age of {age:g} on" if age > basis.scenario.profile.age else ""
    return " from then on" if _retirement(basis) else ""


def _retirement(basis: Basis) -> str:
    """When saving ends, in words; empty where it has."""
    flows = basis.need.flows
    if flows.retirement_date is not None:
        return on_day(flows.retirement_date) if flows.retirement_date > basis.need.start else ""
    age = flows.retirement_age or 0.0
    return f"the age of {age:g}" if age > basis.scenario.profile.age else ""


def _need_said(basis: Basis) -> str:
    need = basis.need
    until = f"until the age of {basis.scenario.profile.age + need.years}"
    left_out = [f"'{goal.name}' ({'past' if goal.due <= need.start else 'due later'})" for goal in need.left_out]
    beside = f" Not counted: {listed(left_out)}." if left_out else ""
    what = listed(need.pays_for)
    if not what:
        return f"Nothing is to be paid for {until}: no return is needed.{beside}"
    if need.rate is None:
        return f"Not even {percent(HIGHEST_NEED)} a year would pay for {what} {until}: {_remedy(basis)}.{beside}"
    if need.rate == 0:
        return f"What is there and what is put in pays for {what} {until}, even if it earned nothing.{beside}"
    real = need.above_inflation or 0.0
    against = f"which in today's money is {'a growth' if real >= 0 else 'a loss'} of {percent(abs(real))}"
    return f"To pay for {what} {until} the money must grow by {percent(need.rate)} a year, {against}.{beside}"


def _remedy(basis: Basis) -> str:
    return "save more, spend less, or retire later" if _retirement(basis) else "spend less"


def _expected_said(basis: Basis) -> str:
    shown, rate = basis.plan.shown, basis.need.rate
    grows = compounded(shown.expected_return, shown.volatility)
    what = "The targets are" if basis.plan.portfolio is None else "The plan is"
    said = (
        f"{what} expected to earn {percent(shown.expected_return)} in an average year and to grow by {percent(grows)} "
        "a year in the long run, before costs and taxes"
    )
    if rate is None or not rate:
        return f"{said}."
    gap = _as_printed(grows) - _as_printed(rate)
    if abs(gap) < TOO_LITTLE_TO_SHOW:
        return f"{said}: just what is needed."
    if gap > 0:
        return f"{said}: {points(gap)} more than needed."
    return (
        f"{said}: {points(-gap)} less than needed. To close the gap, {_remedy(basis)}; more risk is taken only as far "
        "as capacity and tolerance allow."
    )


def _as_printed(rate: float) -> float:
    """A rate as ``percent`` prints it, so that the difference is that of the figures on the page."""
    return round(100 * rate, 1) / 100


def _assumed(basis: Basis) -> tuple[Block, ...]:
    """What the household or its adviser assumes itself."""
    stated = basis.scenario.assumptions
    sentences = () if stated is None else stated.sentences(basis.universe)
    views = tuple(f"{view.sentence(basis.universe)}." for view in basis.scenario.views)
    if not (sentences or views):
        return ()
    return Paragraph("Assumed in place of what the market data say:"), Bullets((*sentences, *views))


def risk(basis: Basis) -> tuple[Block, ...]:
    """Capacity and tolerance with their reasons, and the crypto that follows."""
    found = basis.assessment
    return (
        Bullets(found.reasons),
        _scores("What your finances can bear (capacity)", found.capacity),
        _scores("What you can bear yourself (tolerance)", found.tolerance),
        Paragraph(_crypto_said(basis)),
    )


def _scores(title: str, score_of: Score) -> Table:
    rows = tuple((part.label, f"{score(part.points)} of {score(part.maximum)}", part.reason) for part in score_of.parts)
    caption = f"{title}: {score(score_of.total)} of 100 points."
    return Table(caption, ("Part", "Points", "Reason"), rows, ("Points",))


def _crypto_said(basis: Basis) -> str:
    allowed, target = basis.assessment.crypto_range, basis.scenario.targets.weights[CRYPTO]
    suits = f"{allowed}" if allowed.upper else "none"
    said = f"Crypto that suits this profile: {suits}. In the targets: {percent(target)}."
    if basis.leaves_the_targets and abs(basis.crypto - target) >= TOO_LITTLE_TO_SHOW:
        said += f" In the plan: {percent(basis.crypto)}."
    if not basis.scenario.crypto_override:
        return said
    if target <= allowed.upper:
        return f"{said} You may go beyond the range, and at present do not."
    return f"{said} You chose to go beyond the range. {_override_said(basis)}"


def _override_said(basis: Basis) -> str:
    for entry in reversed(basis.journal.entries):
        if any((change.item, change.field, change.after) == OVERRIDE for change in entry.changes):
            return f"The reason, written down on {on_day(entry.at.date())} by {entry.author}: “{entry.reason}”"
    return "The journal gives no reason for it."


def horizon(basis: Basis) -> tuple[Block, ...]:
    """When the money is needed, and whether the targets change until then."""
    profile, path = basis.scenario.profile, basis.scenario.glide_path
    years = profile.horizon_years
    needed = f"The money is needed in {count(years, 'year')}." if years else "The money is needed now."
    last = profile.age + basis.need.years
    until = f"Spending is looked at until the age of {last}" + (
        ", as a long life costs most." if last >= LAST_AGE else "."
    )
    said = (needed, until, "The targets stay as they are until they are changed.")
    if path is None:
        return (Bullets(said),)
    labels = [basis.universe[name].label for name in basis.scenario.targets.weights]
    rows = tuple((f"{age:g}", *map(percent, at.weights.values())) for age, at in path.points.items())
    return (
        Bullets((*said, "A projection supposes that they will be changed with age, evenly between these points:")),
        Table("Supposed targets by age, in percent of the portfolio.", ("Age", *labels), rows, ("Age", *labels)),
    )
