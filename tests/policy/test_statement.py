"""The policy statement says of a scenario what is true of it, and nothing else."""

from __future__ import annotations

import datetime as dt
import re

import pytest

import planner
from planner import EXAMPLE, Band, Calendar, CashFlows, Goal, InputError, Targets, Threshold, barbell
from planner.disclaimer import DISCLAIMER
from planner.household.example import EXAMPLE_DAY
from planner.outlook.return_need import compounded, return_need
from planner.policy.glide_path import AGE_GLIDE_PATH
from planner.policy.journal import Journal
from planner.policy.statement import KEYS, Parties, Statement, faces, journalled, statement
from planner.policy.tactical import Tilt
from planner.policy.wishes import PlanLimit
from planner.reports.blocks import Letterhead, OwnText, Paper, Signatures, Table
from planner.scenario import Method, Scenario
from planner.wording import percent

PLAN = planner.plan(EXAMPLE)
STATEMENT = statement(EXAMPLE, PLAN)
NOW = dt.datetime(2026, 1, 31, 9, tzinfo=dt.UTC)
NO_CRYPTO = EXAMPLE.with_changes(targets=Targets(weights={"equities": 0.6, "fixed_income": 0.4}))
MUCH_CRYPTO = EXAMPLE.with_changes(targets=Targets(weights={"equities": 0.6, "fixed_income": 0.2, "crypto": 0.2}))
OVERRIDDEN = MUCH_CRYPTO.with_changes(crypto_override=True)


def said(made: Statement, *keys: str) -> str:
    """What sections say, on one line."""
    paper = made.paper()
    chosen = tuple(made[key] for key in keys) if keys else paper.sections
    text = faces.to_text(Paper(paper.title, "", "", "", chosen, "", ""))
    return " ".join(text.split())


def table(made: Statement, key: str) -> Table:
    return next(block for block in made[key].blocks if isinstance(block, Table))


def test_it_has_the_sections_in_order_each_ending_with_room_for_own_text():
    assert tuple(section.key for section in STATEMENT.sections) == KEYS
    assert len(set(KEYS)) == 17
    for section in STATEMENT.sections:
        assert section.blocks[-1] == OwnText(section.key, "")
        assert len(section.blocks) > 1
    with pytest.raises(InputError, match="no section 'weather'"):
        STATEMENT["weather"]


def test_the_paper_names_its_client_day_data_and_what_it_is_not():
    paper = STATEMENT.paper()
    assert (paper.client, paper.date) == ("Example household", "30 September 2025")
    assert PLAN.fingerprint.short in paper.footer
    assert paper.disclaimer == DISCLAIMER
    assert paper.sections == STATEMENT.sections
    head = Letterhead(adviser="Ana", firm="Adviser & Co")
    assert STATEMENT.paper(head).letterhead == head
    named = statement(EXAMPLE, PLAN, parties=Parties(("Ann", "Ben"), "Ana", "Adviser & Co"))
    assert named.paper().letterhead == head
    assert named.paper().client == "Ann and Ben"


def test_parties_are_those_who_sign_and_without_an_adviser_it_says_so():
    named = statement(EXAMPLE, PLAN, parties=Parties(("Ann", "Ben"), "Ana", "Adviser & Co"))
    assert "agreed by Ann and Ben, whose money it is, with Ana, Adviser & Co as adviser" in said(named, "parties")
    assert Signatures(("Ann", "Ben", "Ana, Adviser & Co")) in named["signatures"].blocks
    assert "names no adviser" in said(STATEMENT, "parties")
    assert Signatures(("Example household",)) in STATEMENT["signatures"].blocks
    assert "adviser:" not in said(STATEMENT, "responsibilities")
    assert table(named, "responsibilities").rows[1][0] == "Ana, Adviser & Co"


def test_the_return_that_is_needed_stands_beside_the_one_that_is_expected():
    need, shown = return_need(PLAN), PLAN.shown
    grows = compounded(shown.expected_return, shown.volatility)
    text = said(STATEMENT, "return_need")
    assert f"'College' until the age of 95 the money must grow by {percent(need.rate)} a year" in text
    assert f"earn {percent(shown.expected_return)} in an average year and to grow by {percent(grows)} a year" in text
    printed = float(percent(grows).split()[0]) - float(percent(need.rate).split()[0])
    assert f"{printed:.1f} points more than needed" in text, "a reader can subtract the two figures"
    assert f"which in today's money is a growth of {percent(need.above_inflation)}." in text
    assert ("College", "$100,000", "31 December 2040", "2", "yes") in table(STATEMENT, "return_need").rows
    assert "You put in" not in text
    assert "Until the age of 60 you put in $36,252 a year. - From then on you spend $60,000 a year." in text


