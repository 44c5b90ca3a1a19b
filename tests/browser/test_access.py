"""What WCAG 2.2 AA asks of the page, by axe-core and by hand: names, contrast, targets, keyboard, light and dark."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import pairwise

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"
SERIOUS = ("serious", "critical")
TABS = (
    ("You and mix",),
    ("Crypto",),
    ("Accounts",),
    ("Trades",),
    ("Trades", "Where to trade"),
    ("Outlook",),
    ("Outlook", "Backtest"),
    ("Outlook", "Stress"),
    ("Outlook", "Correlation"),
    ("Watch",),
    ("Compare",),
    ("Papers",),
)
CLASSES = ("Equities", "Fixed income", "Real estate", "Commodities and gold", "Cash", "Crypto")
QUIET = "() => !document.querySelector('.pl-busy.pl-on')"
SHOWN_CHARTS = "[...document.querySelectorAll('.live-chart')].filter(chart => chart.checkVisibility())"
ALL_DRAWN = f"() => {SHOWN_CHARTS}.every(chart => chart.dataset.revision !== undefined)"
# A chart that waits for its figures has a title at most: a sentence comes with them.
TOLD = "chart => /^.{20,}[.]$/.test(chart.querySelector('[role=img]').ariaLabel)"


@pytest.fixture(scope="module")
def page(browser, app_url):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{app_url}/voila/render/planner.ipynb", wait_until="commit")
    page.locator(".pl-app").wait_for(state="attached")
    settle(page)
    page.evaluate(AXE)
    yield page
    context.close()


def settle(page):
    page.locator(".live-chart[data-revision]").first.wait_for()
    page.wait_for_function(ALL_DRAWN)
    page.wait_for_function(QUIET)


def findings(page, options):
    found = page.evaluate(f"axe.run(document, {{{options}, resultTypes: ['violations']}})")
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:150]}"
        for violation in found["violations"]
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]


def opened(page, path):
    for name in path:
        page.get_by_role("tab", name=name, exact=True).click()
        expect(page.get_by_text("Opening")).to_have_count(0)
    page.wait_for_function(QUIET)


@pytest.mark.parametrize("path", TABS, ids="-".join)
def test_axe_finds_nothing_serious_and_each_chart_is_told_in_a_sentence(page, path):
    opened(page, path)
    found = findings(page, f"runOnly: {RULES}")
    page.emulate_media(color_scheme="dark")
    found += findings(page, "runOnly: {type: 'rule', values: ['color-contrast']}")
    page.emulate_media(color_scheme="light")
    assert found == []
    page.wait_for_function(f"() => {SHOWN_CHARTS}.every({TOLD})")


def test_charts_turn_dark_and_light_again_with_the_readers_setting(page):
    opened(page, ("You and mix",))
    chart = page.locator(".live-chart:visible").first

    def corner():
        return chart.evaluate(
            "el => [...el.querySelector('canvas').getContext('2d').getImageData(1, 1, 1, 1).data].slice(0, 3)"
        )

    expect(chart).to_have_attribute("data-scheme", "light")
    light = corner()
    page.emulate_media(color_scheme="dark")
    expect(chart).to_have_attribute("data-scheme", "dark")
    dark = corner()
    page.emulate_media(color_scheme="light")
    expect(chart).to_have_attribute("data-scheme", "light")
    assert light == [255, 255, 255] == corner()
    assert max(dark) < 50


def test_the_keyboard_reaches_every_control_in_the_order_they_are_read(page):
    opened(page, ("You and mix",))
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0); getSelection().removeAllRanges()")
    page.locator(".mp-skip").focus()
    reached = []
    for _ in range(80):
        page.keyboard.press("Tab")
        place = page.evaluate(
            """() => {
              const at = document.activeElement;
              if (at === document.body) return null;
              const box = at.getBoundingClientRect();
              const name = at.ariaLabel || at.labels?.[0]?.textContent || at.textContent || at.title;
              const column = at.closest('.pl-inputs, .pl-results')?.className ?? '';
              return {name: name.trim(), top: Math.round(box.top + scrollY), column};
            }"""
        )
        if place is None or place["name"] == "All notebooks":
            break
        reached.append(place)
    names = [place["name"] for place in reached]
    assert all(names), reached
    assert {"Age", "Years until needed", *CLASSES, "You and mix", "Cap the volatility", "Crypto falls by, %"} <= set(
        names
    )
    assert names.index("Age") < names.index("Equities") < names.index("Crypto falls by, %")
    inputs = [place["top"] for place in reached if "pl-inputs" in place["column"]]
    assert all(after >= before - 30 for before, after in pairwise(inputs)), inputs


def test_a_mix_of_the_frontier_can_be_taken_by_keyboard(page):
    opened(page, ("You and mix",))
    page.get_by_role("radio", name="A point on the frontier").focus()
    page.keyboard.press("Space")
    slider = page.get_by_role("slider", name="Return, % a year")
    expect(slider).to_be_visible()
    page.wait_for_function(QUIET)
    figures = page.locator(".pl-figures").first
    before = figures.inner_text()
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(figures).not_to_have_text(before, use_inner_text=True)


def test_nothing_moves_for_a_reader_who_asked_for_less_motion(page):
    page.emulate_media(reduced_motion="reduce")
    moving = page.evaluate(
        """() => [...document.querySelectorAll('.pl-app *')].filter(element => {
          const {transitionDuration, animationName} = getComputedStyle(element);
          return animationName !== 'none' || transitionDuration.split(',').some(part => parseFloat(part) > 0);
        }).map(element => element.className)"""
    )
    page.emulate_media(reduced_motion="no-preference")
    assert moving == []


def test_paper_is_white_and_carries_no_controls(page):
    opened(page, ("You and mix",))
    page.emulate_media(media="print", color_scheme="dark")
    ground = page.evaluate("getComputedStyle(document.querySelector('.pl-card')).backgroundColor")
    shown = page.locator(".pl-app .jupyter-button:visible").count()
    page.emulate_media(media="screen", color_scheme="light")
    assert ground == "rgb(255, 255, 255)"
    assert shown == 0


def test_numbers_stand_in_the_marks_of_the_readers_language_and_are_typed_in_pythons(browser, app_url):
    context = browser.new_context(locale="de-DE", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{app_url}/voila/render/planner.ipynb", wait_until="commit")
    settle(page)
    expect(page.locator(".pl-key b").nth(3)).to_have_text("5 %")
    expect(page.locator(".pl-key b").nth(4)).to_have_text("19,7 %")
    expect(page.locator(".pl-table").first).to_contain_text("$125.000")
    expect(page.locator(".live-chart [role=img]").nth(1)).to_have_attribute("aria-label", re.compile("Equities 60,7 %"))
    readout = page.locator(".pl-target-crypto .widget-readout")
    expect(readout).to_have_text("5,0")
    readout.click()
    expect(readout).to_have_text("5.0")
    readout.fill("7.5")
    page.keyboard.press("Enter")
    expect(page.locator(".pl-key b").nth(3)).to_have_text("7,5 %")
    context.close()
