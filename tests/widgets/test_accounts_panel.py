import datetime as dt

import pytest

from planner.household.accounts import Account, AccountKind, Asset, Household, Lot
from planner.household.example import EXAMPLE_DAY, EXAMPLE_FILE, example_household
from planner.household.ofx import Statement
from planner.household.reading_accounts import accounts_csv
from planner.household.tax_situation import FilingStatus
from planner.market.universe import BUILT_IN
from planner.scenario import EXAMPLE
from planner.trading.holdings import Holdings, total_drift
from widgets.account_charts import drift_rows, signed_points
from widgets.account_rows import NAMES, PLACE, completed, household_of, rows_of
from widgets.account_tables import class_by_account, problem_list
from widgets.panels.accounts import AccountsPanel
from widgets.panels.location import LocationPanel
from widgets.session import Session
from widgets.table_editor import MOST_ROWS, YES

HOUSEHOLD = example_household()
HEADER = "account,kind,owner,asset,quantity,price,amount\n"


@pytest.fixture(autouse=True)
def _nothing_placed(monkeypatch):
    """Placing the targets has tests of its own."""
    monkeypatch.setattr(LocationPanel, "_work", lambda *_: None)


@pytest.fixture
def session():
    return Session(EXAMPLE.with_changes(household=HOUSEHOLD))


@pytest.fixture
def panel(session):
    made = AccountsPanel(session)
    made.showing = True
    return made


def typed(panel, row, name, text):
    """Type over one cell, as the page does."""
    rows = [list(cells) for cells in panel.table.rows]
    rows[row][PLACE[name]] = text
    panel.table.rows = rows


def row_with(rows, **said):
    return next(place for place, row in enumerate(rows) if all(row[PLACE[name]] == said[name] for name in said))


def column(rows, name, **said):
    return {row[PLACE[name]] for row in rows if all(row[PLACE[key]] == said[key] for key in said)}


def read(rows, household=HOUSEHOLD):
    return household_of(rows, EXAMPLE_DAY, household, BUILT_IN)


def test_the_rows_of_a_household_read_as_the_same_household():
    assert read(rows_of(HOUSEHOLD)) == HOUSEHOLD


def test_what_the_table_does_not_show_is_kept():
    sold = HOUSEHOLD.with_changes(
        sales=(
            {
                "account": "Joint brokerage",
                "asset": "VTI",
                "quantity": 5.0,
                "unit_cost": 100.0,
                "acquired": dt.date(2020, 1, 2),
                "unit_price": 90.0,
                "sold": dt.date(2025, 9, 1),
                "disallowed": 10.0,
            },
        )
    )
    again = read(rows_of(sold), sold)
    assert again.sales == sold.sales
    assert [account.may_hold for account in again.accounts] == [account.may_hold for account in sold.accounts]
    assert again.prices["IUSB"] == HOUSEHOLD.prices["IUSB"]  # nobody holds it


def test_thousands_are_set_apart_and_small_numbers_kept_whole():
    rows = rows_of(HOUSEHOLD)
    assert column(rows, "price", asset="BTC") == {"114,000"}
    assert "0.0625" in column(rows, "quantity", asset="BTC")


def test_names_that_look_like_formulas_are_read_back_as_they_are():
    account = HOUSEHOLD.accounts[0].with_changes(name="=1+1", owner="-Ann")
    odd = HOUSEHOLD.with_changes(accounts=(account, *HOUSEHOLD.accounts[1:]))
    assert read(rows_of(odd), odd).accounts == odd.accounts


def test_a_bad_cell_is_an_error_of_its_row_and_column():
    rows = rows_of(HOUSEHOLD)
    rows[2][PLACE["quantity"]] = "many"
    rows[5][PLACE["acquired"]] = "last week"
    errors = read(rows)
    assert [(error.row, error.column) for error in errors] == [(2, "quantity"), (5, "acquired")]
    assert errors[0].sentence.startswith("'many' is no number")


