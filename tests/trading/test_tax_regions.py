"""The pieces of the tax that the rebalancing program carries, against the bill itself."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from planner.household.tax_situation import FilingStatus, TaxSituation
from planner.household.taxes import Gains, tax_bill
from planner.trading.tax_regions import tax_regions

AMOUNTS = st.one_of(st.floats(-900_000, 900_000), st.sampled_from([-3_000.0, 0.0, 1.0, 48_350.0, 533_400.0]))
SITUATIONS = st.builds(
    TaxSituation,
    filing=st.sampled_from(FilingStatus),
    income=st.one_of(st.floats(0, 900_000), st.sampled_from([0.0, 15_750.0, 16_000.0, 200_000.0])),
    investment_income=st.floats(0, 50_000),
    state_rate=st.sampled_from([0.0, 0.05]),
    short_loss_carried=st.sampled_from([0.0, 7_000.0]),
    long_loss_carried=st.sampled_from([0.0, 11_000.0]),
)


@given(SITUATIONS, AMOUNTS, AMOUNTS)
@example(TaxSituation(income=5_000), 2_000.0, 30_000.0)
def test_in_every_region_that_holds_the_gains_the_maxima_are_the_bill(situation, short, long):
    bill = tax_bill(situation, Gains(short, long), 2025).total
    net_short, net_long = short - situation.short_loss_carried, long - situation.long_loss_carried
    regions = [region for region in tax_regions(situation, 2025) if region.holds(net_short, net_long)]
    assert regions
    for region in regions:
        assert region.tax(net_short, net_long) == pytest.approx(bill, abs=1e-6)