def test_a_need_that_is_not_met_says_what_helps_and_no_goal_needs_nothing():
    spends = EXAMPLE.with_changes(cash_flows=CashFlows(retirement_age=60, saving=20_000, spending=60_000))
    assert "less than needed. To close the gap, save more, spend less, or retire later" in said(
        statement(spends), "return_need"
    )
    impossible = EXAMPLE.with_changes(cash_flows=CashFlows(retirement_age=30, spending=300_000), goals=())
    assert "Not even 20 % a year would pay for spending until the age of 95: spend less." in said(
        statement(impossible), "return_need"
    )
    nothing = statement(EXAMPLE.with_changes(cash_flows=CashFlows(retirement_age=60), goals=()))
    assert "No goals are stated" in said(nothing, "return_need")
    assert "no return is needed" in said(nothing, "return_need")
    past, late = Goal(name="Past", amount=1e5, year=2020), Goal(name="Late", amount=1e5, year=2200)
    beside = said(statement(EXAMPLE.with_changes(goals=(past, late))), "return_need")
    assert "Not counted: 'Past' (past) and 'Late' (due later)." in beside


def test_a_pension_begins_when_it_does_and_spending_is_what_it_leaves():
    def flows(**fields):
        scenario = EXAMPLE.with_changes(cash_flows=CashFlows(spending=36_000, pension=24_000, inflation=0.0, **fields))
        return said(statement(scenario), "return_need", "liquidity")

    assert "comes in from the age of 67 on, and less" in flows(retirement_age=60, pension_age=67)
    assert "comes in from then on, and less" in flows(retirement_age=60)
    for running in (flows(retirement_age=30), flows(retirement_age=30, pension_age=33)):
        assert "A pension of $24,000 a year comes in, and less is taken out." in running
        assert "from then on" not in running
        assert "Spending beyond the pension takes about $60,000 out within 5 years" in running


def test_a_retired_household_reads_no_leftovers_of_a_working_one():
    retired = EXAMPLE.with_changes(
        profile=EXAMPLE.profile.with_changes(age=74, horizon_years=0, yearly_income=0, dependents=0),
        targets=NO_CRYPTO.targets,
        cash_flows=CashFlows(retirement_age=65, spending=20_000),
    )
    text = said(statement(retired))
    assert "You spend $20,000 a year." in text
    assert "Crypto that suits this profile: none. In the targets: 0 %." in text
    for leftover in ("From then on", "retire later", "penalty", "put in"):
        assert leftover not in text
    blocked = statement(retired.with_changes(targets=EXAMPLE.targets))
    assert "No tilt may add crypto." in said(blocked, "tactical")


def test_accounts_that_hold_another_sum_than_the_profile_says_are_pointed_out():
    assert "The accounts hold" not in said(STATEMENT, "taxes")
    poorer = EXAMPLE.with_changes(profile=EXAMPLE.profile.with_changes(liquid_assets=200_000))
    text = said(statement(poorer), "taxes")
    assert "The accounts hold $250,000. Amounts by class are of the $200,000 that can be sold within days" in text


def test_capacity_and_tolerance_come_with_every_part_and_reason():
    text = said(STATEMENT, "risk")
    assessment = PLAN.assessment
    for reason in assessment.reasons:
        assert reason in text
    parts = [part.label for score in (assessment.capacity, assessment.tolerance) for part in score.parts]
    tables = [block for block in STATEMENT["risk"].blocks if isinstance(block, Table)]
    assert [row[0] for each in tables for row in each.rows] == parts
    assert "Crypto that suits this profile: 7.4-12.4 %. In the targets: 5 %." in text
    assert "beyond" not in text


def test_crypto_beyond_the_range_is_a_blocker_in_words_and_not_ready_to_sign():
    made = statement(MUCH_CRYPTO)
    (blocker,) = planner.plan(MUCH_CRYPTO).blockers
    assert f"Still to be settled before this can be signed: - {blocker.sentence}" in said(made, "purpose")
    assert "not ready to be signed" in said(made, "signatures")
    assert "There is no plan yet" in said(made, "targets")
    assert "Still to be settled" not in said(STATEMENT)
    assert "not ready" not in said(STATEMENT)