def test_a_contradiction_names_the_row_it_contradicts():
    rows = rows_of(HOUSEHOLD)
    rows[2][PLACE["kind"]] = "HSA"
    (error,) = read(rows)
    assert (error.row, error.column, error.sentence) == (2, "kind", "differs from row 1: say it once.")


def test_the_cash_of_an_account_that_stands_there_twice_is_an_error_of_the_second_row():
    rows = rows_of(HOUSEHOLD)
    (error,) = read([*rows, rows[0]])
    assert error.row == len(rows)
    assert "row 1" in error.sentence


def test_an_asset_that_follows_nothing_known_is_asked_for_its_series():
    rows = rows_of(HOUSEHOLD)
    rows.append(["Ann's IRA", "", "", "NVDA", "", "3", "", "", "180"])
    (error,) = read(rows)
    assert (error.row, error.column) == (len(rows) - 1, "series")
    rows[-1][PLACE["series"]] = "us_equity"
    assert read(rows).asset_of["NVDA"].series == "us_equity"


def test_empty_rows_are_passed_over_and_nothing_else_is_no_household():
    empty = [""] * len(NAMES)
    assert read([empty, *rows_of(HOUSEHOLD), empty]).accounts == HOUSEHOLD.accounts
    assert read([empty, [" "] * len(NAMES)]) is None


def test_a_series_of_the_universe_needs_no_description():
    rows = [["Mine", "Roth IRA", "Me", "us_bonds", "us_bonds", "10", "", "", "75"]]
    household = read(rows, None)
    assert household.assets == ()
    assert Holdings(household).total == 750


def test_a_price_typed_over_is_the_price_of_all_lots_of_the_asset():
    rows = rows_of(HOUSEHOLD)
    changed = [list(row) for row in rows]
    changed[row_with(rows, asset="VTI")][PLACE["price"]] = "400"
    assert column(completed(changed, rows, HOUSEHOLD), "price", asset="VTI") == {"400"}
    assert column(completed(changed, rows, HOUSEHOLD), "price", asset="BND") == {"74.5"}


def test_a_lot_moved_to_another_account_takes_its_kind_and_owner():
    rows = rows_of(HOUSEHOLD)
    changed = [list(row) for row in rows]
    place = row_with(rows, account="Ann's IRA", asset="VNQ")
    changed[place][PLACE["account"]] = "Ben's Roth IRA"
    assert completed(changed, rows, HOUSEHOLD)[place][:3] == ["Ben's Roth IRA", "Roth IRA", "Ben"]


@pytest.mark.parametrize(("symbol", "series", "price"), [("BND", "us_bonds", "74.5"), ("IUSB", "us_bonds", "46.5")])
def test_a_lot_of_another_asset_takes_its_price_and_not_the_last_one_s(symbol, series, price):
    rows = rows_of(HOUSEHOLD)
    changed = [list(row) for row in rows]
    place = row_with(rows, account="Ben's Roth IRA", asset="VTI")
    changed[place][PLACE["asset"]] = symbol
    done = completed(changed, rows, HOUSEHOLD)[place]
    assert (done[PLACE["series"]], done[PLACE["price"]]) == (series, price)
    changed[place][PLACE["asset"]] = "NEW"
    assert completed(changed, rows, HOUSEHOLD)[place][PLACE["price"]] == ""


def test_a_pasted_block_is_left_as_it_was_pasted():
    rows = rows_of(HOUSEHOLD)
    changed = [list(row) for row in rows]
    changed[1][PLACE["price"]], changed[2][PLACE["price"]] = "1", "2"
    assert completed(changed, rows, HOUSEHOLD) == changed


def test_an_edited_quantity_changes_the_household_and_the_drift(panel, session):
    before = panel.view.drift.rows
    place = row_with(panel.table.rows, asset="VTSAX")
    typed(panel, place, "quantity", "600")
    assert session.scenario.household.accounts[0].holdings[0].quantity == 600
    assert panel.view.drift.rows != before
    assert "$297,400" in panel.view.figures.value
    assert panel.table.errors == []


