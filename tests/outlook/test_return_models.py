from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter

from planner.errors import InputError
from planner.market.assumptions import Assumptions
from planner.market.market import Market
from planner.outlook.futures import BLOCK, Futures, draw
from planner.outlook.monthly_moments import MONTHS, lognormal, monthly, nearest, of_stretches, root, student, turbulence
from planner.outlook.regimes import regimes
from planner.outlook.return_models import BlockBootstrap, Lognormal, RegimeSwitching, ReturnModel, StudentT
from planner.outlook.samplers import History, Normals, sampler

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODELS = (Lognormal(), StudentT(), BlockBootstrap(), RegimeSwitching())


def assumed(mean: list[float], volatility: list[float], correlation: float = 0.0) -> Assumptions:
    names = [f"asset {place}" for place in range(len(mean))]
    deviation = np.array(volatility)
    matrix = np.full((len(mean), len(mean)), correlation)
    np.fill_diagonal(matrix, 1.0)
    covariance = matrix * np.outer(deviation, deviation)
    return Assumptions(pd.Series(mean, names), pd.DataFrame(covariance, names, names), 0.03)


def single_months(model: ReturnModel, market: Market, paths: int = 4_000, years: int = 10) -> NDArray[np.float64]:
    """Growth of single months, (months, n, paths)."""
    drawn = sampler(model, market).years(np.random.default_rng(5), paths, 1)
    return np.concatenate([year.astype(float) for year in islice(drawn, years)])


def equal_mix(market: Market, months: int) -> NDArray[np.float64]:
    assets = len(market.assumptions.assets)
    return np.full((months, assets), 1 / assets)


# --- months that compound to the annual assumptions -------------------------------------------------------------


def test_twelve_independent_months_have_exactly_the_annual_mean_and_covariance(market: Market) -> None:
    mean, ratios = monthly(market.assumptions)
    second = (ratios * np.outer(mean, mean)) ** MONTHS
    assert mean**MONTHS - 1 == pytest.approx(market.assumptions.mu)
    annual = 1 + market.assumptions.mu
    assert second - np.outer(annual, annual) == pytest.approx(market.assumptions.cov, abs=1e-12)


def test_lognormal_log_growth_has_the_textbook_mean_and_covariance() -> None:
    # one asset: S = ln(1 + (0.2 / 1.08)^2) and m = ln(1.08) - S / 2, a twelfth of each a month
    drift, covariance = lognormal(*monthly(assumed([0.08], [0.20])))
    variance = np.log(1 + (0.20 / 1.08) ** 2)
    assert MONTHS * covariance[0, 0] == pytest.approx(variance)
    assert MONTHS * drift[0] == pytest.approx(np.log(1.08) - variance / 2)


def test_student_growth_has_the_same_two_moments_as_lognormal_growth(market: Market) -> None:
    mean, ratios = monthly(market.assumptions)
    drift, scale = student(mean, ratios, 5.0)
    w = turbulence(5.0)[:, None, None]
    first = np.exp(drift) * np.exp(w[:, 0] * scale.diagonal() / 2).mean(axis=0)
    sums = np.add.outer(scale.diagonal(), scale.diagonal()) + 2 * scale
    second = np.exp(np.add.outer(drift, drift)) * np.exp(w * sums / 2).mean(axis=0)
    assert first == pytest.approx(mean, rel=1e-9)
    assert second == pytest.approx(ratios * np.outer(mean, mean), rel=1e-9)


def test_with_many_degrees_of_freedom_student_is_lognormal(market: Market) -> None:
    moments = monthly(market.assumptions)
    drift, scale = student(*moments, 1e6)
    assert drift == pytest.approx(lognormal(*moments)[0], abs=1e-6)
    assert scale == pytest.approx(lognormal(*moments)[1], abs=1e-6)


def test_a_matrix_that_is_no_covariance_becomes_one_with_the_same_variances() -> None:
    broken = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])
    repaired = nearest(broken)
    assert np.linalg.eigvalsh(repaired)[0] > -1e-9
    assert repaired.diagonal() == pytest.approx(1.0)
    assert root(repaired) @ root(repaired) == pytest.approx(repaired, abs=1e-9)


def test_impossible_growth_is_refused_in_words() -> None:
    with pytest.raises(InputError, match="'asset 0' is expected to lose everything"):
        monthly(assumed([-1.0], [0.1]))
    with pytest.raises(InputError, match="vary against each other"):
        monthly(assumed([0.0, 0.0], [1.2, 1.2], -0.99))


# --- what is drawn ----------------------------------------------------------------------------------------------


