from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import EXAMPLE, InputError, Portfolio, crypto_steps
from planner.outlook.crypto_steps import with_crypto
from planner.outlook.metrics import past_path

if TYPE_CHECKING:
    from planner.market.market import Market

MIX = EXAMPLE.targets.weights


@settings(deadline=None)
@given(st.lists(st.integers(1, 100), min_size=2, max_size=6), st.floats(0, 1))
def test_a_mix_with_another_share_of_crypto_sums_to_1_in_its_old_proportions(parts: list[int], share: float) -> None:
    names = ["crypto", "equities", "fixed_income", "real_estate", "commodities", "cash"][: len(parts)]
    mix = {name: part / sum(parts) for name, part in zip(names, parts, strict=True)}
    changed = with_crypto(mix, share)
    assert sum(changed.values()) == pytest.approx(1, abs=1e-12)
    assert changed["crypto"] == share
    for name in names[2:]:
        assert changed[name] * mix["equities"] == pytest.approx(changed["equities"] * mix[name], abs=1e-12)


def test_the_share_it_has_already_changes_nothing() -> None:
    assert with_crypto(MIX, MIX["crypto"]) == pytest.approx(dict(MIX), abs=1e-15)


def test_a_mix_without_crypto_makes_room_for_it() -> None:
    assert with_crypto({"equities": 0.6, "fixed_income": 0.4}, 0.1) == pytest.approx(
        {"equities": 0.54, "fixed_income": 0.36, "crypto": 0.1}
    )


@pytest.mark.parametrize("share", [-0.01, 1.01, float("nan")])
def test_an_impossible_share_is_refused(share: float) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        with_crypto(MIX, share)


def test_a_mix_of_crypto_alone_is_refused() -> None:
    with pytest.raises(InputError, match="nothing but crypto"):
        with_crypto({"crypto": 1.0}, 0.5)


def test_each_step_is_the_portfolio_of_its_mix(market: Market) -> None:
    steps = crypto_steps(MIX, [0.0, 0.05, 0.15], market)
    assert list(steps.index) == [0.0, 0.05, 0.15]
    for share, step in steps.iterrows():
        weights = market.universe.split(with_crypto(MIX, float(share)))  # type: ignore[arg-type]
        portfolio = Portfolio.of(market.assumptions, weights)
        past = past_path(market.complete_returns, weights)
        risk = portfolio.risk_contributions
        assert step.to_dict() == pytest.approx(
            {
                "expected_return": portfolio.expected_return,
                "volatility": portfolio.volatility,
                "sharpe": portfolio.sharpe,
                "crypto_risk_share": risk["bitcoin"] + risk["ether"],
                "worst_year": past.worst_year,
                "deepest_fall": past.deepest_fall,
            },
            abs=1e-12,
        )


def test_more_crypto_is_more_return_more_risk_and_deeper_falls(market: Market) -> None:
    steps = crypto_steps(MIX, [points / 100 for points in range(16)], market)
    for column in ("expected_return", "volatility", "crypto_risk_share"):
        assert steps[column].is_monotonic_increasing
    for column in ("worst_year", "deepest_fall"):
        assert steps[column].is_monotonic_decreasing
    assert steps.loc[0.0, "crypto_risk_share"] == 0