def test_a_bad_cell_leaves_the_table_as_typed_and_the_scenario_as_it_was(panel, session):
    typed(panel, 1, "quantity", "6oo")
    assert panel.table.rows[1][PLACE["quantity"]] == "6oo"
    assert session.scenario.household == HOUSEHOLD
    assert panel.table.errors[0]["row"] == 1
    assert "last readable" in panel.problem.value
    typed(panel, 1, "quantity", "600")
    assert panel.table.errors == []
    assert panel.problem.value == ""
    assert session.scenario.household != HOUSEHOLD


def test_a_change_elsewhere_does_not_wipe_what_is_typed_and_not_yet_right(panel, session):
    typed(panel, 1, "quantity", "6oo")
    session.change(trading=session.scenario.trading.with_changes(minimum_trade=500))
    panel.folds.selected_index = 0
    panel.taxes.state_rate.value = 7
    assert session.scenario.household.taxes.state_rate == pytest.approx(0.07)
    assert panel.table.rows[1][PLACE["quantity"]] == "6oo"


def test_a_household_that_comes_from_elsewhere_is_shown_in_the_table(panel, session):
    session.change(household=HOUSEHOLD.with_changes(accounts=HOUSEHOLD.accounts[:1]))
    assert column(panel.table.rows, "account") == {"Ann's 401(k)"}


def test_without_rows_there_is_no_household_and_one_empty_row_to_begin_with(panel, session):
    panel.table.rows = []
    assert session.scenario.household is None
    assert panel.table.rows == [[""] * len(NAMES)]
    assert "type your accounts" in panel.view.figures.value


def test_a_panel_without_accounts_takes_the_first_ones_typed():
    session = Session(EXAMPLE.with_changes(household=None))
    panel = AccountsPanel(session)
    panel.showing = True
    panel.table.rows = [["Mine", "taxable", "Me", "bitcoin", "bitcoin", "0.1", "20,000", "2023-01-02", "$100,000"]]
    assert isinstance(session.scenario.household, Household)
    assert "$10,000" in panel.view.figures.value


def test_the_day_of_the_prices_is_held_against_the_days_of_purchase(panel, session):
    panel.as_of.value = dt.date(2025, 1, 31)
    assert session.scenario.household.as_of == EXAMPLE_DAY
    assert any("after 2025-01-31" in error["sentence"] for error in panel.table.errors)
    panel.as_of.value = dt.date(2025, 10, 31)
    assert session.scenario.household.as_of == dt.date(2025, 10, 31)
    assert panel.table.errors == []


def test_a_year_without_tax_tables_leaves_everything_else_known(panel, session):
    panel.as_of.value = dt.date(2031, 1, 31)
    panel.view.after_tax.value = True
    assert session.scenario.household.as_of == dt.date(2031, 1, 31)
    assert session.problem == ""
    assert "There is no tax table for 2031" in panel.view.note.value
    assert "unknown" in panel.view.figures.value
    assert panel.view.table.value.count("<table") == 1
    panel.as_of.value = dt.date(2026, 1, 31)
    assert panel.view.note.value == ""
    assert panel.view.table.value.count("<table") == 2


def test_accounts_without_anything_in_them_are_shown(panel, session):
    panel.table.rows = [["Mine", "HSA", "Me", "", "", "", "", "", ""]]
    assert session.scenario.household.accounts[0].holdings == ()
    assert session.problem == panel.problem.value == ""
    assert "$0" in panel.view.figures.value


def test_a_file_with_bad_lines_is_refused_line_by_line_and_nothing_is_loaded(panel, session):
    content = HEADER + "<b>A</b>,HSA,Me,BND,none,75,\nB,boat,Me,BND,1,75,\n"
    panel.upload.take("mine.csv", content.encode())
    assert "mine.csv: nothing was loaded." in panel.problem.value
    assert "Line 2: column &#x27;quantity&#x27;: &#x27;none&#x27; is no number" in panel.problem.value
    assert "Line 3: column &#x27;kind&#x27;" in panel.problem.value
    assert session.scenario.household == HOUSEHOLD