def test_terminal_lognormal_wealth_has_its_closed_form_mean_and_quantiles(market: Market) -> None:
    only = market.assumptions.select(["us_equity"])
    drift, covariance = lognormal(*monthly(only))
    years, paths = 20, 20_000
    drawn = draw(Normals(drift, root(covariance)), np.ones((MONTHS * years, 1)), paths, 1, MONTHS).growth
    terminal = np.sort(drawn.astype(float).prod(axis=0))
    deviation = np.sqrt(MONTHS * years * covariance[0, 0])
    assert terminal.mean() == pytest.approx((1 + only.mu[0]) ** years, abs=4 * terminal.std() / np.sqrt(paths))
    for share, normal in ((0.05, -1.6448536), (0.5, 0.0), (0.95, 1.6448536)):
        exact = MONTHS * years * drift[0] + deviation * normal
        density = np.exp(-(normal**2) / 2) / np.sqrt(2 * np.pi) / deviation
        error = np.sqrt(share * (1 - share) / paths) / density  # of a sample quantile
        assert np.log(terminal[int(share * paths)]) == pytest.approx(exact, abs=4 * error)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.kind)
def test_a_year_of_every_model_grows_on_average_as_assumed(model: ReturnModel, market: Market) -> None:
    drawn = sampler(model, market).years(np.random.default_rng(5), 4_000, MONTHS)
    by_path = np.mean([year[-1].astype(float) for year in islice(drawn, 10)], axis=0)
    error = by_path.std(axis=1) / np.sqrt(by_path.shape[1])
    assert (np.abs(by_path.mean(axis=1) - 1 - market.assumptions.mu) < 4.5 * error + 1e-6).all()


@pytest.mark.parametrize("model", [Lognormal(), StudentT(), RegimeSwitching()], ids=lambda model: model.kind)
def test_these_models_keep_the_assumed_monthly_mean_of_every_asset(model: ReturnModel, market: Market) -> None:
    growth = single_months(model, market)
    mean, _ = monthly(market.assumptions)
    by_path = growth.mean(axis=0)  # paths know nothing of each other, months of one path may
    error = by_path.std(axis=1) / np.sqrt(by_path.shape[1])
    assert (np.abs(by_path.mean(axis=1) - mean) < 4.5 * error + 1e-6).all()


@pytest.mark.parametrize("model", [Lognormal(), StudentT(), RegimeSwitching()], ids=lambda model: model.kind)
def test_these_models_keep_the_assumed_monthly_volatility(model: ReturnModel, market: Market) -> None:
    growth = single_months(model, market, years=15)
    mean, ratios = monthly(market.assumptions)
    volatility = mean * np.sqrt(ratios.diagonal() - 1)
    assert growth.std(axis=(0, 2)) == pytest.approx(volatility, rel=0.04)


@pytest.mark.parametrize("model", [Lognormal(), StudentT()], ids=lambda model: model.kind)
def test_a_year_of_these_models_has_the_annual_covariance(model: ReturnModel, market: Market) -> None:
    some = ["us_equity", "intl_equity", "us_bonds"]
    year = single_months(model, market, paths=40_000, years=1).prod(axis=0)
    places = [market.assumptions.assets.index(name) for name in some]
    found = np.corrcoef(year[places])
    wanted = market.assumptions.correlation.loc[some, some].to_numpy()
    assert found == pytest.approx(wanted, abs=0.02)


def test_student_months_have_the_kurtosis_of_their_turbulence() -> None:
    df = 10.0
    w = turbulence(df)
    kurtosis = 3 * (w**2).mean() / w.mean() ** 2
    assert kurtosis == pytest.approx(3 * (df - 2) / (df - 4), rel=0.05)  # the unbounded t's
    made = Normals(np.zeros(2), 0.01 * np.eye(2), w)
    logs = np.log(next(made.years(np.random.default_rng(1), 100_000, 1)).astype(float))
    sample = (logs**4).mean() / (logs**2).mean() ** 2
    assert sample == pytest.approx(kurtosis, rel=0.04)


def test_student_extremes_come_together_where_normal_ones_do_not() -> None:
    for w, together in ((turbulence(5.0), True), (None, False)):
        made = Normals(np.zeros(2), 0.01 * np.eye(2), w)
        logs = np.log(next(made.years(np.random.default_rng(1), 20_000, 1)))
        squares = np.corrcoef(logs[:, 0].ravel() ** 2, logs[:, 1].ravel() ** 2)[0, 1]
        assert bool(squares > 0.1) is together