def test_an_overridden_range_is_said_with_its_reason_from_the_journal_or_that_there_is_none():
    journal = journalled(Journal(), EXAMPLE, OVERRIDDEN, "Ana", "Sold a company in the field", at=NOW)
    text = said(statement(OVERRIDDEN, journal=journal), "risk")
    assert "You chose to go beyond the range." in text
    assert "written down on 31 January 2026 by Ana: “Sold a company in the field”" in text
    assert "The journal gives no reason for it." in said(statement(OVERRIDDEN), "risk")
    unused = said(statement(EXAMPLE.with_changes(crypto_override=True)), "risk")
    assert "at present do not" in unused
    assert "gives no reason" not in unused


def test_without_crypto_nothing_speaks_of_it_but_that_there_is_none():
    made = statement(NO_CRYPTO)
    assert "The plan holds no crypto, and needs none." in said(made, "sleeve")
    for key in set(KEYS) - {"risk", "sleeve", "targets", "disclaimers"}:
        assert "rypto" not in said(made, key).replace(" ", "").replace("Crypto%", ""), key
    waiting = said(statement(NO_CRYPTO.with_changes(sleeve=barbell())), "sleeve")
    assert "needs none. Should it ever hold some, it would be shared out among 62 % Large-cap index" in waiting


def test_the_sleeve_is_shared_out_and_its_fall_is_one_of_the_whole():
    assert "It is held directly: 4.4 % Bitcoin and 0.6 % Ether." in said(STATEMENT, "sleeve")
    text = said(STATEMENT, "sleeve")
    assert "If crypto falls by 50 %, the whole portfolio loses 2.5 %, $6,250; if it falls to nothing, 5 %." in text
    made = statement(EXAMPLE.with_changes(sleeve=planner.worked_sleeve()))
    rows = table(made, "sleeve").rows
    assert [(row[0], *row[2:]) for row in rows] == [
        ("Large-cap index", "60 %", "fixed", "3 %", "$7,500"),
        ("Balanced index", "40 %", "fixed", "2 %", "$5,000"),
    ]
    assert "held directly" not in said(made, "sleeve")


def test_targets_stand_with_the_edges_at_which_the_rule_acts():
    rows = {row[0]: row[1:] for row in table(STATEMENT, "targets").rows}
    assert rows["Equities"] == ("50 %", "48 %", "52 %", "$125,000")
    assert rows["Commodities and gold"] == ("0 %", "–", "2 %", "$0")
    own = EXAMPLE.with_changes(rebalancing=Threshold(relative=0.2, bands={"crypto": Band(absolute=0.06)}))
    rows = {row[0]: row[1:] for row in table(statement(own), "targets").rows}
    assert rows["Equities"][1:3] == ("40 %", "60 %")
    assert rows["Crypto"][1:3] == ("–", "11 %")


def test_an_optimised_plan_shows_its_weights_beside_the_targets_and_its_limits():
    scenario = EXAMPLE.with_changes(
        method=Method.MEAN_VARIANCE,
        volatility_cap=0.10,
        limits=(
            PlanLimit(kind="at least", subject="cash", size=0.04),
            PlanLimit(kind="at most", subject="equities", size=0.3, soft=True),
        ),
    )
    made, plan = statement(scenario), planner.plan(scenario)
    shown = {row[0]: row[2] for row in table(made, "targets").rows}
    assert "Plan" in table(made, "targets").columns
    assert shown["Equities"] == percent(plan.class_weights["equities"]) != "50 %"
    text = said(made, "targets")
    assert "no class more than 5 points from its target" in text
    assert "Cash at least 4 %." in text
    assert "Equities at most 30 %, which gives way where not all limits can be kept." in text
    assert "stray from its average by at most 10 %" in text
    missed = [violation.sentence for violation in plan.portfolio.violations]
    assert missed
    assert f"Not met: - {missed[0]}" in text
    assert "would add" not in text, "what a limit costs is no part of a policy"
    assert "the mix is brought back to the plan." in said(made, "rebalancing")
    crypto = plan.class_weights["crypto"]
    assert crypto != pytest.approx(0.05, abs=1e-3)
    assert f"In the targets: 5 %. In the plan: {percent(crypto)}." in said(made, "risk")
    assert "In the plan" not in said(STATEMENT, "risk")


