"""The Trades tab without a browser: controls move the scenario, and what is shown follows."""

import csv
import datetime as dt
import io
import re

import pandas as pd
import pytest

from planner.errors import InputError
from planner.household.accounts import Asset
from planner.scenario import EXAMPLE
from planner.trading.orders import Order, Side, Term
from planner.trading.rebalance import rebalance
from planner.trading.rules import Calendar, Destination, Frequency, Hybrid, Threshold
from widgets import trade_tables
from widgets.panels.price import ALL_THE_SAME, DOING_NOTHING
from widgets.panels.rule import AGREED, IN_PARTS, IN_POINTS
from widgets.panels.trades import NO_HOUSEHOLD, TradesPanel
from widgets.session import Session

CURVE = pd.DataFrame({"tracking_price": [0.0, 0.3], "tax": [0.0, 900.0], "cost": [0.0, 50.0], "drift": [0.065, 0.0]})
FOUND = []
DUE, NOT_DUE = "Trades are due.", "Nothing is due."


def opened(**changes):
    panel = TradesPanel(Session(EXAMPLE.with_changes(**changes)))
    panel.showing = True
    return panel


@pytest.fixture(scope="module")
def example():
    return opened()


@pytest.fixture
def quick(monkeypatch):
    """A curve that costs nothing, and trades that are found once: for what is not about either."""

    def remembered(**asked):
        known = next((made for before, made in FOUND if before == asked), None)
        if known is None:
            known = rebalance(**asked)
            FOUND.append((asked, known))
        return known

    monkeypatch.setattr("widgets.panels.trades.tax_drift_curve", lambda **_: CURVE.copy())
    monkeypatch.setattr("widgets.panels.trades.rebalance", remembered)


@pytest.fixture
def panel(quick):
    return opened()


def lines(text):
    return list(csv.DictReader(io.StringIO(text)))


def dollars(html):
    return [float(found.replace(",", "")) for found in re.findall(r"\$([\d,]+\.\d\d)", html)]


def test_nothing_is_computed_before_the_tab_is_shown(quick):
    panel = TradesPanel(Session())
    assert "Finding the trades" in panel.orders.table.value
    panel.session.change(last_rebalanced=dt.date(2025, 9, 1))
    assert panel.rule.said.value == ""
    panel.showing = True
    assert NOT_DUE in panel.rule.said.value


def test_the_example_is_due_and_says_why(example):
    assert DUE in example.rule.said.value
    assert "Crypto is 9.8 %" in example.rule.said.value
    outside = {row["label"] for row in example.rule.drift.rows["drift"] if row["outside"]}
    assert outside == {"Equities", "Fixed income", "Crypto"}


def test_every_order_is_a_row_that_opens_to_its_lot_and_rate(example):
    html = example.orders.table.value
    assert html.count("<details") == len(example.orders._made.orders) > 5
    assert "bought on 2023-06-01 at $27,000.00" in html
    assert "federal 0 %, net investment income 0 %, state 5 %" in html


def test_the_totals_are_those_of_the_file(example):
    rows = lines(example.orders.orders_csv())
    totals = example.orders.table.value.partition("pl-order-total")[2]
    sums = [sum(float(row["amount"]) for row in rows if row["side"] == side) for side in ("buy", "sell")]
    assert dollars(totals) == pytest.approx(sums, abs=0.01)


def test_the_report_of_the_year_holds_the_sales_of_the_orders(example):
    sold = [row for row in lines(example.orders.orders_csv()) if row["term"]]
    report = lines(example.orders.gains_csv())
    assert len(report) == len(sold)
    assert sum(float(row["gain"]) for row in report) == pytest.approx(sum(float(row["gain"]) for row in sold), abs=0.1)


def test_a_loss_that_would_be_a_wash_sale_is_grey_with_the_reason(example):
    assert "class='pl-blocked'" in example.harvest.table.value
    assert "A loss on BND does not count until" in example.harvest.table.value


def test_the_tax_after_less_the_tax_before_is_the_tax_of_the_trades(example):
    made = example.orders._made
    assert trade_tables.signed(made.tax) in example.price.parts.value
    assert trade_tables.signed(made.tax) in example.price.figures.value