def test_the_bootstrap_draws_whole_months_of_the_shifted_history(market: Market) -> None:
    history = market.complete_returns.dropna()[list(market.assumptions.assets)]
    made = sampler(BlockBootstrap(), market)
    assert isinstance(made, History)
    shifts = made.months - 1 - history.to_numpy()
    assert np.ptp(shifts, axis=0) == pytest.approx(0, abs=1e-12)
    months = {tuple(row) for row in made.months.astype(np.float32).tolist()}
    drawn = next(made.years(np.random.default_rng(2), 200, 1))
    seen = {tuple(row) for row in drawn.transpose(0, 2, 1).reshape(-1, history.shape[1]).tolist()}
    assert seen <= months
    assert len(seen) == len(months)


def test_stretches_of_a_series_with_momentum_grow_on_average_as_assumed() -> None:
    # two good years, then two bad ones: a stretch multiplies what belongs together
    returns = np.repeat([[0.05], [-0.05]], 24, axis=0)
    for length in (1.0, 12.0, 1e9):
        growth = of_stretches(returns, np.array([1.07]), length)
        drawn = History(growth, length).years(np.random.default_rng(3), 40_000, MONTHS)
        year = next(drawn)[-1, 0].astype(float)
        assert year.mean() == pytest.approx(1.07, abs=4.5 * year.std() / 200)
    whole = np.exp(np.log(np.vstack([growth, growth])).cumsum(axis=0))  # stretches that never end: any twelve in a row
    rows = [(whole[start + 11] / (whole[start - 1] if start else 1.0))[0] for start in range(48)]
    assert np.mean(rows) == pytest.approx(1.07, rel=1e-6)


def test_the_bootstrap_keeps_the_historys_volatilities_and_correlations(market: Market) -> None:
    names = [name for name in market.assumptions.assets if name != "ether"]
    places = [market.assumptions.assets.index(name) for name in names]
    drawn = single_months(BlockBootstrap(), market)[:, places].transpose(1, 0, 2).reshape(len(names), -1)
    history = market.returns[names]
    assert drawn.std(axis=1) == pytest.approx(history.std(ddof=0).to_numpy(), rel=0.02)
    assert np.corrcoef(drawn) == pytest.approx(history.corr().to_numpy(), abs=0.02)


@pytest.mark.parametrize("length", [1.0, 6.0, 24.0])
def test_stretches_of_the_bootstrap_have_the_mean_length_asked_for(length: float) -> None:
    rows = 50
    history = History((1 + np.arange(rows) / 1000)[:, None], length)
    drawn = np.concatenate([year.copy() for year in islice(history.years(np.random.default_rng(3), 2_000, 1), 20)])
    places = np.rint((drawn[:, 0] - 1) * 1000).astype(int)
    follows = ((places[1:] - places[:-1]) % rows == 1).mean()
    # the next month follows unless a new stretch begins, and then still once in so many rows
    assert follows == pytest.approx(1 - (1 - 1 / rows) / length, abs=0.005)
    assert np.bincount(places.ravel(), minlength=rows) / places.size == pytest.approx(1 / rows, rel=0.1)


def test_regimes_are_the_worst_fifth_of_equity_months_and_their_chances_are_counted(market: Market) -> None:
    found = regimes(market, RegimeSwitching())
    equities = market.universe["equities"].series
    returns = sum(member.share * market.returns[member.name] for member in equities)
    assert found.stressed.sum() == round(0.2 * 132) == 26
    assert returns[found.stressed].max() <= returns[~found.stressed].min()  # type: ignore[index]
    states = found.stressed.to_numpy()
    for before, chance in zip((False, True), found.to_stress, strict=True):
        following = states[1:][states[:-1] == before]
        assert chance == pytest.approx(following.sum() / len(following))


def test_regimes_have_the_assumed_mean_and_volatility_in_the_long_run(market: Market) -> None:
    found = regimes(market, RegimeSwitching())
    mean, ratios = monthly(market.assumptions)
    shares = np.array([1 - found.stress_share, found.stress_share])
    enter, stay = found.to_stress
    assert shares @ np.array([enter, stay]) == pytest.approx(found.stress_share)  # the chain's own distribution
    assert shares @ found.mean == pytest.approx(mean)
    variance = shares @ (found.covariance.diagonal(axis1=1, axis2=2) + (found.mean - mean) ** 2)
    assert variance == pytest.approx((ratios.diagonal() - 1) * mean**2)