def test_the_name_of_a_file_is_escaped(panel):
    panel.upload.take("<img src=x onerror=alert(1)>.csv", b"\0")
    assert "<img" not in panel.problem.value
    assert "&lt;img" in panel.problem.value


def test_a_good_file_takes_the_place_of_the_accounts_and_can_be_undone(panel, session):
    typed(panel, 1, "quantity", "6oo")
    panel.upload.take("mine.csv", (HEADER + "Mine,HSA,Me,us_bonds,10,75,\nMine,,,cash,,,50\n").encode())
    assert [account.name for account in session.scenario.household.accounts] == ["Mine"]
    assert session.scenario.household.taxes == HOUSEHOLD.taxes
    assert "$800" in panel.view.figures.value
    assert panel.problem.value == ""
    panel.undo.click()
    assert session.scenario.household == HOUSEHOLD
    assert panel.table.rows[1][PLACE["quantity"]] == "6oo"
    assert panel.undo.layout.display == "none"


def test_a_file_whose_assets_follow_nothing_known_is_completed_in_the_table(panel, session):
    panel.upload.take("mine.csv", (HEADER + "Mine,HSA,Me,NVDA,10,75,\n").encode())
    assert panel.table.errors[0]["sentence"] == "choose the series whose returns 'NVDA' follows."
    assert session.scenario.household == HOUSEHOLD
    typed(panel, 0, "series", "us_equity")
    assert session.scenario.household.asset_of["NVDA"].series == "us_equity"


@pytest.fixture
def statement(panel, monkeypatch):
    """The form, asking about a statement of fifty units of one asset on 2025-10-15."""

    def read(content, kind, owner, *, name="", series):
        account = Account(kind=kind, owner=owner, name=name, holdings=(Lot(asset=content.decode(), quantity=50),))
        symbol = content.decode()
        return Statement(
            Household(
                accounts=(account,),
                prices={symbol: 80.0},
                as_of=dt.date(2025, 10, 15),
                assets=(Asset(symbol=symbol, series=series.get(symbol, symbol)),),
            ),
            ("Check <this>.",),
        )

    monkeypatch.setattr("planner.household.ofx.read_ofx", read)
    panel.upload.take("mine.OFX", b"BND")
    return panel.statement


def test_the_account_of_a_statement_is_asked_for_and_added(panel, session, statement):
    assert session.scenario.household == HOUSEHOLD
    statement.kind.value, statement.owner.value = AccountKind.HSA, "Ben"
    statement.read.click()
    added = session.scenario.household.accounts[-1]
    assert (added.name, added.kind, added.holdings[0].quantity) == ("Ben, HSA", AccountKind.HSA, 50)
    assert session.scenario.household.prices["BND"] == 80
    assert panel.as_of.value == session.scenario.household.as_of == dt.date(2025, 10, 15)
    assert "Check &lt;this&gt;." in statement.said.value
    panel.undo.click()
    assert session.scenario.household == HOUSEHOLD


def test_a_statement_takes_the_place_of_the_account_it_is_of(session, statement):
    statement.account.value = "Ann's 401(k)"
    statement.read.click()
    accounts = session.scenario.household.accounts
    assert [account.name for account in accounts] == [account.name for account in HOUSEHOLD.accounts]
    assert [lot.asset for lot in accounts[0].holdings] == ["BND"]
    assert accounts[0].may_hold == HOUSEHOLD.accounts[0].may_hold


def test_a_statement_that_cannot_be_added_is_a_sentence_and_the_form_stays(session, statement):
    statement.read.click()
    assert "Owner" in statement.said.value
    assert statement.children[0].layout.display is None
    statement.leave.click()
    assert statement.children[0].layout.display == "none"
    assert session.scenario.household == HOUSEHOLD