def test_tilts_that_run_are_shown_and_those_that_go_too_far_do_not_count():
    running = Tilt(
        asset="crypto", change=0.02, reason="deep bear market", starts=dt.date(2025, 9, 1), ends=dt.date(2026, 1, 1)
    )
    over = Tilt(asset="equities", change=-0.05, reason="dear", starts=dt.date(2025, 1, 1), ends=dt.date(2025, 6, 1))
    made = statement(EXAMPLE.with_changes(tilts=(running, over)))
    assert table(made, "tactical").rows == (
        ("Crypto", "2 points more", "1 September 2025", "1 January 2026", "deep bear market"),
    )
    assert "1 tilt agreed earlier is over." in said(made, "tactical")
    assert "no tilt is in force" not in said(made, "tactical")
    tilted = said(made, "tactical")
    assert (
        "1 tilt is in force on 30 September 2025. With it the portfolio holds Equities at 48.9 % instead of" in tilted
    )
    assert "and Crypto at 7 % instead of 5 %. The bands move with these weights." in tilted
    inside = running.with_changes(asset="bitcoin", change=0.003)
    assert "inside the classes" in said(statement(EXAMPLE.with_changes(tilts=(inside,))), "tactical")
    assert ("1 January 2026", "The tilt of Crypto is over") in table(made, "monitoring").rows
    assert "no tilt is in force" in said(STATEMENT, "tactical")
    too_far = running.with_changes(change=0.2)
    for scenario in (EXAMPLE, MUCH_CRYPTO):
        text = said(statement(scenario.with_changes(tilts=(too_far,))), "tactical")
        assert "none counts until that is settled" in text


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (EXAMPLE.rebalancing, "One looks every quarter. If a class has then reached the edge of its band, the mix is"),
        (EXAMPLE.rebalancing, "brought back to its targets. - A class reaches the edge at 2 points"),
        (Calendar(frequency="twice a year"), "brought back to its targets twice a year, however far it has drifted"),
        (Threshold(), "Whenever a class reaches the edge of its band, the mix is brought back to its targets."),
        (Threshold(relative=0.25, destination="half-way into the band"), "half-way into the band. - A class reaches"),
        (Threshold(relative=0.25), "at 25 % of its weight from where it should be."),
        (Threshold(absolute=0.03, relative=0.2), "at 3 points or 20 % of its weight, whichever is less, from"),
        (Threshold(bands={"crypto": Band(absolute=0.06, absolute_below=0.01)}), "Crypto at 6 points above or 1 point"),
    ],
)
def test_each_rule_is_said_as_it_is(rule, expected):
    assert expected in said(statement(EXAMPLE.with_changes(rebalancing=rule)), "rebalancing")


def test_what_is_done_first_fits_the_accounts_there_are():
    assert "Trades inside retirement accounts" in said(STATEMENT, "rebalancing")
    taxable = EXAMPLE.household.with_changes(accounts=EXAMPLE.household.accounts[-1:])
    text = said(statement(EXAMPLE.with_changes(household=taxable)), "rebalancing", "liquidity", "taxes")
    assert "retirement accounts" not in text
    retirement = EXAMPLE.household.with_changes(accounts=EXAMPLE.household.accounts[:2])
    text = said(statement(EXAMPLE.with_changes(household=retirement)), "rebalancing")
    assert "at a loss" not in text


def test_accounts_stand_with_what_they_may_hold_and_none_is_said():
    rows = table(STATEMENT, "taxes").rows
    assert rows[0] == (
        "Ann's 401(k)",
        "401(k)",
        "taxed as income when it is taken out",
        "$80,000",
        "Equities, Fixed income, Real estate",
    )
    assert (rows[-1][0], rows[-1][3], table(STATEMENT, "taxes").total) == ("All accounts", "$250,000", 4)
    assert "No crypto may be held in Ann's 401(k)." in said(STATEMENT, "taxes")
    assert "next dollar of gain costs 5 % where it was held for more than a year and 17 %" in said(STATEMENT, "taxes")
    none = statement(EXAMPLE.with_changes(household=None))
    assert "No accounts are entered yet" in said(none, "taxes")
    assert "lay in another class" not in said(none, "phasing")