def test_each_regime_has_its_own_correlations_and_lognormal_months_with_its_moments(market: Market) -> None:
    found = regimes(market, RegimeSwitching())
    for growth, covariance, log_mean, log_covariance in zip(
        found.mean, found.covariance, found.log_mean, found.log_covariance, strict=True
    ):
        assert np.exp(log_mean + log_covariance.diagonal() / 2) == pytest.approx(growth)
        made = np.outer(growth, growth) * np.expm1(log_covariance)
        assert made.diagonal() == pytest.approx(covariance.diagonal())
    history = market.complete_returns.dropna()
    for covariance, months in zip(found.covariance, (~found.stressed, found.stressed), strict=True):
        deviation = np.sqrt(covariance.diagonal())
        assert covariance / np.outer(deviation, deviation) == pytest.approx(history[months].corr().to_numpy())


def test_switching_paths_are_stationary_from_the_first_month_on(market: Market) -> None:
    equities = single_months(RegimeSwitching(), market, paths=20_000, years=5)[:, 0]
    first, last = equities[0], equities[-1]
    error = equities.std() * np.sqrt(2 / equities.shape[1])
    assert first.mean() == pytest.approx(last.mean(), abs=4 * error)
    assert first.std() == pytest.approx(last.std(), rel=0.04)


# --- paths of a mix ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.kind)
@pytest.mark.parametrize("every", [1, 3, 12])
def test_the_growth_of_the_mix_is_that_of_a_portfolio_followed_month_by_month(
    model: ReturnModel, every: int, market: Market
) -> None:
    weights = equal_mix(market, 24)
    weights[12:] = 0.0
    weights[12:, :2] = 0.5
    made = sampler(model, market)
    found = draw(made, weights, 50, 7, every).growth
    random = np.random.Generator(np.random.SFC64(np.random.SeedSequence(7, spawn_key=(0,))))
    single = np.concatenate([year.astype(float) for year in islice(made.years(random, BLOCK, 1), 2)])[:, :, :50]
    for month in range(24):
        if month % every == 0:
            held = np.tile(weights[month][:, None], (1, 50))
        held = held * single[month]
        grown = held.sum(axis=0)
        assert found[month] == pytest.approx(grown, rel=5e-6)
        held = held / grown


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.kind)
def test_fewer_paths_are_the_first_of_more_and_seeds_tell_apart(model: ReturnModel, market: Market) -> None:
    made, weights = sampler(model, market), equal_mix(market, 24)
    many, few = (draw(made, weights, paths, 3, MONTHS).growth for paths in (2 * BLOCK + 10, BLOCK - 1))
    np.testing.assert_array_equal(many[:, : BLOCK - 1], few)
    assert not np.array_equal(few, draw(made, weights, BLOCK - 1, 4, MONTHS).growth)
    assert len(np.unique(many[0, [0, BLOCK, 2 * BLOCK]])) == 3


def test_the_same_seed_gives_the_same_numbers_on_every_machine(market: Market) -> None:
    growth = draw(sampler(Lognormal(), market), equal_mix(market, 12), 3, 2025, MONTHS).growth
    assert growth[0] == pytest.approx([0.9997063, 0.9136003, 0.9586157], rel=1e-5)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.kind)
def test_later_weights_and_later_months_do_not_change_earlier_ones(model: ReturnModel, market: Market) -> None:
    made, weights = sampler(model, market), equal_mix(market, 36)
    longer = draw(made, weights, 100, 1, MONTHS).growth
    weights[24:] = 0.0
    weights[24:, 0] = 1.0
    other = draw(made, weights, 100, 1, MONTHS).growth
    np.testing.assert_array_equal(longer[:24], other[:24])
    assert not np.array_equal(longer[24:], other[24:])
    np.testing.assert_array_equal(draw(made, weights[:24], 100, 1, MONTHS).growth, longer[:24])


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.kind)
@pytest.mark.parametrize("places", [[3], [0, 2, 8], [0, 1, 2, 3, 4, 5, 7, 8]])
def test_what_is_drawn_of_an_asset_does_not_depend_on_what_else_is_held(
    model: ReturnModel, places: list[int], market: Market
) -> None:
    held = np.isin(np.arange(len(market.assumptions.assets)), places)
    every, some = (
        next(sampler(model, market, which).years(np.random.default_rng(1), 200, MONTHS)).copy()
        for which in (None, held)
    )
    np.testing.assert_allclose(some, every[:, held], rtol=5e-6)


