"""From what is owned to a plan: the trades, what they cost once, and what taxes take every year after them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.trading.holdings import Holdings
from planner.trading.location_costs import LocationCosts
from planner.trading.rebalance import rebalance
from planner.trading.tax_drag import DEFAULT_YEARS

if TYPE_CHECKING:
    from planner.planning import Plan
    from planner.trading.rebalance import Rebalancing


@dataclass(frozen=True, slots=True)
class GettingThere:
    """What becomes of the household's accounts.

    ``tax_drag`` is what taxes take a year of everything held after the trades, a decimal; ``orders`` their number,
    ``tax`` what they add to this year's tax (negative where they save) and ``cost`` what trading costs, once.
    ``rebalancing`` holds the orders; None where nothing is traded.
    """

    tax_drag: float
    orders: float
    tax: float
    cost: float
    rebalancing: Rebalancing | None = None


def getting_there(plan: Plan, *, stay: bool = False) -> GettingThere | None:
    """All trades at once from the household's accounts to the plan with its tilts, or none of them (``stay``).

    None where nothing is owned. The drag is that of ``yearly_drag`` over ten years, each account as it is held then.
    """
    scenario, universe = plan.scenario, plan.market.universe
    household = scenario.household
    if household is None or Holdings(household, universe).total <= 0:
        return None
    if stay:
        return GettingThere(_drag(plan, Holdings(household, universe)), 0, 0.0, 0.0)
    made = rebalance(household, plan.trade_targets, policy=scenario.trading, universe=universe)
    return GettingThere(_drag(plan, made.after), len(made.orders), made.tax, made.cost, made)


def _drag(plan: Plan, held: Holdings) -> float:
    costs = LocationCosts(held, plan.market.assumptions, plan.scenario.trading, DEFAULT_YEARS)
    return costs.yearly_tax(costs.present) / held.total
