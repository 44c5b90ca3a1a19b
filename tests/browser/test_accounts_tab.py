"""The Accounts tab as an investor uses it, in a real Chromium with no network but this machine."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import on_a_phone, parts_beyond, undo_all

pytestmark = pytest.mark.browser

OPEN = 90_000
FIRST_PAGE_CHARTS = 4
HEADER = "account,kind,owner,asset,quantity,price,amount\n"
BROKEN = HEADER + "Mine,HSA,Me,us_bonds,ten,75,\nMine,,,cash,,,50\nYours,boat,Me,us_bonds,1,,\n"
GOOD = HEADER + "Mine,HSA,Me,us_bonds,10,75,\nMine,,,cash,,,250\n"
COMMITS = """() => {
  globalThis.commits = 0;
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    if (typeof data === "string" && data.includes('"rows"') || data instanceof ArrayBuffer
        && new TextDecoder().decode(data).includes('"rows"')) globalThis.commits++;
    return send.call(this, data);
  };
}"""


@pytest.fixture(scope="module")
def page_with_accounts(shared_visit, app_url):
    visited = shared_visit(f"{app_url}/voila/render/planner.ipynb")
    visited.page.get_by_role("tab", name="Accounts").click(timeout=OPEN)
    expect(cell(visited.page, "Quantity", 1)).to_be_visible(timeout=OPEN)
    return visited


@pytest.fixture
def page(page_with_accounts):
    return page_with_accounts.page


def cell(page, column, row):
    return page.get_by_label(f"{column}, row {row}", exact=True)


def figure(page, label):
    return page.locator(".pl-figure", has=page.get_by_text(label, exact=True)).first.locator("b")


def drift(page):
    return page.get_by_role("img", name="Bar chart of the accounts against the targets")


def upload(page, name, content):
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload a file").click()
    chooser.value.set_files([{"name": name, "mimeType": "text/csv", "buffer": content.encode()}])


def paste(page, target, text):
    target.focus()
    page.evaluate(
        """text => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          document.activeElement.dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )


@pytest.fixture(autouse=True)
def _as_it_was(request):
    """Give the next test the accounts of the example: what a test has typed is undone."""
    yield
    if "page_with_accounts" not in request.fixturenames:
        return
    page = request.getfixturevalue("page_with_accounts").page
    undo_all(page)
    expect(figure(page, "Total")).to_have_text("$250,000")


def test_an_edited_quantity_moves_the_total_and_the_drift(page_with_accounts):
    page = page_with_accounts.page
    expect(figure(page, "Total")).to_have_text("$250,000")
    before = drift(page).get_attribute("aria-label")
    page.evaluate(COMMITS)
    quantity = cell(page, "Quantity", 2)
    expect(quantity).to_have_value("300")
    quantity.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("600")
    page.keyboard.press("Enter")
    expect(figure(page, "Total")).to_have_text("$297,400")
    expect(cell(page, "Quantity", 3)).to_be_focused()
    expect(drift(page)).not_to_have_attribute("aria-label", before)
    assert page.evaluate("commits") == 1
    page_with_accounts.witness.assert_clean()


def test_a_cell_that_cannot_be_read_is_said_in_words_and_nothing_is_lost(page):
    price = cell(page, "Price", 2)
    price.fill("a lot")
    price.press("Tab")
    said = page.get_by_role("button", name="Row 2, price: 'a lot' is no number")
    expect(said).to_be_visible()
    expect(price).to_have_attribute("aria-invalid", "true")
    expect(figure(page, "Total")).to_have_text("$250,000")
    cell(page, "Owner", 2).focus()
    said.click()
    expect(price).to_be_focused()
    price.fill("100")
    price.press("Tab")
    expect(page.locator(".table-editor-errors li")).to_have_count(0)
    expect(figure(page, "Total")).to_have_text("$232,600")


def test_what_is_being_typed_survives_an_answer_from_python(page):
    cell(page, "Quantity", 2).fill("310")
    cell(page, "Quantity", 3).focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("32")
    expect(figure(page, "Total")).to_have_text("$251,580")
    page.keyboard.type("10")
    page.keyboard.press("Enter")
    expect(figure(page, "Total")).to_have_text("$251,678")


def test_escape_puts_back_what_stood_in_the_cell(page):
    quantity = cell(page, "Quantity", 2)
    quantity.focus()
    page.keyboard.type("9")
    page.keyboard.press("Escape")
    expect(quantity).to_have_value("300")
    page.keyboard.press("Tab")
    expect(figure(page, "Total")).to_have_text("$250,000")


