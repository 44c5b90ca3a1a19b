"""US federal tax on gains, losses and distributions, with a flat state rate on top."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from planner.household.tax_tables import (
    COLLECTIBLE_RATE,
    LONG_TERM_RATES,
    LOSS_LIMIT,
    NET_INVESTMENT_RATE,
    NET_INVESTMENT_THRESHOLD,
    ORDINARY_RATES,
    tax_table,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from planner.household.accounts import Sale
    from planner.household.tax_situation import TaxSituation

QUALIFIED_REIT_PART = 0.80
"""26 USC 199A: a fifth of ordinary REIT dividends is deducted, so that four fifths are taxed."""

SECTION_1256_LONG = 0.60
"""26 USC 1256(a)(3): gains on regulated futures are 60 % long-term, however long they were held."""


@dataclass(frozen=True, slots=True)
class Gains:
    """A year's gains less losses, in dollars, before carry-forwards: ``short`` and ``long``.

    ``collectible`` is the part of ``long`` that comes from collectibles.
    """

    short: float = 0.0
    long: float = 0.0
    collectible: float = 0.0

    def __add__(self, other: Gains) -> Gains:
        return Gains(self.short + other.short, self.long + other.long, self.collectible + other.collectible)


@dataclass(frozen=True, slots=True)
class TaxBill:
    """Tax of a year in dollars, part by part, and what became of the gains and losses.

    ``ordinary`` is on other income and net short-term gains, ``long_term`` on net long-term gains, ``collectible`` on
    the part of them from collectibles, ``net_investment`` the 3.8 % tax, ``state`` the flat one. ``deducted`` is the
    loss taken off other income, ``short_carried`` and ``long_carried`` go to the next year.
    """

    ordinary: float
    long_term: float
    collectible: float
    net_investment: float
    state: float
    short_gain: float
    long_gain: float
    deducted: float
    short_carried: float
    long_carried: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.ordinary + self.long_term + self.collectible + self.net_investment + self.state


@dataclass(frozen=True, slots=True)
class MarginalRates:
    """Tax on the next dollar, as decimals: federal, net investment and state together.

    ``income`` is on wages and on what is taken out of a tax-deferred account; ``interest`` on interest and other
    ordinary investment income; ``short``, ``long`` and ``collectible`` on gains; ``qualified`` on qualified dividends;
    ``reit`` on REIT dividends; ``section_1256`` on gains of regulated futures.
    """

    income: float
    interest: float
    short: float
    long: float
    collectible: float
    qualified: float
    reit: float
    section_1256: float


@dataclass(frozen=True, slots=True)
class Netted:
    """Gains after losses are set against them: what is taxed, deducted from other income, and carried forward."""

    short: float
    long: float
    deducted: float
    short_carried: float
    long_carried: float


def bracket_tax(amount: float, tops: Sequence[float], rates: Sequence[float]) -> float:
    """Tax on an amount at rates that rise at the tops of brackets, the last of which has none."""
    edges = (0.0, *tops, float("inf"))
    return sum(
        rate * (min(amount, upper) - lower)
        for (lower, upper), rate in zip(pairwise(edges), rates, strict=True)
        if amount > lower
    )


def bracket_rate(amount: float, tops: Sequence[float], rates: Sequence[float]) -> float:
    """Rate on the next dollar above an amount."""
    return rates[sum(amount >= top for top in tops)]


def is_long_term(acquired: dt.date, sold: dt.date) -> bool:
    """Whether a sale is of something held for more than a year.

    The holding period begins the day after the purchase and is counted in calendar months (Rev. Rul. 66-7): what was
    bought on the last day of a month is long-term from the first day of the thirteenth month after it.
    """
    return sold >= long_term_from(acquired)


def long_term_from(acquired: dt.date) -> dt.date:
    """First day on which a sale is long-term."""
    begins = acquired + dt.timedelta(days=1)
    if (begins.month, begins.day) == (2, 29):
        return dt.date(begins.year + 1, 3, 1)
    return begins.replace(year=begins.year + 1)


def net(situation: TaxSituation, gains: Gains, limit: float, taxable_income: float) -> Netted:
    """Set losses of the year and of earlier years against gains, short against short and long against long first.

    ``limit`` is the most loss that may be taken off other income, of which ``taxable_income`` is what there is. Of a
    loss the short-term part is used first. Source: 26 USC 1211, 1212, 1222 and the worksheets of Schedule D.
    """
    short = gains.short - situation.short_loss_carried
    long = gains.long - situation.long_loss_carried
    total = short + long
    if total >= 0:
        if short >= 0 and long >= 0:
            return Netted(short, long, 0.0, 0.0, 0.0)
        return Netted(total, 0.0, 0.0, 0.0, 0.0) if short > 0 else Netted(0.0, total, 0.0, 0.0, 0.0)
    deducted = min(limit, -total, max(taxable_income, 0.0))
    short_loss, long_loss = max(-short - max(long, 0.0), 0.0), max(-long - max(short, 0.0), 0.0)
    from_short = min(deducted, short_loss)
    return Netted(0.0, 0.0, deducted, short_loss - from_short, max(long_loss - (deducted - from_short), 0.0))


def tax_bill(situation: TaxSituation, gains: Gains, year: int) -> TaxBill:
    """Tax of a year on a household's income and gains.

    Long-term gains lie above ordinary income in the brackets. Gains on collectibles, net of short-term losses and of
    long-term losses carried forward, lie between the two and are taxed at ordinary rates of at most 28 %; what is taxed
    at 28 % takes up no room in the long-term brackets. A deduction larger than other income is set against them first
    (26 USC 1(h)(1), and the Schedule D Tax Worksheet). The net investment income tax is on the smaller of investment
    income and of what income exceeds its threshold by. The state taxes everything above the deduction at its flat rate.
    Left out is that the tax may not exceed the one at ordinary rates: it matters to small gains that begin between the
    tops of the 0 % and the 12 % bracket, and never by more than 3 % of that gap ($57 on a joint return of 2026).
    A year without a table is an InputError.
    """
    brackets = tax_table(year).brackets[situation.filing]
    taxable = situation.income - brackets.standard_deduction
    netted = net(situation, gains, LOSS_LIMIT[situation.filing], taxable)
    before_long = taxable + netted.short - netted.deducted
    ordinary, unused_deduction = max(before_long, 0.0), max(-before_long, 0.0)
    long = max(netted.long - unused_deduction, 0.0)
    loss = min(gains.short - situation.short_loss_carried, 0.0) - situation.long_loss_carried
    collectible = max(min(max(gains.collectible + loss, 0.0), netted.long) - unused_deduction, 0.0)
    below_28 = brackets.ordinary[sum(rate < COLLECTIBLE_RATE for rate in ORDINARY_RATES) - 1]
    below_long = max(ordinary, min(ordinary + collectible, below_28))

    def on_income(amount: float, highest: float = 1.0) -> float:
        return bracket_tax(amount, brackets.ordinary, [min(rate, highest) for rate in ORDINARY_RATES])

    def on_long(amount: float) -> float:
        return bracket_tax(amount, brackets.long_term, LONG_TERM_RATES)

    gained = netted.short + netted.long - netted.deducted
    above = situation.income + gained - NET_INVESTMENT_THRESHOLD[situation.filing]
    return TaxBill(
        ordinary=on_income(ordinary),
        long_term=on_long(below_long + (long - collectible)) - on_long(below_long),
        collectible=on_income(ordinary + collectible, COLLECTIBLE_RATE) - on_income(ordinary, COLLECTIBLE_RATE),
        net_investment=NET_INVESTMENT_RATE * max(min(situation.investment_income + gained, above), 0.0),
        state=situation.state_rate * (ordinary + long),
        short_gain=netted.short,
        long_gain=netted.long,
        deducted=netted.deducted,
        short_carried=netted.short_carried,
        long_carried=netted.long_carried,
    )


def added_tax(situation: TaxSituation, gains: Gains, year: int, before: Gains | None = None) -> float:
    """What gains add to the tax of a year in which there were already others; negative where losses save tax."""
    earlier = before or Gains()
    return tax_bill(situation, earlier + gains, year).total - tax_bill(situation, earlier, year).total


def distribution_tax(situation: TaxSituation, amount: float, year: int) -> float:
    """Income tax on an amount taken out of a tax-deferred account; an early withdrawal's penalty is not in it."""
    more = situation.with_changes(income=situation.income + amount)
    return tax_bill(more, Gains(), year).total - tax_bill(situation, Gains(), year).total