def test_money_at_hand_knows_what_is_due_soon():
    assert "Nothing is to be paid out within 5 years." in said(STATEMENT, "liquidity")
    assert "$12,500 or 2.5 months of spending" in said(STATEMENT, "liquidity")
    assert "$130,000 lies in accounts" in said(STATEMENT, "liquidity")
    soon = EXAMPLE.with_changes(
        goals=(Goal(name="Boat", amount=50_000, year=2029),),
        cash_flows=CashFlows(retirement_date=dt.date(2026, 9, 30), spending=12_000, inflation=0.0),
    )
    text = said(statement(soon), "liquidity")
    assert "$50,000 for 'Boat' is due by 31 December 2029." in text
    assert "Spending takes about $48,000 out within 5 years, at the prices of those years." in text
    assert "Nothing is to be paid out" not in text


def test_phasing_counts_what_lies_in_the_wrong_class():
    held = planner.Holdings(EXAMPLE.household)
    moved = float(held.drift(EXAMPLE.targets)["drift"].abs().sum()) / 2
    text = said(STATEMENT, "phasing")
    assert "over 3 to 6 months in equal parts, 4 where nothing else is agreed" in text
    assert f"{percent(moved)} of the accounts, ${moved * held.total:,.0f}, lay in another class" in text
    assert f"Moved in 4 parts, that is about ${moved * held.total / 4:,.0f} a month." in text


def test_the_calendar_is_counted_from_the_last_review_and_the_last_rebalancing():
    assert dt.date(2025, 9, 30) == EXAMPLE_DAY
    rows = table(STATEMENT, "monitoring").rows
    assert rows[0] == ("30 September 2025", "Quarterly review; look at the bands: due now")
    assert ("30 June 2026", "Yearly review; quarterly review; look at the bands") in rows
    other = EXAMPLE.with_changes(last_review=dt.date(2023, 1, 31), last_rebalanced=dt.date(2025, 8, 15))
    rows = table(statement(other.with_changes(rebalancing=Calendar())), "monitoring").rows
    assert rows[:3] == (
        ("30 April 2023", "Quarterly review: due since then"),
        ("31 January 2024", "Yearly review: due since then"),
        ("15 November 2025", "Rebalancing"),
    )
    never = table(statement(EXAMPLE.with_changes(last_review=None)), "monitoring").rows
    assert never[0] == ("30 September 2025", "Yearly review; quarterly review; look at the bands: due now")
    assert not any(
        "look" in what for _, what in table(statement(EXAMPLE.with_changes(rebalancing=Threshold())), "monitoring").rows
    )


def test_time_says_when_and_by_which_targets():
    assert "The money is needed in 25 years." in said(STATEMENT, "horizon")
    assert "stay as they are" in said(STATEMENT, "horizon")
    gliding = statement(EXAMPLE.with_changes(glide_path=AGE_GLIDE_PATH))
    text = said(gliding, "horizon")
    assert "stay as they are until they are changed. - A projection supposes that they will be changed" in text
    assert [row[:2] for row in table(gliding, "horizon").rows] == [("20", "75 %"), ("80", "30 %")]
    now = EXAMPLE.with_changes(profile=EXAMPLE.profile.with_changes(horizon_years=0), targets=NO_CRYPTO.targets)
    assert "The money is needed now." in said(statement(now), "horizon")


def test_the_history_prints_every_entry_and_the_chains_head():
    assert "this statement is the first" in said(STATEMENT, "history")
    journal = journalled(Journal(), EXAMPLE, NO_CRYPTO, "Ana", "No taste for it any more", at=NOW)
    made = statement(NO_CRYPTO, journal=journal)
    ((number, day, author, what, why),) = table(made, "history").rows
    assert (number, day, author, why) == ("1", "31 January 2026", "Ana", "No taste for it any more")
    assert "target, Equities: 50 % before, now 60 %" in what
    assert journal.head in said(made, "history")
    tampered = Journal(entries=(journal.entries[0].with_changes(reason="because"),))
    assert "was tampered with. Entry 1 was changed" in said(statement(NO_CRYPTO, journal=tampered), "history")


def test_a_long_entry_is_cut_in_print_with_the_count_of_the_rest():
    journal = journalled(Journal(), EXAMPLE, EXAMPLE.with_changes(sleeve=barbell()), "Ana", "Three indices", at=NOW)
    fields = len(journal.entries[0].changes)
    what = table(statement(EXAMPLE, journal=journal), "history").rows[0][3]
    assert fields > 8
    assert what.endswith(f"; and {fields - 8} more fields")