def test_the_chosen_price_lies_on_the_curve(example):
    rows = example.price.curve.rows
    here = rows["here"][0]
    same = next(row for row in rows["curve"] if row["tracking_price"] == EXAMPLE.trading.tracking_price)
    assert (here["drift"], here["paid"]) == pytest.approx((same["drift"], same["paid"]), rel=1e-3)
    assert not example.price.busy


def test_wide_bands_are_not_due_and_then_there_is_nothing_to_do(panel):
    panel.rule.width.value = 6
    assert panel.rule.measure.value == IN_POINTS
    assert panel.session.scenario.rebalancing.threshold.absolute == 0.06
    assert "Crypto" in panel.rule.said.value  # whose own band stays at two points
    panel.rule.crypto_width.value = 6
    assert panel.session.scenario.rebalancing.threshold.bands == {}
    assert NOT_DUE in panel.rule.said.value
    assert "Nothing to do" in panel.orders.table.value
    assert lines(panel.orders.orders_csv()) == []


def test_a_slider_is_not_answered_with_the_value_it_sent(panel):
    sent = []
    for slider in (panel.rule.width, panel.price.price):
        slider.observe(lambda change: sent.append(change.new), "value")
    panel.rule.width.value = 3.0000000000000004
    panel.price.price.value = 11.999999999999998
    assert sent == [3.0000000000000004, 11.999999999999998]


def test_where_nothing_is_due_the_curve_says_what_trading_all_the_same_would_cost(monkeypatch):
    asked = []
    monkeypatch.setattr("widgets.panels.trades.tax_drift_curve", lambda **given: asked.append(given) or CURVE.copy())
    panel = opened(last_rebalanced=dt.date(2025, 9, 1))
    assert asked[-1]["rule"] is None
    assert ALL_THE_SAME in panel.price.meaning.value
    assert panel.price.curve.rows["here"][0]["label"] == DOING_NOTHING
    panel.session.change(last_rebalanced=None)
    assert asked[-1]["rule"] == EXAMPLE.rebalancing
    assert ALL_THE_SAME not in panel.price.meaning.value


def test_a_higher_price_pays_more_and_leaves_less(panel):
    before = panel.price.curve.rows["here"][0]
    panel.price.price.value = 40
    after = panel.price.curve.rows["here"][0]
    assert panel.session.scenario.trading.tracking_price == 0.4
    assert after["paid"] > before["paid"]
    assert after["drift"] < before["drift"]


def test_the_price_of_tracking_does_not_make_the_curve_anew(panel):
    drawn = panel.price.curve.rows["curve"]
    made = panel.price._curve
    panel.price.price.value = 20
    assert panel.price._curve is made
    assert panel.price.curve.rows["curve"] == drawn


def test_a_click_on_the_curve_takes_that_price_and_can_be_repeated(panel):
    wanted = panel.price.curve.rows["curve"][-1]
    for _ in range(2):
        panel.session.change(trading=EXAMPLE.trading)
        panel.price.curve.selection = {"chosen": {"tracking_price": [wanted["tracking_price"]]}}
        assert panel.session.scenario.trading.tracking_price == wanted["tracking_price"]
        assert panel.price.price.value == pytest.approx(100 * wanted["tracking_price"])
    assert panel.price.curve.rows["here"][0]["label"] == "30 cents"


def test_money_that_comes_in_is_invested_though_nothing_is_due(panel):
    panel.session.change(last_rebalanced=dt.date(2025, 9, 1))
    assert "Nothing to do" in panel.orders.table.value
    panel.rule.paid_in.value = 5_000
    made = panel.orders._made
    assert made.flows == {"Joint brokerage": 5_000}
    assert made.orders
    assert all(order.side is Side.BUY for order in made.orders)
    panel.rule.into.value = "Ben's Roth IRA"
    assert panel.orders._made.flows == {"Ben's Roth IRA": 5_000}


def test_more_than_there_is_cannot_be_taken_out_and_the_page_says_so(panel):
    panel.rule.paid_out.value = 10_000_000
    assert "can pay out" in panel.note.value
    assert "<details" not in panel.orders.table.value
    with pytest.raises(InputError):
        panel.orders.orders_csv()
    panel.rule.paid_out.value = 0
    assert panel.note.value == ""
    assert "<details" in panel.orders.table.value