def test_rows_are_added_and_removed_by_keyboard_alone(page):
    page.get_by_role("tab", name="Accounts").focus()
    page.keyboard.press("Tab")
    rows = page.locator(".table-editor tbody tr")
    count = rows.count()
    page.get_by_role("button", name="Add a row").focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(count + 1)
    expect(cell(page, "Asset", count + 1)).to_be_focused()
    expect(cell(page, "Account", count + 1)).to_have_value("Joint brokerage")
    page.keyboard.type("GLD")
    for text in ("", "10", "355", "2024-05-02"):
        page.keyboard.press("Tab")
        if text:
            page.keyboard.type(text)
    page.keyboard.press("Tab")
    expect(figure(page, "Total")).to_have_text("$253,550")
    expect(cell(page, "Price", count + 1)).to_have_value("355")
    page.get_by_role("button", name=f"Remove row {count + 1}").focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(count)
    expect(figure(page, "Total")).to_have_text("$250,000")


def test_a_block_from_a_spreadsheet_is_pasted_over_the_cells(page):
    paste(page, cell(page, "Quantity", 2), "Quantity\tUnit cost\tAcquired\n100\t20\t2020-01-02\n3,000\t\t\n")
    expect(cell(page, "Quantity", 2)).to_have_value("100")
    expect(cell(page, "Acquired", 2)).to_have_value("2020-01-02")
    expect(cell(page, "Quantity", 3)).to_have_value("3,000")
    expect(figure(page, "Total")).to_have_text("$216,450")


def test_a_broken_file_is_answered_line_by_line_and_a_good_one_is_loaded(page_with_accounts):
    page = page_with_accounts.page
    upload(page, "broken.csv", BROKEN)
    problem = page.locator(".pl-blocker", has_text="broken.csv: nothing was loaded.")
    expect(problem).to_contain_text("Line 2: column 'quantity': 'ten' is no number")
    expect(problem).to_contain_text("Line 4: column 'kind': 'boat' is no kind of account")
    expect(figure(page, "Total")).to_have_text("$250,000")
    upload(page, "good.csv", GOOD)
    expect(figure(page, "Total")).to_have_text("$1,000")
    expect(problem).to_have_count(0)
    expect(page.locator(".table-editor tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Undo the upload").click()
    expect(figure(page, "Total")).to_have_text("$250,000")
    page_with_accounts.witness.assert_clean()


def test_the_accounts_are_saved_as_a_file(page):
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Accounts (CSV)").click()
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text())))
    assert {row["account"] for row in rows} >= {"Ann's 401(k)", "Joint brokerage"}


def test_what_belongs_where_is_worked_out_and_follows_an_edit(page):
    expect(page.get_by_role("img", name="Stacked bar chart of each account today")).to_be_attached()
    before = figure(page, "Tax drag today").inner_text()
    assert before.endswith(" bp")
    quantity = cell(page, "Quantity", 5)
    quantity.fill("32")
    quantity.press("Tab")
    expect(figure(page, "Tax drag today")).not_to_have_text(before)


def test_an_account_that_may_hold_no_crypto_is_ticked_so(page):
    page.get_by_text("What each account may hold", exact=True).click()
    crypto = page.get_by_label("Crypto, Joint brokerage", exact=True)
    expect(crypto).to_be_checked()
    crypto.uncheck()
    expect(page.get_by_text("Joint brokerage may hold only equities")).to_be_visible()


def test_tabs_are_a_tab_list_whose_panels_are_named_and_moved_between_by_arrow_keys(page):
    plan, accounts = page.get_by_role("tab", name="You and mix"), page.get_by_role("tab", name="Accounts")
    expect(accounts).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tabpanel", name="Accounts")).to_be_visible()
    accounts.focus()
    page.keyboard.press("Home")
    expect(plan).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Crypto")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(plan).to_be_focused()
    expect(accounts).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tabpanel", name="You and mix")).to_be_visible()
    expect(page.get_by_role("tabpanel", name="Accounts")).to_have_count(0)
    accounts.click()


def test_a_tab_opened_before_the_page_is_ready_is_filled_and_the_first_one_draws_when_shown(visit, app_url):
    visited = visit(f"{app_url}/voila/render/planner.ipynb")
    tab = visited.page.get_by_role("tab", name="Accounts")
    tab.wait_for(timeout=OPEN)
    tab.click()
    expect(figure(visited.page, "Total")).to_have_text("$250,000", timeout=OPEN)
    visited.page.get_by_role("tab", name="You and mix").click()
    drawn = "() => [...document.querySelectorAll('.pl-results .live-chart[data-revision] canvas')]"
    visited.page.wait_for_function(
        f"() => ({drawn})().filter(canvas => canvas.clientWidth > 200).length === {FIRST_PAGE_CHARTS}", timeout=OPEN
    )
    visited.witness.assert_clean()


def test_the_tab_fits_a_phone(page):
    expect(page.get_by_role("img", name="Stacked bar chart of each account today")).to_be_attached(timeout=OPEN)
    with on_a_phone(page):
        beyond = parts_beyond(page, ".live-chart canvas")
    assert beyond == 0