def test_a_change_is_written_down_field_by_field_and_none_is_refused():
    changed = EXAMPLE.with_changes(profile=EXAMPLE.profile.with_changes(dependents=2), goals=())
    (entry,) = journalled(Journal(), EXAMPLE, changed, "Ana", "A child was born", at=NOW).entries
    assert {(change.item, change.field) for change in entry.changes} >= {
        ("goals", "goal College"),
        ("capacity", "dependents"),
    }
    assert (
        next(change for change in entry.changes if change.field == "dependents").sentence
        == "dependents: 1 before, now 2"
    )
    looked_at = EXAMPLE.with_changes(name="Another name", last_review=dt.date(2025, 9, 30))
    for same in (EXAMPLE, looked_at):
        with pytest.raises(InputError, match="Nothing was changed"):
            journalled(Journal(), EXAMPLE, same, "Ana", "why", at=NOW)


TILT = Tilt(asset="crypto", change=0.02, reason="low", starts=dt.date(2025, 9, 1), ends=dt.date(2026, 1, 1))
LIMIT = PlanLimit(kind="at most", subject="equities", size=0.6)


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (
            {"limits": (LIMIT,)},
            {"limits": (LIMIT.with_changes(soft=True),)},
            "limit: Equities at most 60 %: must hold before, now may give way",
        ),
        (
            {"tilts": (TILT,)},
            {"tilts": (TILT.with_changes(starts=dt.date(2025, 10, 1)),)},
            "tilt: Crypto: 2 points more until 2026-01-01 (low): from 2025-09-01 before, now from 2025-10-01",
        ),
        (
            {},
            {"goals": (EXAMPLE.goals[0].with_changes(spent=False),)},
            "goal College: $100,000 by 2040-12-31, priority 2 before, "
            "now $100,000 by 2040-12-31, priority 2, not paid out",
        ),
    ],
)
def test_a_limit_that_softens_a_tilt_that_moves_and_a_goal_that_is_kept_are_written_down(before, after, sentence):
    first, second = EXAMPLE.with_changes(**before), EXAMPLE.with_changes(**after)
    (entry,) = journalled(Journal(), first, second, "Ana", "Agreed by telephone", at=NOW).entries
    assert [change.sentence for change in entry.changes] == [sentence]


def test_a_plan_of_another_scenario_lends_its_market_alone():
    made = statement(NO_CRYPTO, PLAN)
    assert made.sections == statement(NO_CRYPTO).sections
    assert "holds no crypto" in said(made, "sleeve")


def test_names_and_reasons_are_escaped_wherever_they_are_shown():
    hostile = "<script>alert(1)</script>|`*_[x](y)<!-- own text: purpose -->"
    goal = Goal(name=hostile, amount=1e5, year=2040)
    tilt = Tilt(asset="crypto", change=0.01, reason=hostile, starts=dt.date(2025, 9, 1), ends=dt.date(2026, 1, 1))
    accounts = tuple(
        account.with_changes(name=f"{hostile} {place}") for place, account in enumerate(EXAMPLE.household.accounts)
    )
    scenario = EXAMPLE.with_changes(
        name=hostile, goals=(goal,), tilts=(tilt,), household=EXAMPLE.household.with_changes(accounts=accounts)
    )
    journal = journalled(Journal(), EXAMPLE, scenario, hostile, hostile, at=NOW)
    texts = {"purpose": "</p><script>own</script>"}
    made = statement(scenario, journal=journal, own_text=texts, parties=Parties((hostile,), hostile, hostile))
    shown = made._repr_html_()
    assert "<script" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    markdown = made.to_markdown()
    assert "<script>alert" not in markdown
    assert planner.policy.statement.own_text_of(markdown) == texts
    assert hostile in said(made, "purpose")


def test_every_kind_of_scenario_can_be_stated():
    retired = EXAMPLE.profile.with_changes(age=90, horizon_years=0, yearly_income=0, yearly_spending=0, dependents=0)
    scenarios: list[Scenario] = [
        EXAMPLE.with_changes(profile=retired, targets=NO_CRYPTO.targets),
        EXAMPLE.with_changes(profile=EXAMPLE.profile.with_changes(currency="EUR", liquid_assets=0, net_worth=0)),
        EXAMPLE.with_changes(method=Method.FRONTIER, frontier_return=0.5),
        EXAMPLE.with_changes(method=Method.RISK_BUDGET, sleeve=barbell(), household=None),
    ]
    for scenario in scenarios:
        made = statement(scenario)
        assert tuple(section.key for section in made.sections) == KEYS
        text = said(made)
        assert not re.search(r"\b(nan|None|inf|undefined)\b|- \.", text)