@pytest.mark.parametrize(
    "rule",
    [
        Calendar(frequency=Frequency.ANNUALLY),
        Threshold(relative=0.25, destination=Destination.EDGE),
        Hybrid(look=Frequency.MONTHLY, threshold=Threshold(absolute=0.03, bands={"crypto": {"absolute": 0.01}})),
        Hybrid(),
    ],
)
def test_the_controls_stand_where_the_rule_of_the_scenario_is(rule, quick):
    panel = opened(rebalancing=rule)
    assert panel.rule._stated() == rule
    assert panel.session.scenario.rebalancing == rule


def test_another_measure_starts_at_its_customary_width(panel):
    panel.rule.measure.value = IN_PARTS
    assert panel.session.scenario.rebalancing.threshold.relative == 0.225
    panel.rule.measure.value = AGREED
    assert panel.session.scenario.rebalancing == Hybrid()


def test_a_last_day_after_the_prices_is_said_beside_the_rule(panel):
    panel.session.change(last_rebalanced=dt.date(2026, 1, 1))
    assert "after the day of the prices" in panel.rule.said.value
    assert "after the day of the prices" in panel.note.value


def test_without_accounts_every_card_of_trades_says_what_to_do(quick):
    panel = opened(household=None)
    for card in (panel.rule.said, panel.price.nothing, panel.orders.table, panel.harvest.table):
        assert NO_HOUSEHOLD in card.value
    assert "monthly steps" in panel.phasing.said.value
    panel.session.change(household=EXAMPLE.household)
    assert DUE in panel.rule.said.value
    assert "<details" in panel.orders.table.value


def test_months_and_amount_change_the_schedule_and_its_past(example):
    phasing = example.phasing
    phasing.amount.value, phasing.months.value = 24_000, 6
    rows = phasing.chart.rows["schedule"]
    assert len({row["month"] for row in rows}) == 6
    assert sum(row["amount"] for row in rows) == pytest.approx(24_000)
    before = phasing.history.rows
    phasing.months.value = 12
    assert len({row["month"] for row in phasing.chart.rows["schedule"]}) == 12
    assert phasing.history.rows != before
    assert "all at once ended higher" in phasing.past.value


def test_a_hidden_tab_catches_up_when_it_is_opened_again(panel):
    panel.showing = False
    panel.session.change(rebalancing=Calendar(frequency=Frequency.ANNUALLY))
    assert DUE in panel.rule.said.value
    assert "<details" in panel.orders.table.value
    panel.showing = True
    assert NOT_DUE in panel.rule.said.value
    assert "<details" not in panel.orders.table.value


def test_names_from_a_file_are_escaped_wherever_they_are_shown(panel):
    hostile = "<script>alert(1)</script>"
    household = EXAMPLE.household
    accounts = tuple(one.with_changes(name=f"{one.name} {hostile}") for one in household.accounts)
    assets = tuple(Asset(**one.model_dump() | {"label": hostile}) for one in household.assets)
    panel.session.change(household=household.with_changes(accounts=accounts, assets=assets))
    shown = [panel.orders.table, panel.orders.notes, panel.harvest.table, panel.harvest.notes, panel.rule.said]
    assert "&lt;script&gt;" in panel.orders.table.value
    assert all("<script>" not in html.value for html in shown)


def test_a_spreadsheet_runs_nothing_of_the_orders_file(panel):
    household = EXAMPLE.household
    accounts = tuple(one.with_changes(name=f"=1+{place}") for place, one in enumerate(household.accounts))
    panel.session.change(household=household.with_changes(accounts=accounts))
    rows = lines(panel.orders.orders_csv())
    assert {row["account"] for row in rows} <= {f"'=1+{place}" for place in range(len(accounts))}
    assert any(float(row["gain"]) < 0 for row in rows)


def test_of_very_many_orders_the_first_are_shown_and_the_rest_counted():
    order = Order("broker", "VTI", Side.SELL, 1.0, 10.0, 10.0, gain=2.0, term=Term.LONG, rate=0.15, tax=0.3)
    html = trade_tables.orders([order] * 250, lambda _: "", lambda _: ())
    assert html.count("<details") == trade_tables.MOST_SHOWN
    assert "50 more orders are in the file" in html
    assert "sold $2,500.00" in html
