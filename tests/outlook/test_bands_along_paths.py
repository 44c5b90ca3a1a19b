"""A mix kept by a rule along random paths, against plain loops, the calendar, and the backtest."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from planner.market.market import Market, built_in_market
from planner.market.universe import BUILT_IN
from planner.outlook.backtest import backtest
from planner.outlook.bands_along_paths import Bands, looks_every
from planner.outlook.futures import BLOCK, draw
from planner.outlook.return_models import Lognormal
from planner.outlook.samplers import sampler
from planner.policy.targets import Band, Targets
from planner.trading.rules import Calendar, Destination, Frequency, Hybrid, Threshold

MONTHS, PATHS = 48, 30
TARGETS = Targets(
    weights={"fixed_income": 0.5, "real_estate": 0.3, "cash": 0.1, "crypto": 0.1},
    bands={"crypto": Band(absolute=0.03, absolute_below=0.01)},
    default_band=Band(absolute=0.02),
)


@pytest.fixture(scope="module")
def market() -> Market:
    return built_in_market()


class Fixed:
    """The same months on every path."""

    def __init__(self, months: np.ndarray) -> None:
        self.months = months

    def years(self, random, paths, every):
        for year in self.months.reshape(-1, 12, self.months.shape[1]):
            grown = year.copy()
            for month in range(12):
                if month % every:
                    grown[month] *= grown[month - 1]
            yield np.repeat(grown[:, :, None], paths, axis=2).astype(np.float32)


def weights_of(market: Market) -> np.ndarray:
    split = BUILT_IN.split(TARGETS.weights)
    return np.tile([split.get(name, 0.0) for name in market.assumptions.assets], (MONTHS, 1))


def kept(market: Market, rule, costs=None) -> np.ndarray:
    weights = weights_of(market)
    threshold = rule.threshold if isinstance(rule, Hybrid) else rule
    bands = Bands.of(threshold, [TARGETS] * MONTHS, BUILT_IN, market.assumptions.assets)
    return draw(sampler(Lognormal(), market), weights, PATHS, 3, looks_every(rule), costs=costs, bands=bands).growth


def months_of(market: Market) -> np.ndarray:
    """What the first paths of seed 3 draw, (months, n, paths)."""
    random = np.random.Generator(np.random.SFC64(np.random.SeedSequence(3, spawn_key=(0,))))
    years = sampler(Lognormal(), market).years(random, BLOCK, 1)
    return np.concatenate([year[:, :, :PATHS].astype(float) for year in islice(years, MONTHS // 12)])


class Loop:
    """One path at a time, class by class."""

    def __init__(self, market: Market, rule, costs: np.ndarray) -> None:
        self.rule, self.costs = rule, costs
        self.names = list(market.assumptions.assets)
        self.target = weights_of(market)[0]
        threshold = rule.threshold if isinstance(rule, Hybrid) else rule
        self.edges, self.leads = threshold.edges(TARGETS), threshold.leads_to(TARGETS)

    def growth(self, months: np.ndarray) -> np.ndarray:
        growth, held = np.empty(len(months)), self.target
        for month, grown in enumerate(months):
            before = held.sum()
            if month and month % looks_every(self.rule) == 0:
                after = self.traded(held, before)
                held = after * (1 - self.costs @ np.abs(after - held) / before)
            held = held * grown
            growth[month] = held.sum() / before
        return growth

    def traded(self, held: np.ndarray, total: float) -> np.ndarray:
        places = {name: [self.names.index(one) for one in BUILT_IN.members(name)] for name in TARGETS.weights}
        classes = {name: held[place].sum() for name, place in places.items()}
        if not any(self.outside(name, value / total) for name, value in classes.items()):
            return held
        goal = {
            name: min(max(value, self.leads["lower"][name] * total), self.leads["upper"][name] * total)
            for name, value in classes.items()
        }
        missing = total - sum(goal.values())
        lacks = {name: (TARGETS.weights[name] * total - value) * np.sign(missing) for name, value in goal.items()}
        whole = sum(max(lack, 0.0) for lack in lacks.values())
        after = held.copy()
        for name, place in places.items():
            value = goal[name] + (missing * max(lacks[name], 0.0) / whole if whole else 0.0)
            if value != classes[name] or self.leads["lower"][name] == self.leads["upper"][name]:
                target = self.target[place].sum()
                after[place] = value * self.target[place] / target if target else 0.0
        return after

    def outside(self, name: str, weight: float) -> bool:
        lower, upper = self.edges["lower"][name], self.edges["upper"][name]
        return bool((weight >= upper and upper < 1) or (weight <= lower and lower > 0))


@pytest.mark.parametrize("destination", list(Destination))
@pytest.mark.parametrize("quarterly", [False, True])
def test_every_path_is_that_of_a_plain_loop(market: Market, destination: Destination, quarterly: bool) -> None:
    threshold = Threshold(destination=destination)
    rule = Hybrid(look=Frequency.QUARTERLY, threshold=threshold) if quarterly else threshold
    costs = np.full(len(market.assumptions.assets), 0.004)
    loop, months = Loop(market, rule, costs), months_of(market)
    by_hand = np.column_stack([loop.growth(months[:, :, path]) for path in range(PATHS)])
    np.testing.assert_allclose(kept(market, rule, costs), by_hand, rtol=2e-6)


def test_bands_without_width_are_the_calendar(market: Market) -> None:
    always = kept(market, Threshold(absolute=0.0, bands={name: Band(absolute=0.0) for name in TARGETS.weights}))
    monthly = draw(sampler(Lognormal(), market), weights_of(market), PATHS, 3, 1).growth
    np.testing.assert_allclose(always, monthly, rtol=2e-6)


def test_bands_that_never_bind_leave_the_mix_alone(market: Market) -> None:
    wide = {name: Band(absolute=1.0) for name in TARGETS.weights}
    never = kept(market, Threshold(bands=wide))
    wealth = np.einsum("n,mnp->mp", weights_of(market)[0], np.cumprod(months_of(market), axis=0))
    np.testing.assert_allclose(np.cumprod(never.astype(float), axis=0), wealth, rtol=2e-5)


@pytest.mark.parametrize(
    "rule", [Threshold(), Hybrid(), Threshold(destination=Destination.EDGE), Hybrid(look=Frequency.ANNUALLY)]
)
def test_on_the_path_that_happened_the_growth_is_that_of_the_backtest(market: Market, rule) -> None:
    # classes of one series each: what a backtest does inside a class, towards its shares, is not what is compared
    single = TARGETS.with_changes(weights={"fixed_income": 0.5, "real_estate": 0.4, "cash": 0.1}, bands={})
    months = 120
    past = market.complete_returns.iloc[:months]
    assets = list(market.assumptions.assets)
    track = backtest(past, single, rule, costs=0.0)
    split = BUILT_IN.split(single.weights)
    weights = np.tile([split.get(name, 0.0) for name in assets], (months, 1))
    threshold = rule.threshold if isinstance(rule, Hybrid) else rule
    bands = Bands.of(threshold, [single] * months, BUILT_IN, assets)
    fixed = Fixed(1 + past[assets].fillna(0.0).to_numpy())
    growth = draw(fixed, weights, 1, 0, looks_every(rule), bands=bands).growth[:, 0]
    assert track.table["rebalanced"].sum() > 0
    # a backtest trades at the month-end, a projection at the beginning of the next month: the same moment
    np.testing.assert_allclose(growth, 1 + track.returns.to_numpy(), rtol=2e-6)


def test_what_a_calendar_trades_costs_its_part() -> None:
    # of two halves one grows by 10 % in a year: what it has too much is sold, and as much of the other bought
    months = np.ones((24, 2))
    months[:12, 1] = 1.1 ** (1 / 12)
    fixed = Fixed(months)
    weights = np.full((24, 2), 0.5)
    free, dear = (draw(fixed, weights, 1, 0, 12, costs=costs).growth[:, 0] for costs in (None, np.full(2, 0.01)))
    drift = 0.55 / 1.05 - 0.5
    np.testing.assert_allclose(dear[:12], free[:12])
    assert dear[12] == pytest.approx(free[12] * (1 - 0.01 * 2 * drift), rel=1e-6)
    np.testing.assert_allclose(dear[13:], free[13:])


@pytest.mark.parametrize("every", [1, 3, 12])
def test_what_a_calendar_trades_on_random_paths_costs_as_in_a_plain_loop(market: Market, every: int) -> None:
    weights, months = weights_of(market), months_of(market)
    weights[MONTHS // 2 :] = np.eye(len(weights[0]))[0] / 2 + weights[0] / 2  # as a glide path does
    costs = np.linspace(0.001, 0.009, len(weights[0]))
    found = draw(sampler(Lognormal(), market), weights, PATHS, 3, every, costs=costs).growth
    held = np.tile(weights[0][:, None], (1, PATHS))
    for month in range(MONTHS):
        before = held.sum(axis=0)
        if month and month % every == 0:
            after = weights[month][:, None] * before
            held = after * (1 - costs @ np.abs(after - held) / before)
        held = held * months[month]
        np.testing.assert_allclose(found[month], held.sum(axis=0) / before, rtol=2e-6)


@pytest.mark.parametrize(
    ("rule", "months"),
    [(Calendar(frequency=Frequency.ANNUALLY), 12), (Hybrid(look=Frequency.SEMI_ANNUALLY), 6), (Threshold(), 1)],
)
def test_how_often_one_looks(rule, months: int) -> None:
    assert looks_every(rule) == months


def test_fewer_paths_are_the_first_of_more(market: Market) -> None:
    weights = weights_of(market)
    bands = Bands.of(Threshold(), [TARGETS] * MONTHS, BUILT_IN, market.assumptions.assets)
    drawn = sampler(Lognormal(), market)
    few, many = (draw(drawn, weights, paths, 3, 1, bands=bands).growth for paths in (PATHS, 1_200))
    np.testing.assert_array_equal(few, many[:, :PATHS])