def test_the_first_account_can_be_a_statement_whose_asset_is_then_described(panel, session, statement):
    session.change(household=None)
    panel.upload.take("mine.qfx", b"NVDA")
    statement.owner.value, statement.kind.value = "Ann", AccountKind.ROTH_IRA
    statement.read.click()
    assert session.scenario.household is None
    typed(panel, 0, "series", "us_equity")
    assert session.scenario.household.asset_of["NVDA"].series == "us_equity"


def test_days_of_replaced_shares_are_kept_though_no_column_shows_them():
    account = HOUSEHOLD.accounts[-1]
    day = dt.date(2025, 8, 1)
    lots = (account.holdings[0].with_changes(bought=day), *account.holdings[1:])
    before = HOUSEHOLD.with_changes(accounts=(*HOUSEHOLD.accounts[:-1], account.with_changes(holdings=lots)))
    rows = rows_of(before)
    assert read(rows, before) == before
    rows[row_with(rows, asset="GLD")][PLACE["quantity"]] = "13"
    assert read(rows, before).accounts[-1].holdings[0].bought == day


def test_a_file_of_many_lots_is_shown_in_part_and_none_of_it_lost(panel, session):
    lots = "".join(f"Mine,HSA,Me,us_bonds,{n + 1},75,\n" for n in range(MOST_ROWS + 100))
    panel.upload.take("many.csv", (HEADER + lots).encode())
    assert len(session.scenario.household.accounts[0].holdings) == MOST_ROWS + 100
    assert not panel.table.editable
    panel.as_of.value = dt.date(2025, 12, 31)
    assert len(session.scenario.household.accounts[0].holdings) == MOST_ROWS + 100
    assert session.scenario.household.as_of == dt.date(2025, 12, 31)
    panel.upload.take("few.csv", (HEADER + "Mine,HSA,Me,us_bonds,1,75,\n").encode())
    panel.undo.click()
    assert len(session.scenario.household.accounts[0].holdings) == MOST_ROWS + 100


def test_the_accounts_are_saved_as_the_file_that_reads_them(panel):
    assert panel._csv() == accounts_csv(HOUSEHOLD)
    panel.upload.take("example.csv", EXAMPLE_FILE.read_bytes())
    assert panel.session.scenario.household == HOUSEHOLD


def test_taxes_are_shown_and_changed(panel, session):
    panel.folds.selected_index = 0
    taxes = panel.taxes
    assert taxes.filing.value is FilingStatus.MARRIED_JOINTLY
    assert (taxes.money["income"].value, taxes.state_rate.value) == (120_000, 5)
    taxes.filing.value = FilingStatus.SINGLE
    taxes.money["long_loss_carried"].value = 4_000
    taxes.other_rate.value = True
    taxes.retirement_rate.value = 12
    kept = session.scenario.household.taxes
    assert (kept.filing, kept.long_loss_carried) == (FilingStatus.SINGLE, 4_000)
    assert kept.retirement_rate == pytest.approx(0.12)
    taxes.other_rate.value = False
    assert session.scenario.household.taxes.retirement_rate is None


def test_a_lower_rate_in_retirement_leaves_more_after_tax(panel):
    panel.after_tax = panel.view.after_tax
    panel.after_tax.value = True
    assert panel.view.table.value.count("<table") == 2
    panel.folds.selected_index = 0
    panel.taxes.other_rate.value = True
    panel.taxes.retirement_rate.value = 10
    assert "$237,000" in panel.view.figures.value  # 250,000 less 10 % of the 130,000 that are deferred


