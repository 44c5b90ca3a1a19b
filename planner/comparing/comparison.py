"""Up to four scenarios side by side, with the plain 60/40 and what the client holds today."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from planner.comparing import words
from planner.comparing.getting_there import GettingThere, getting_there
from planner.comparing.same_paths import Prospect, Years, common_markets, prospect
from planner.disclaimer import DISCLAIMER
from planner.errors import InputError
from planner.facts import ITEMS, scenario_facts
from planner.market.portfolio import Portfolio
from planner.methods import at_targets
from planner.outlook.projection import LAST_AGE, PATHS
from planner.outlook.stress import weights_of
from planner.planning import Plan, plan
from planner.policy.targets import SIXTY_FORTY as SIXTY_FORTY_TARGETS
from planner.scenario import Method, Scenario
from planner.trading.holdings import Holdings
from planner.wording import money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from planner.market.market import Market

MOST_SCENARIOS = 4
"""More columns than that nobody takes in at a glance. Source: issue 7 of the project's plan."""

SIXTY_FORTY, TODAY = "60/40", "Portfolio today"


@dataclass(frozen=True, eq=False)
class Comparison:
    """Plans side by side, by name: the scenarios in the order given, then what they are compared with.

    ``sixty_forty`` and ``today`` are the names of those two columns, None where they are left out: where nobody asked
    for them, the first scenario's household owns nothing, or its universe has no such classes.
    Tables have a column for each plan, and what takes time is found when it is first asked for: weights, risk and
    inputs at once, ``taxes`` after the trades of each plan, ``outlook``, ``goals`` and ``fans`` after ``paths`` random
    paths, the same for all plans, with the first scenario's model of returns and as many years. ``progress`` is then
    told the part done, and stops the work by an exception; what was found is kept.

    Where a blocker stands in a plan's way, its targets as they are stand in its column, and ``blockers`` says so.
    """

    plans: Mapping[str, Plan]
    sixty_forty: str | None
    today: str | None
    paths: int = PATHS
    progress: Callable[[float], object] | None = field(default=None, repr=False)
    _prospects: dict[str, Prospect] = field(default_factory=dict, init=False, repr=False)
    _ways: dict[str, GettingThere | None] = field(default_factory=dict, init=False, repr=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns, in order."""
        return tuple(self.plans)

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Names of the scenarios that were given, in order."""
        return tuple(name for name in self.plans if name not in (self.sixty_forty, self.today))

    @property
    def first(self) -> Plan:
        """The plan of the first scenario, whose model of returns and horizon all columns share."""
        return next(iter(self.plans.values()))

    @cached_property
    def inputs(self) -> pd.DataFrame:
        """What the scenarios do not have in common, in words: a row for each (item, field), a column a scenario.

        Empty text where one lacks it. Tax lots and prices are not compared, but what all accounts are worth is.
        """
        facts = {name: _facts(self.plans[name]) for name in self.scenarios}
        keys = dict.fromkeys(key for item in ITEMS for found in facts.values() for key in found if key[0] == item)
        rows = {key: [found.get(key, "") for found in facts.values()] for key in keys}
        differing = {key: said for key, said in rows.items() if len(set(said)) > 1}
        index = pd.MultiIndex.from_tuples(differing, names=["item", "field"])
        return pd.DataFrame(list(differing.values()), index, list(facts))

    @cached_property
    def weights(self) -> pd.DataFrame:
        """Weight of each asset class."""
        return self._by_class(lambda made: made.class_weights)

    @cached_property
    def series_weights(self) -> pd.DataFrame:
        """Weight of each series that any of the plans' markets has, class by class."""
        table = self._table(lambda made: dict(made.shown.by_asset)).fillna(0.0)
        return table.loc[list(self._markets[self.columns[0]].universe.series_names)].rename_axis("series")

    @cached_property
    def risk(self) -> pd.DataFrame:
        """The key figures of each plan by name, as in ``Plan.figures``."""
        return self._table(lambda made: {each.name: each.value for each in made.figures}).rename_axis("figure")

    @cached_property
    def risk_shares(self) -> pd.DataFrame:
        """Share of each plan's risk by asset class; NaN where there is no risk."""
        return self._by_class(lambda made: made.class_risk)

    @cached_property
    def outlook(self) -> pd.DataFrame:
        """What may become of the money.

        ``wealth_5``, ``wealth_50`` and ``wealth_95`` are percentiles of the wealth when the money is needed, in
        today's money; ``ahead`` the part of the paths on which it is then more than in the first column (NaN there);
        ``lasts`` the chance that all spending is paid to the end (NaN where nothing is spent); ``deepest_fall`` what
        the mix falls by from a high on half of the paths or more.
        """
        first, *_ = self.columns
        base = self.prospects[first].at_horizon
        rows = {}
        for name, found in self.prospects.items():
            low, middle, high = found.fan.loc[found.fan.index[self.years.horizon], [5, 50, 95]]
            rows[name] = {
                "wealth_5": low,
                "wealth_50": middle,
                "wealth_95": high,
                "ahead": math.nan if name == first else float((found.at_horizon > base).mean()),
                "lasts": math.nan if found.lasts is None else found.lasts.probability,
                "deepest_fall": found.deepest_fall,
            }
        return pd.DataFrame(rows).rename_axis("figure")

    @cached_property
    def goals(self) -> pd.DataFrame:
        """Probability of each goal that any of the scenarios has; NaN where one has not."""
        tables = {name: found.goals for name, found in self.prospects.items()}
        names = dict.fromkeys(str(goal) for table in tables.values() for goal in table.index)
        return pd.DataFrame(tables).reindex(list(names)).astype(float).rename_axis("goal")

    @cached_property
    def fans(self) -> dict[str, pd.DataFrame]:
        """By column: percentiles of wealth by year in today's money, as ``Projection.fan``."""
        return {name: found.fan for name, found in self.prospects.items()}

    @cached_property
    def taxes(self) -> pd.DataFrame:
        """``tax_drag`` a year (decimal), and once, from today's holdings: ``orders``, ``tax`` and ``cost`` in currency.

        Each scenario starts from its own household; NaN where nothing is owned. See ``GettingThere``.
        """
        figures = ("tax_drag", "orders", "tax", "cost")
        rows = {
            name: {figure: math.nan if way is None else getattr(way, figure) for figure in figures}
            for name, way in self.ways.items()
        }
        return pd.DataFrame(rows).rename_axis("figure")

    @property
    def ways(self) -> dict[str, GettingThere | None]:
        """By column, the trades from the household's accounts; None where nothing is owned."""
        for place, (name, made) in enumerate(self.plans.items(), start=1):
            if name not in self._ways:
                self._ways[name] = getting_there(made, stay=name == self.today)
            self._tell(place / len(self.plans))
        return {name: self._ways[name] for name in self.plans}

    @cached_property
    def blockers(self) -> pd.DataFrame:
        """What stands in the way of which plan: ``column``, ``place`` and ``sentence``, a row a blocker."""
        rows = [(name, str(each.place), each.sentence) for name, made in self.plans.items() for each in made.blockers]
        return pd.DataFrame(rows, columns=["column", "place", "sentence"])

    @cached_property
    def years(self) -> Years:
        """Years until the first scenario needs the money, and years that are projected."""
        horizons = [math.ceil(made.scenario.profile.horizon_years) for made in self.plans.values()]
        end = LAST_AGE - self.first.scenario.profile.age
        return Years(max(horizons[0], 1), max(end, *horizons, 1))

    @property
    def prospects(self) -> dict[str, Prospect]:
        """What the same paths say of each plan, by column."""
        for name in self.plans:
            self.prospect(name)
        return {name: self._prospects[name] for name in self.plans}

    def prospect(self, column: str) -> Prospect:
        """What the same paths say of one plan."""
        if column not in self._prospects:
            before, model = len(self._prospects), self.first.scenario.return_model

            def tell(part: float) -> None:
                self._tell((before + part) / len(self.plans))

            made, market = self.plans[column], self._markets[column]
            self._prospects[column] = prospect(made, market, model, self.years, self.paths, tell)
        return self._prospects[column]

    @cached_property
    def _markets(self) -> dict[str, Market]:
        return dict(zip(self.plans, common_markets([made.market for made in self.plans.values()]), strict=True))

    def _tell(self, part: float) -> None:
        if self.progress is not None:
            self.progress(part)

    def _table(self, read: Callable[[Plan], Mapping[str, float]]) -> pd.DataFrame:
        return pd.DataFrame({name: pd.Series(dict(read(made)), dtype=float) for name, made in self.plans.items()})

    def _by_class(self, read: Callable[[Plan], Mapping[str, float]]) -> pd.DataFrame:
        names = list(self.first.market.universe.class_names)
        return self._table(read).loc[names].rename_axis("asset_class")

    def to_text(self) -> str:
        """All tables as text, with what each of them means."""
        shown = words.tables_in_words(self)
        parts = [f"{title}\n{table.to_string()}" for title, table in shown.items()]
        return "\n\n".join([*words.blocked(self), *parts, *words.sentences(self), DISCLAIMER])

    def _repr_html_(self) -> str:
        shown = words.tables_in_words(self)
        tables = "".join(f"<h4>{escape(title)}</h4>{table.to_html()}" for title, table in shown.items())
        said = "".join(f"<li>{escape(sentence)}</li>" for sentence in (*words.blocked(self), *words.sentences(self)))
        return f"{tables}<ul>{said}</ul><p>{escape(DISCLAIMER)}</p>"


def compare(
    *scenarios: Scenario | Plan,
    market: Market | None = None,
    today: bool = True,
    sixty_forty: bool = True,
    paths: int = PATHS,
    progress: Callable[[float], object] | None = None,
) -> Comparison:
    """Put one to four scenarios, or plans that are ready, side by side.

    ``market`` is the one in which scenarios are planned, that of the first plan given or the built-in one where it is
    left out. ``today`` adds what the first scenario's household holds, with its present weights, and ``sixty_forty``
    the plain 60/40, both in the first scenario's market, with its cash flows, goals and rule. Names are made distinct.

    Another number of scenarios, other asset classes or currencies, and holdings that the market does not know are
    InputErrors.
    """
    if not 1 <= len(scenarios) <= MOST_SCENARIOS:
        raise InputError(f"{len(scenarios)} scenarios cannot be compared: give one to {MOST_SCENARIOS}.")
    for each in scenarios:
        if not isinstance(each, Scenario | Plan):
            raise InputError(f"{each!r} cannot be compared: give scenarios, or plans made of them.")
    ready = next((each for each in scenarios if isinstance(each, Plan)), None)
    market = ready.given if market is None and ready is not None else market
    plans = _planned(scenarios, market)
    _check_currencies(plans)
    first, references = plans[0], dict[str, Plan]()
    for name, wanted, mix_of in ((SIXTY_FORTY, sixty_forty, _plain), (TODAY, today, _held)):
        mix = mix_of(first) if wanted else None
        if mix is not None:
            references[name] = _as_plan(first, name, mix)
    names = _distinct([*(made.scenario.name for made in plans), *references])
    of_reference = dict(zip(references, names[len(plans) :], strict=True))
    return Comparison(
        dict(zip(names, [*plans, *references.values()], strict=True)),
        of_reference.get(SIXTY_FORTY),
        of_reference.get(TODAY),
        paths,
        progress,
    )


def _planned(scenarios: Sequence[Scenario | Plan], market: Market | None) -> list[Plan]:
    """The plans, one for all scenarios that differ in their names alone, so that these are the same to the bit."""
    made: list[Plan] = []
    anew: list[Plan] = []
    for each in scenarios:
        if isinstance(each, Plan):
            made.append(each)
            continue
        alike = (known for known in anew if known.scenario.with_changes(name=each.name) == each)
        known = next(alike, None)
        anew.append(plan(each, market) if known is None else replace(known, scenario=each))
        made.append(anew[-1])
    return made


def _check_currencies(plans: Sequence[Plan]) -> None:
    first, *others = (made.scenario for made in plans)
    for other in others:
        if other.profile.currency != first.profile.currency:
            raise InputError(
                f"'{first.name}' is in {first.profile.currency} and '{other.name}' in {other.profile.currency}: "
                "compare scenarios in one currency."
            )


def _as_plan(first: Plan, name: str, mix: Portfolio) -> Plan:
    """A mix in place of a plan's own, kept as the plan is kept."""
    universe, scenario = first.market.universe, first.scenario
    stated = scenario.with_changes(
        name=name,
        targets=scenario.targets.with_weights(universe, universe.by_class(mix.weights)),
        method=Method.STRATEGIC,
        limits=(),
        tilts=(),
        volatility_cap=None,
        glide_path=None,
    )
    return replace(first, scenario=stated, portfolio=mix, blockers=())


def _plain(first: Plan) -> Portfolio | None:
    """The 60/40, where the universe has its asset classes."""
    weights = {name: weight for name, weight in SIXTY_FORTY_TARGETS.weights.items() if weight > 0}
    known = set(weights) <= set(first.market.universe.class_names)
    return at_targets(first.market, weights) if known else None


def _held(first: Plan) -> Portfolio | None:
    """What the household holds, where it holds anything."""
    household, market = first.scenario.household, first.market
    if household is None:
        return None
    holdings = Holdings(household, market.universe)
    return Portfolio.of(market.assumptions, weights_of(holdings)) if holdings.total > 0 else None


def _distinct(names: Iterable[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        unique, number = name, 1
        while unique in found:
            number += 1
            unique = f"{name} ({number})"
        found.append(unique)
    return found


def _facts(made: Plan) -> dict[tuple[str, str], str]:
    scenario, universe = made.scenario, made.prior.universe
    said = scenario_facts(scenario, universe)
    facts = {(item, name): text for item, fields in said.items() for name, text in fields.items()}
    worth = 0.0 if scenario.household is None else Holdings(scenario.household, universe).total
    return facts | {("capacity", "worth of all accounts"): money(worth, scenario.profile.currency)}