def marginal_rates(situation: TaxSituation, year: int) -> MarginalRates:
    """Tax on the next dollar of each kind in a year, without other gains and with no losses carried forward."""
    brackets = tax_table(year).brackets[situation.filing]
    taxable = situation.income - brackets.standard_deduction
    state = situation.state_rate if taxable >= 0 else 0.0
    federal = bracket_rate(taxable, brackets.ordinary, ORDINARY_RATES) if taxable >= 0 else 0.0
    over = situation.income - NET_INVESTMENT_THRESHOLD[situation.filing]
    on_investments = NET_INVESTMENT_RATE if over >= 0 else 0.0
    # Another dollar of wages brings one more of investment income over the threshold until all of it is.
    on_wages = on_investments if over < situation.investment_income else 0.0
    short = federal + on_investments + state
    long = bracket_rate(max(taxable, 0.0), brackets.long_term, LONG_TERM_RATES) + on_investments + state
    return MarginalRates(
        income=federal + on_wages + state,
        interest=short,
        short=short,
        long=long,
        collectible=min(federal, COLLECTIBLE_RATE) + on_investments + state,
        qualified=long,
        reit=QUALIFIED_REIT_PART * federal + on_investments + state,
        section_1256=SECTION_1256_LONG * long + (1 - SECTION_1256_LONG) * short,
    )


def retirement_rate(situation: TaxSituation, year: int) -> float:
    """Rate at which tax-deferred money is expected to be taken out: the household's own, or today's on income."""
    stated = situation.retirement_rate
    return marginal_rates(situation, year).income if stated is None else stated


def realised(sales: Iterable[Sale], year: int, collectibles: frozenset[str] = frozenset()) -> Gains:
    """Gains and losses of the sales of a year, what wash sales disallowed left out; ``collectibles`` names assets."""
    gains = Gains()
    for sale in sales:
        if sale.sold.year == year:
            gain = sale.gain + sale.disallowed
            if is_long_term(sale.acquired, sale.sold):
                gains += Gains(long=gain, collectible=gain if sale.asset in collectibles else 0.0)
            else:
                gains += Gains(short=gain)
    return gains