def test_a_bootstrap_that_jumps_every_month_draws_every_month_of_history_alike() -> None:
    months = np.arange(1.0, 31.0)[:, None]
    drawn = islice(History(months, 1.0).years(np.random.default_rng(2), 1_000, 1), 10)
    counts = np.bincount(np.concatenate([year.ravel() for year in drawn]).astype(int))[1:]
    assert counts.sum() == 120_000
    assert ((counts - 4_000) ** 2 / 4_000).sum() < 60  # chi-squared of 29 degrees, p = 0.0006


def test_single_precision_moves_no_percentile_by_a_hundredth_of_its_monte_carlo_error(market: Market) -> None:
    drift, covariance = lognormal(*monthly(market.assumptions))
    weights, paths = equal_mix(market, 240), 2 * BLOCK
    found = draw(Normals(drift, root(covariance)), weights, paths, 1, MONTHS).growth.astype(float).prod(axis=0)
    exact = []
    for block in range(2):
        random = np.random.Generator(np.random.SFC64(np.random.SeedSequence(1, spawn_key=(block,))))
        wealth = np.ones(BLOCK)
        for year in range(20):
            normals = random.standard_normal((len(drift), MONTHS * BLOCK), dtype=np.float32).astype(float)
            logs = (root(covariance) @ normals + drift[:, None]).reshape(len(drift), MONTHS, BLOCK).sum(axis=1)
            wealth *= weights[MONTHS * year] @ np.exp(logs)
        exact.append(wealth)
    whole = np.concatenate(exact)
    assert found == pytest.approx(whole, rel=2e-5)
    for share in (5, 50, 95):
        low, high = np.percentile(whole, [max(share - 1, 0), min(share + 1, 100)])  # a point of probability around it
        assert abs(np.percentile(found, share) - np.percentile(whole, share)) < 0.01 * (high - low)


def test_the_deepest_fall_is_from_a_high_to_a_later_low_the_start_included() -> None:
    growth = np.array([[1.1, 0.8], [0.5, 1.5], [1.5, 0.75], [0.8, 1.0]], np.float32)
    # 1, 1.1, 0.55, 0.825, 0.66 falls by half; 1, 0.8, 1.2, 0.9, 0.9 by a quarter
    assert Futures(growth).deepest_falls == pytest.approx([-0.5, -0.25])


def test_after_a_month_that_takes_everything_growth_is_still_defined(market: Market) -> None:
    names = list(market.assumptions.assets)
    mean = market.assumptions.mean.copy()
    mean["bitcoin"] = -0.5
    returns = market.returns.copy()
    returns.iloc[40, names.index("bitcoin")] = -0.9999
    lost = Market(market.universe, returns, Assumptions(mean, market.assumptions.covariance, 0.0))
    weights = np.zeros((24, len(names)))
    weights[:, names.index("bitcoin")] = 1.0
    made = sampler(BlockBootstrap(), lost)
    assert isinstance(made, History)
    assert made.months.min() == 1e-6
    growth = draw(made, weights, 500, 1, MONTHS).growth
    assert np.isfinite(growth).all()
    assert (growth > 0).all()


def test_progress_is_told_block_by_block_and_may_stop_the_work(market: Market) -> None:
    told: list[float] = []
    draw(sampler(BlockBootstrap(), market), equal_mix(market, 12), 2 * BLOCK + 1, 1, MONTHS, told.append)
    assert told == pytest.approx([BLOCK / (2 * BLOCK + 1), 2 * BLOCK / (2 * BLOCK + 1), 1.0])

    def stop(part: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draw(sampler(BlockBootstrap(), market), equal_mix(market, 12), BLOCK, 1, MONTHS, stop)


# --- as documents -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [*MODELS, StudentT(degrees_of_freedom=4)], ids=lambda model: model.kind)
def test_a_model_is_told_by_its_kind_when_it_is_read_back(model: ReturnModel) -> None:
    reader: TypeAdapter[Any] = TypeAdapter(ReturnModel)
    assert reader.validate_json(reader.dump_json(model)) == model


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: StudentT(degrees_of_freedom=2), "Degrees of freedom is 2: it must be between 3 and 200"),
        (lambda: BlockBootstrap(mean_block=0), "between 1 and 120"),
        (lambda: RegimeSwitching(stress_share=0.9), "between 0.05 and 0.5"),
    ],
)
def test_parameters_out_of_range_are_refused_in_words(make: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        make()


def test_a_class_that_is_not_there_and_too_few_months_are_refused_in_words(market: Market) -> None:
    with pytest.raises(InputError, match="no asset class 'stocks'"):
        sampler(RegimeSwitching(asset_class="stocks"), market)
    with pytest.raises(InputError, match="7 would be stress: each regime needs at least 12"):
        sampler(RegimeSwitching(stress_share=0.05), market)
