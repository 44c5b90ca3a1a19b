"""The questions of the yearly review, each with what changed since the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from planner.facts import ITEMS, Difference, differences
from planner.market.universe import BUILT_IN

if TYPE_CHECKING:
    from planner.market.universe import Universe
    from planner.scenario import Scenario

QUESTIONS = {
    "goals": "Are the goals and the time until the money is needed still right?",
    "capacity": "Can your finances still bear this much risk?",
    "tolerance": "Can you still bear this much risk yourself?",
    "taxes": "Are the tax situation and the accounts still as described?",
    "targets": "Are the targets, the rule and the choice of indices still right?",
}
"""domain.md section 9: goals and horizons, capacity and tolerance, taxes and accounts, targets and index choice."""

UNCHANGED = "unchanged"
NOTHING_EARLIER = "no earlier plan to compare with"


def yearly_checklist(
    scenario: Scenario, earlier: Scenario | None = None, universe: Universe = BUILT_IN
) -> pd.DataFrame:
    """What changed since an earlier scenario, by question of the yearly review.

    Rows have ``item``, ``question``, ``field``, ``before`` and ``after`` (text); an item without changes has one row
    that says so. Lots, prices and the day of the review are not compared: they change every time.
    """
    changed = () if earlier is None else differences(earlier, scenario, universe)
    nothing = NOTHING_EARLIER if earlier is None else UNCHANGED
    rows = []
    for item in ITEMS:
        found = [each for each in changed if each.item == item] or [Difference(item, nothing, "", "")]
        rows += [(item, QUESTIONS[item], each.field, each.before, each.after) for each in found]
    return pd.DataFrame(rows, columns=["item", "question", "field", "before", "after"])