def test_what_an_account_may_hold_is_ticked_and_named(panel, session):
    panel.folds.selected_index = 1
    rows = [list(row) for row in panel.may_hold.table.rows]
    classes = [name for name in BUILT_IN.class_names if name != "cash"]
    assert rows[0] == ["Ann's 401(k)", YES, YES, YES, "", "", ""]
    assert rows[1] == ["Ann's IRA", *[YES] * len(classes), ""]
    rows[0][1 + classes.index("commodities")] = YES
    rows[1][1 + classes.index("crypto")] = ""
    rows[1][-1] = "gold; ether"
    panel.may_hold.table.rows = rows
    first, second = session.scenario.household.accounts[:2]
    assert first.may_hold == ("equities", "fixed_income", "real_estate", "commodities")
    assert second.may_hold == (*(name for name in classes if name != "crypto"), "gold", "ether")
    assert "may hold only equities, fixed income, real estate, commodities and gold" in panel.rules.value


def test_a_name_that_is_nothing_is_refused_beside_the_rules(panel, session):
    panel.folds.selected_index = 1
    rows = [list(row) for row in panel.may_hold.table.rows]
    rows[1][-1] = "tulips"
    panel.may_hold.table.rows = rows
    assert "tulips" in panel.may_hold.table.errors[0]["sentence"]
    assert session.scenario.household == HOUSEHOLD
    rows = [list(row) for row in rows]
    rows[1][-1] = ""
    panel.may_hold.table.rows = rows
    assert panel.may_hold.table.errors == []


def test_an_account_that_may_hold_everything_again_has_no_rule(panel, session):
    panel.folds.selected_index = 1
    rows = [list(row) for row in panel.may_hold.table.rows]
    rows[0] = [rows[0][0], *[YES] * (len(BUILT_IN.classes) - 1), ""]
    panel.may_hold.table.rows = rows
    assert session.scenario.household.accounts[0].may_hold is None


def test_the_drift_is_that_of_the_plan_and_follows_it(panel, session):
    expected = Holdings(HOUSEHOLD).drift(session.plan.trade_targets)
    assert f"{100 * total_drift(expected['drift']):.1f} %" in panel.view.figures.value
    rows = {row["label"]: row for row in panel.view.drift.rows["drift"]}
    assert rows["Crypto"]["outside"]
    assert not rows["Cash"]["outside"]
    session.change(targets=session.scenario.targets.with_changes(weights={"crypto": 0.1, "equities": 0.9}))
    assert {row["label"]: row["target"] for row in panel.view.drift.rows["drift"]}["Crypto"] == 0.1


def test_a_weight_on_the_edge_of_its_band_is_inside():
    drift = Holdings(HOUSEHOLD).drift(EXAMPLE.targets)
    drift["weight"] = drift["upper"]
    assert not any(row["outside"] for row in drift_rows(drift, 1.0, BUILT_IN)["drift"])
    drift["weight"] += 1e-6
    assert all(row["outside"] for row in drift_rows(drift, 1.0, BUILT_IN)["drift"])


def test_other_liquid_assets_in_the_profile_are_pointed_out(panel, session):
    assert panel.view.note.value == ""
    session.change_profile(liquid_assets=200_000)
    assert "$250,000" in panel.view.note.value
    assert "$200,000" in panel.view.note.value
    session.change_profile(liquid_assets=251_000)
    assert panel.view.note.value == ""


def test_names_are_escaped_wherever_they_are_shown(panel, session):
    evil = "<script>alert(1)</script>"
    account = HOUSEHOLD.accounts[0].with_changes(name=evil)
    session.change(household=HOUSEHOLD.with_changes(accounts=(account, *HOUSEHOLD.accounts[1:])))
    shown = panel.view.table.value + panel.rules.value + panel.view.figures.value
    assert "<script>" not in shown
    assert shown.count("&lt;script&gt;") == 2
    assert "<script>" not in class_by_account(evil, Holdings(HOUSEHOLD).table, BUILT_IN)
    assert "<script>" not in problem_list(f"{evil}\n{evil}")


def test_points_are_signed_and_nothing_is_plus_minus_zero():
    assert [signed_points(part) for part in (0.012, -0.004, 0.0001, -0.0001)] == ["+1.2", "-0.4", "±0", "±0"]
