"""Sections on what there is: money at hand, taxes and accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.household.accounts import Treatment
from planner.household.assessment import MODERATE_FROM
from planner.household.scores import CEILING_PER_YEAR
from planner.household.taxes import marginal_rates
from planner.market.universe import CASH, CRYPTO
from planner.outlook.monthly_moments import MONTHS
from planner.outlook.standing import EARLY_WITHDRAWAL_PENALTY, PENALTY_FREE_AGE, nearest_tax_year
from planner.outlook.timeline import Timeline, months_between
from planner.policy.statement.basis import listed, on_day
from planner.policy.tactical import tilted_label
from planner.reports.blocks import Block, Bullets, Paragraph, Table
from planner.wording import count, percent

if TYPE_CHECKING:
    from planner.household.accounts import Account, Household
    from planner.policy.statement.basis import Basis

SOON = MODERATE_FROM / CEILING_PER_YEAR
"""Years until the money is needed, below which capacity is that of a conservative profile: five."""


def liquidity(basis: Basis) -> tuple[Block, ...]:
    """What can be sold, what lies in cash, and what is due soon."""
    profile, trading = basis.scenario.profile, basis.scenario.trading
    cash = basis.plan.class_weights.get(CASH, 0.0)
    reserve = f"What can be sold within days is {basis.money(profile.liquid_assets)}"
    held = f"Of the portfolio {percent(cash)} is to be cash"
    if profile.yearly_spending:
        reserve += f", {count(profile.liquid_assets / profile.yearly_spending, 'year')} of spending"
        months = MONTHS * cash * profile.liquid_assets / profile.yearly_spending
        held += f", {basis.of_the_whole(cash)} or {count(months, 'month')} of spending" if cash else ""
    said = [f"{reserve}.", f"{held}.", *_due_soon(basis)]
    if trading.cash_buffer:
        said.append(f"Trades leave {basis.money(trading.cash_buffer)} of cash in each account.")
    return (Bullets((*said, *_locked(basis))),)


def _due_soon(basis: Basis) -> tuple[str, ...]:
    need = basis.need
    first = round(MONTHS * SOON)
    goals = sorted(basis.scenario.goals, key=lambda goal: goal.due)
    said = [
        f"{basis.money(goal.amount)} for '{goal.name}' is due by {on_day(goal.due)}."
        for goal in goals
        if goal.spent and 0 < months_between(need.start, goal.due) <= first
    ]
    taken = -Timeline.of(need.flows, need.start, basis.scenario.profile.age, first).flow
    if (taken > 0).any():
        amount = basis.money(float(taken.clip(min=0).sum()))
        beyond = " beyond the pension" if need.flows.pension else ""
        said.append(
            f"Spending{beyond} takes about {amount} out within {count(SOON, 'year')}, at the prices of those years."
        )
    return tuple(said) or (f"Nothing is to be paid out within {count(SOON, 'year')}.",)


def _locked(basis: Basis) -> tuple[str, ...]:
    if basis.holdings is None or basis.scenario.profile.age >= PENALTY_FREE_AGE:
        return ()
    held = zip(basis.holdings.treatments, basis.holdings.account_values, strict=True)
    deferred = float(sum(value for treatment, value in held if treatment is Treatment.DEFERRED))
    if not deferred:
        return ()
    return (
        f"{basis.money(deferred)} lies in accounts whose money is taxed as income when it is taken out, before the age "
        f"of {PENALTY_FREE_AGE:g} usually with a penalty of {percent(EARLY_WITHDRAWAL_PENALTY)}.",
    )


def taxes(basis: Basis) -> tuple[Block, ...]:
    """How the household is taxed, its accounts, and what belongs where."""
    household, holdings = basis.scenario.household, basis.holdings
    if household is None or holdings is None:
        return (
            Paragraph(
                "No accounts are entered yet. Taxes, and which account should hold what, can be planned once they are."
            ),
        )
    rows = tuple(
        (account.name, str(account.kind), str(account.kind.treatment), basis.money(value), _may_hold(account, basis))
        for account, value in zip(household.accounts, holdings.account_values, strict=True)
    )
    worth, counted = basis.money(holdings.total), basis.of_the_whole(1.0)
    total = ("All accounts", "", "", worth, "")
    other = (
        f"The accounts hold {worth}. Amounts by class are of the {counted} that can be sold within days; the return "
        "that is needed, and what is to be moved, are counted from the accounts."
    )
    caption = f"Accounts on {on_day(household.as_of)}, with their cash."
    columns = ("Account", "Kind", "Taxed", "Worth", "May hold")
    return (
        Bullets(_taxed(household, basis)),
        Table(caption, columns, (*rows, total), ("Worth",), total=len(rows)),
        Bullets((*_placed(household, basis), *((other,) if worth != counted else ()))),
    )


def _taxed(household: Household, basis: Basis) -> tuple[str, ...]:
    situation, year = household.taxes, nearest_tax_year(household.as_of)
    rates = marginal_rates(situation, year)
    said = [
        f"You file as {situation.filing}, with an income of {basis.money(situation.income)} a year.",
        f"By the tables of {year}, the next dollar of gain costs {percent(rates.long)} where it was held for more than "
        f"a year and {percent(rates.short)} where it was not, state tax included.",
    ]
    carried = situation.short_loss_carried + situation.long_loss_carried
    if carried:
        said.append(f"Losses of {basis.money(carried)} from earlier years are still to be used.")
    return tuple(said)


def _may_hold(account: Account, basis: Basis) -> str:
    if account.may_hold is None:
        return "everything"
    return ", ".join(tilted_label(name, basis.universe) for name in account.may_hold)


def _placed(household: Household, basis: Basis) -> tuple[str, ...]:
    """Where things belong. Source: domain.md section 7."""
    kinds = {account.kind.treatment is Treatment.TAXED for account in household.accounts}
    said = ["All accounts are looked after as one portfolio: the targets hold for their sum, not in each."]
    if len(kinds) > 1:
        said.append(
            "What is taxed most, and what should grow most, belongs in the accounts that are not taxed every year, "
            "as far as they may hold it."
        )
    if not basis.holds_crypto:
        return tuple(said)
    if len(kinds) > 1 and basis.scenario.sleeve is not None:
        said.append(
            "If crypto must lie in several accounts, indices that trade often belong in the retirement accounts and "
            "large coins in the taxable ones."
        )
    without = [account.name for account in household.accounts if not _may_hold_crypto(account, household, basis)]
    if without:
        said.append(f"No crypto may be held in {listed(without)}.")
    return tuple(said)


def _may_hold_crypto(account: Account, household: Household, basis: Basis) -> bool:
    if account.may_hold is None:
        return True
    series = {CRYPTO, *basis.universe.members(CRYPTO)}
    return bool({name for name in account.may_hold if name in series or _follows(name, household) in series})


def _follows(symbol: str, household: Household) -> str:
    asset = household.asset_of.get(symbol)
    return "" if asset is None else asset.series
