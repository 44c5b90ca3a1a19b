"""What a published grade of something held has done since the last look."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from planner.errors import InputError
from planner.market.coins import COIN_LABELS
from planner.market.grades import LARGEST_GRADE
from planner.market.universe import CRYPTO
from planner.outlook.alerts import Alert, AlertKind, Severity
from planner.wording import points

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from planner.market.grades import Grades
    from planner.policy.barbell import Sleeve
    from planner.trading.holdings import Holdings

POINTS_TO_NOTICE = 10.0
"""How many of a hundred points a grade moves before it is an alert. Ours."""


def grade_alerts(
    before: Mapping[str, float], now: Mapping[str, float], held: Iterable[str], threshold: float = POINTS_TO_NOTICE
) -> tuple[Alert, ...]:
    """Tokens or indices held whose grade, 0 to 100, moved by ``threshold`` points or more; a rise is information.

    ``number`` is the move in points. A grade that is no longer given is a warning whose ``number`` is NaN; one that is
    given for the first time is nothing. Raises InputError for a grade outside its scale or a threshold of 0 or less.
    """
    if not 0 < threshold <= LARGEST_GRADE:
        raise InputError(
            f"The threshold of a grade's move is {threshold:g} points: it must be more than 0, at most 100."
        )
    found = []
    for name in dict.fromkeys(held):
        old, new = _grade(before, name), _grade(now, name)
        if math.isnan(old):
            continue
        move = new - old
        if math.isnan(move):
            sentence = f"{name}: no grade any more; it was {points(old)} of 100."
            found.append(Alert(AlertKind.GRADE, name, Severity.WARNING, sentence, math.nan, threshold))
        elif abs(move) >= threshold:
            way, severity = ("fell", Severity.WARNING) if move < 0 else ("rose", Severity.INFORMATION)
            sentence = f"{name}: its grade {way} from {points(old)} to {points(new)} of 100."
            found.append(Alert(AlertKind.GRADE, name, severity, sentence, move, threshold))
    return tuple(found)


def graded_and_held(grades: Grades, holdings: Holdings, sleeve: Sleeve | None = None) -> tuple[str, ...]:
    """The names that have a grade and are of something held: a crypto asset, its series, or an index of a sleeve.

    Names are symbols or labels, in capitals or not. A fund that holds bitcoin follows bitcoin's series, so that a grade
    of 'BTC' is about it too.
    """
    members = {member.name: member.label for member in holdings.universe[CRYPTO].series}
    lots = {lot.asset for account in holdings.household.accounts for lot in account.holdings}
    assets = [holdings.household.asset_of[symbol] for symbol in lots]
    crypto = [asset for asset in assets if asset.series in members]
    known = {name for asset in crypto for name in (asset.symbol, asset.label, asset.series, members[asset.series])}
    known |= {ticker for ticker, label in COIN_LABELS.items() if label in known}
    known |= {name for part in (sleeve.parts if sleeve else ()) for name in (part.name, part.recipe.label)}
    folded = {name.casefold() for name in known}
    return tuple(name for name in grades.names if name.casefold() in folded)


def _grade(grades: Mapping[str, float], name: str) -> float:
    grade = float(grades.get(name, math.nan))
    if not (math.isnan(grade) or 0 <= grade <= LARGEST_GRADE):
        raise InputError(f"The grade of {name} is {grade:g}: it must lie between 0 and 100.")
    return grade
