"""Script in names and files is shown as the words it is, also where no policy of the page would stop it."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

import planner
from tests.browser.conftest import WAIT_MILLISECONDS

pytestmark = pytest.mark.browser

SCRIPT = "<img src=x onerror=globalThis.ran=1>'\"&<script>globalThis.ran=1</script>"
"""Closes an attribute, opens an element, and runs when either was taken for HTML."""
HEADER = "account,kind,owner,asset,quantity,price,amount\n"
GIGABYTE = 2**30


@pytest.fixture
def page(browser, app_url):
    """The app in a browser that does not keep to the policy, so that only the escaping of the words is seen."""
    context = browser.new_context(bypass_csp=True)
    opened = context.new_page()
    opened.set_default_timeout(WAIT_MILLISECONDS)
    opened.goto(f"{app_url}/voila/render/planner.ipynb", wait_until="commit")
    opened.locator(".pl-app").wait_for(state="attached")
    yield opened
    context.close()


def hostile(document):
    """The scenario with a script in every word that its owner may choose."""
    document["name"] = SCRIPT
    for goal in document["goals"]:
        goal["name"] = SCRIPT
    for account in document["household"]["accounts"]:
        account["name"] = f"{account['name']} {SCRIPT}"
        account["owner"] = SCRIPT
    for asset in document["household"]["assets"]:
        asset["label"] = SCRIPT
    return document


def give(page, button, file):
    with page.expect_file_chooser() as waiting:
        page.get_by_role("button", name=button, exact=True).click()
    waiting.value.set_files(file)


def in_memory(name, text):
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def open_tab(page, name, shown):
    page.get_by_role("tab", name=name, exact=True).click()
    expect(page.get_by_role("tabpanel", name=name, exact=True)).to_contain_text(shown)


def test_script_in_a_scenario_in_a_file_and_in_its_name_never_runs(page, tmp_path):
    page.get_by_role("button", name="Household and files").click()
    give(page, "Open a file", in_memory(f"{SCRIPT}.json", "no document"))
    expect(page.get_by_role("alert").filter(has_text="onerror").first).to_be_visible()
    document = hostile(json.loads(planner.EXAMPLE.model_dump_json()))
    give(page, "Open a file", in_memory("scenario.json", json.dumps(document)))
    expect(page.get_by_label("Name", exact=True)).to_have_value(SCRIPT)

    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(2 * GIGABYTE)  # of zeros that take no room on the disk
    give(page, "Open a file", huge)
    expect(page.get_by_text("huge.json is larger than the")).to_be_visible()

    open_tab(page, "Accounts", "onerror")
    give(page, "Upload a file", in_memory("broken.csv", f"{HEADER}Mine,{SCRIPT},Me,us_bonds,1,,\n"))
    expect(page.locator(".pl-blocker", has_text="broken.csv")).to_contain_text("onerror")
    open_tab(page, "Trades", "onerror")
    open_tab(page, "Papers", "Letterhead")
    page.get_by_role("tab", name="Policy statement").click()
    expect(page.get_by_role("article", name="Policy statement")).to_contain_text("onerror")
    assert page.evaluate("globalThis.ran") is None
    expect(page.locator("img[src=x]")).to_have_count(0)
