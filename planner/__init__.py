"""Plan a whole household portfolio with crypto in it.

The public API; each name is loaded when it is first used, so that ``import planner`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from planner.comparing import Comparison, compare
    from planner.disclaimer import DISCLAIMER
    from planner.errors import InfeasibleError, InputError, PlannerError, SolverError
    from planner.household.accounts import Account, AccountKind, Asset, Household, Lot, Sale
    from planner.household.assessment import Assessment
    from planner.household.cash_flows import CashFlows
    from planner.household.example import example_household
    from planner.household.goals import Goal
    from planner.household.ofx import read_ofx
    from planner.household.profile import Profile
    from planner.household.questions import Experience, Fall, IncomeStability, Reaction, Spread, ToleranceAnswers
    from planner.household.reading_accounts import accounts_csv, read_accounts
    from planner.household.retirement import contribution_limit, required_distribution
    from planner.household.tax_situation import FilingStatus, TaxSituation
    from planner.household.taxes import Gains, TaxBill, marginal_rates, tax_bill
    from planner.market.annual_history import annual_history
    from planner.market.assumptions import Assumptions, MeanMethod, equilibrium, estimate
    from planner.market.coins import coin_market_values, coin_returns
    from planner.market.grades import Grades
    from planner.market.history import history, read_prices, read_returns, returns_from_prices
    from planner.market.made_with import Fingerprint
    from planner.market.market import Market, built_in_market
    from planner.market.moments import CovarianceMethod
    from planner.market.portfolio import Portfolio
    from planner.market.views import BlackLitterman, View, black_litterman
    from planner.optimise import (
        Bounds,
        Budgeted,
        Failed,
        Frontier,
        Group,
        GroupBudget,
        Infeasible,
        MaximumDiversification,
        MaximumReturn,
        MaximumSharpe,
        MaximumUtility,
        MeanErrors,
        MinimumCVaR,
        MinimumPosition,
        MinimumVariance,
        NearOptimal,
        Price,
        Ratio,
        Reachable,
        RelativeBand,
        ResampledFrontier,
        Resampling,
        ReturnFloor,
        RiskShare,
        RobustUtility,
        Soft,
        Solved,
        TargetReturn,
        TrackingError,
        TrackTargets,
        TradingCosts,
        Turnover,
        VolatilityCap,
        frontier,
        near_optimal_ranges,
        optimise,
        reachable,
        resampled_frontier,
        risk_budget,
    )
    from planner.optimise.sleeve_limits import sleeve_limits
    from planner.outlook.alerts import Alert, AlertKind, Severity, Thresholds
    from planner.outlook.backtest import Track, backtest
    from planner.outlook.correlation import (
        calm_and_stress,
        class_returns,
        market_of_late,
        matrices,
        rise_test,
        rolling_band,
        rolling_correlation,
        weighted_correlation,
    )
    from planner.outlook.crypto_steps import crypto_steps
    from planner.outlook.grade_alerts import grade_alerts
    from planner.outlook.historical_sequences import historical_sequences, success_rates
    from planner.outlook.performance import money_weighted_return, performance, tail_loss
    from planner.outlook.policy_comparison import POLICIES, PolicyComparison, compare_policies
    from planner.outlook.projection import Projection, project
    from planner.outlook.return_models import BlockBootstrap, Lognormal, RegimeSwitching, StudentT
    from planner.outlook.solve_back import CannotBeReached, Lever, Reached, solve_back
    from planner.outlook.still_held import still_held
    from planner.outlook.stress import EPISODES, Episode, Stress, episode, shock
    from planner.planning import Plan, plan
    from planner.policy.barbell import CryptoView, Sleeve, SleevePart, barbell, sleeve_tilts, worked_sleeve
    from planner.policy.crypto import crypto_risk, with_sleeve
    from planner.policy.crypto_index import index_history
    from planner.policy.glide_path import GlidePath
    from planner.policy.index_history import IndexHistory
    from planner.policy.index_recipes import (
        Balanced,
        CappedMarketValue,
        EqualWeight,
        Growth,
        InverseVolatility,
        LargeCap,
        Leaders,
        Sector,
    )
    from planner.policy.index_terms import Screen, Trend
    from planner.policy.journal import Journal
    from planner.policy.statement import Parties, Statement, journalled, own_text_of, statement
    from planner.policy.tactical import Tilt, tactical, tilted
    from planner.policy.targets import Band, ReferenceMix, Targets
    from planner.policy.tilts_ahead import check_tilt
    from planner.recent_choice import RecentChoice, choice_of_late
    from planner.reports.blocks import Letterhead, Paper
    from planner.reports.html import to_html
    from planner.reports.pdf import to_pdf
    from planner.reports.proposal import proposal
    from planner.reports.sheets import Sheet, sheets
    from planner.reports.spreadsheet import to_csv_zip, to_json, to_xlsx
    from planner.reviewing import Review, review
    from planner.scenario import EXAMPLE, Method, Scenario, read_scenario
    from planner.store import Conflict, Store
    from planner.trading.harvest import Harvest, harvest
    from planner.trading.holdings import Holdings, total_drift
    from planner.trading.location import locate
    from planner.trading.location_result import Location, Unplaceable
    from planner.trading.lots import LotChoice, sell
    from planner.trading.orders import Order, carry_out
    from planner.trading.phasing import phase_in, phased_against_at_once
    from planner.trading.realised_gains import RealisedGains, realised_gains
    from planner.trading.rebalance import Rebalancing, rebalance
    from planner.trading.rules import Calendar, Destination, Frequency, Hybrid, Threshold
    from planner.trading.tax_drift_curve import tax_drift_curve
    from planner.trading.trading_policy import TradingPolicy
    from planner.trading.venue_scores import CriteriaWeights, Ratings, rank
    from planner.trading.venues import decision_guide, fitting, venue, venues
    from planner.trading.wash_sales import WashSaleRules


_HOMES = {
    "planner.comparing": ("Comparison", "compare"),
    "planner.disclaimer": ("DISCLAIMER",),
    "planner.errors": ("InfeasibleError", "InputError", "PlannerError", "SolverError"),
    "planner.household.accounts": ("Account", "AccountKind", "Asset", "Household", "Lot", "Sale"),
    "planner.household.assessment": ("Assessment",),
    "planner.household.cash_flows": ("CashFlows",),
    "planner.household.example": ("example_household",),
    "planner.household.goals": ("Goal",),
    "planner.household.ofx": ("read_ofx",),
    "planner.household.profile": ("Profile",),
    "planner.household.questions": ("Experience", "Fall", "IncomeStability", "Reaction", "Spread", "ToleranceAnswers"),
    "planner.household.reading_accounts": ("accounts_csv", "read_accounts"),
    "planner.household.retirement": ("contribution_limit", "required_distribution"),
    "planner.household.tax_situation": ("FilingStatus", "TaxSituation"),
    "planner.household.taxes": ("Gains", "TaxBill", "marginal_rates", "tax_bill"),
    "planner.market.annual_history": ("annual_history",),
    "planner.market.assumptions": ("Assumptions", "MeanMethod", "equilibrium", "estimate"),
    "planner.market.coins": ("coin_market_values", "coin_returns"),
    "planner.market.grades": ("Grades",),
    "planner.market.history": ("history", "read_prices", "read_returns", "returns_from_prices"),
    "planner.market.made_with": ("Fingerprint",),
    "planner.market.market": ("Market", "built_in_market"),
    "planner.market.moments": ("CovarianceMethod",),
    "planner.market.portfolio": ("Portfolio",),
    "planner.market.views": ("BlackLitterman", "View", "black_litterman"),
    "planner.optimise": (
        "near_optimal_ranges",
        "NearOptimal",
        "RobustUtility",
        "MeanErrors",
        "Bounds",
        "Budgeted",
        "Failed",
        "Frontier",
        "Group",
        "GroupBudget",
        "Infeasible",
        "MaximumDiversification",
        "MaximumReturn",
        "MaximumSharpe",
        "MaximumUtility",
        "MinimumCVaR",
        "MinimumPosition",
        "MinimumVariance",
        "Price",
        "Ratio",
        "Reachable",
        "RelativeBand",
        "ResampledFrontier",
        "Resampling",
        "ReturnFloor",
        "RiskShare",
        "Soft",
        "Solved",
        "TargetReturn",
        "TrackTargets",
        "TrackingError",
        "TradingCosts",
        "Turnover",
        "VolatilityCap",
        "frontier",
        "reachable",
        "resampled_frontier",
        "risk_budget",
    ),
    "planner.optimise.sleeve_limits": ("sleeve_limits",),
    "planner.outlook.alerts": ("Alert", "AlertKind", "Severity", "Thresholds"),
    "planner.outlook.backtest": ("Track", "backtest"),
    "planner.outlook.correlation": (
        "calm_and_stress",
        "class_returns",
        "market_of_late",
        "matrices",
        "rise_test",
        "rolling_band",
        "rolling_correlation",
        "weighted_correlation",
    ),
    "planner.outlook.crypto_steps": ("crypto_steps",),
    "planner.outlook.grade_alerts": ("grade_alerts",),
    "planner.outlook.historical_sequences": ("historical_sequences", "success_rates"),
    "planner.outlook.performance": ("money_weighted_return", "performance", "tail_loss"),
    "planner.outlook.policy_comparison": ("POLICIES", "PolicyComparison", "compare_policies"),
    "planner.outlook.projection": ("Projection", "project"),
    "planner.outlook.return_models": ("BlockBootstrap", "Lognormal", "RegimeSwitching", "StudentT"),
    "planner.outlook.solve_back": ("CannotBeReached", "Lever", "Reached", "solve_back"),
    "planner.outlook.still_held": ("still_held",),
    "planner.outlook.stress": ("EPISODES", "Episode", "Stress", "episode", "shock"),
    "planner.planning": ("Plan", "plan"),
    "planner.policy.barbell": ("CryptoView", "Sleeve", "SleevePart", "barbell", "sleeve_tilts", "worked_sleeve"),
    "planner.policy.crypto": ("crypto_risk", "with_sleeve"),
    "planner.policy.crypto_index": ("index_history",),
    "planner.policy.glide_path": ("GlidePath",),
    "planner.policy.index_history": ("IndexHistory",),
    "planner.policy.index_recipes": (
        "Balanced",
        "CappedMarketValue",
        "EqualWeight",
        "Growth",
        "InverseVolatility",
        "LargeCap",
        "Leaders",
        "Sector",
    ),
    "planner.policy.index_terms": ("Screen", "Trend"),
    "planner.policy.journal": ("Journal",),
    "planner.policy.statement": ("Parties", "Statement", "journalled", "own_text_of", "statement"),
    "planner.policy.tactical": ("Tilt", "tactical", "tilted"),
    "planner.policy.targets": ("Band", "ReferenceMix", "Targets"),
    "planner.policy.tilts_ahead": ("check_tilt",),
    "planner.recent_choice": ("RecentChoice", "choice_of_late"),
    "planner.reports.blocks": ("Letterhead", "Paper"),
    "planner.reports.html": ("to_html",),
    "planner.reports.pdf": ("to_pdf",),
    "planner.reports.proposal": ("proposal",),
    "planner.reports.sheets": ("Sheet", "sheets"),
    "planner.reports.spreadsheet": ("to_csv_zip", "to_json", "to_xlsx"),
    "planner.reviewing": ("Review", "review"),
    "planner.scenario": ("EXAMPLE", "Method", "Scenario", "read_scenario"),
    "planner.store": ("Conflict", "Store"),
    "planner.trading.harvest": ("Harvest", "harvest"),
    "planner.trading.holdings": ("Holdings", "total_drift"),
    "planner.trading.location": ("locate",),
    "planner.trading.location_result": ("Location", "Unplaceable"),
    "planner.trading.lots": ("LotChoice", "sell"),
    "planner.trading.orders": ("Order", "carry_out"),
    "planner.trading.phasing": ("phase_in", "phased_against_at_once"),
    "planner.trading.realised_gains": ("RealisedGains", "realised_gains"),
    "planner.trading.rebalance": ("Rebalancing", "rebalance"),
    "planner.trading.rules": ("Calendar", "Destination", "Frequency", "Hybrid", "Threshold"),
    "planner.trading.tax_drift_curve": ("tax_drift_curve",),
    "planner.trading.trading_policy": ("TradingPolicy",),
    "planner.trading.venue_scores": ("CriteriaWeights", "Ratings", "rank"),
    "planner.trading.venues": ("decision_guide", "fitting", "venue", "venues"),
    "planner.trading.wash_sales": ("WashSaleRules",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = ["optimise", *_HOME_OF]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name == "optimise":
        return import_module("planner.optimise")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'planner' has no attribute '{name}'")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME_OF})
