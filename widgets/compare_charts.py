"""The rows of the pictures of scenarios side by side, and a sentence that says what is seen."""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING, Any

from planner.wording import money, percent
from widgets.account_charts import ink_on
from widgets.projection_charts import short_money
from widgets.theme import ACCENT, INK, MUTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.comparing import Comparison
    from widgets.charts import Rows

ROW, CHANCE_ROW, AXIS = 50, 21, 46
"""Pixels: of a row with its name above it, of a row with one dot, and of what stands below the rows."""
RISK_HEIGHT = 320
LABEL_GAP = 17 / (RISK_HEIGHT - AXIS)
"""Of the height of the plot: what two names need, one above the other."""
SCENARIO_COLOURS = (ACCENT, "#b45309", "#7b3fa0", "#0f766e")
"""Told apart by lightness too, and by their names wherever they stand."""
SIXTY_FORTY_COLOUR, TODAY_COLOUR = MUTED, INK
LETTERS, CHANCE_LETTERS, DOT_LETTERS = 32, 20, 16
"""Of a name above a bar, beside a chance and beside a dot; tables have all of it."""
MOST_GOALS = 8
"""In the picture; the table has them all. Ours."""
ROOM_TO_THE_LEFT = 0.65
"""Of the highest volatility: from there on a name fits between the axis and its dot on a narrow page."""
LEAST_SPREAD = 0.004
"""Of expected returns in the picture: what differs by less is drawn close together."""


def looks_of(compared: Comparison) -> dict[str, dict[str, str]]:
    """Colour and shape of each column's mark, the same in every picture."""
    looks = {
        name: {"colour": colour, "shape": "circle"}
        for name, colour in zip(compared.scenarios, SCENARIO_COLOURS, strict=False)
    }
    for name, colour, shape in (
        (compared.sixty_forty, SIXTY_FORTY_COLOUR, "square"),
        (compared.today, TODAY_COLOUR, "diamond"),
    ):
        if name is not None:
            looks[name] = {"colour": colour, "shape": shape}
    return looks


def weights_rows(compared: Comparison, columns: Sequence[str]) -> Rows:
    """A bar a column, its classes one after the other; classes without a weight are left out."""
    universe = compared.first.market.universe
    parts = []
    for column in columns:
        end = 0.0
        for each in universe.classes:
            weight = float(compared.weights[column][each.name])
            start, end = end, end + weight
            if weight > 0:
                parts.append(
                    {
                        "row": column,
                        "label": each.label,
                        "colour": each.colour,
                        "ink": ink_on(each.colour),
                        "start": start,
                        "end": end,
                        "middle": (start + end) / 2,
                        "wide": weight,
                        "said": percent(weight),
                    }
                )
    return {"parts": parts, "names": [{"row": column, "words": column} for column in columns]}


def weights_alt(rows: Rows) -> str:
    """The chart in words."""
    held = {
        entry["row"]: ", ".join(
            f"{part['label']} {part['said']}" for part in rows["parts"] if part["row"] == entry["row"]
        )
        for entry in rows["names"]
    }
    return "Stacked bars of the weights. " + " ".join(f"{name}: {said}." for name, said in held.items())


def risk_rows(compared: Comparison, columns: Sequence[str]) -> Rows:
    """A dot a column; names of the calmer half stand to the left of theirs where there is room, others to the right."""
    looks, risk = looks_of(compared), compared.risk
    dots: list[dict[str, Any]] = [
        {
            "name": column,
            "text": short(column, DOT_LETTERS),
            **looks[column],
            **{name: float(risk[column][name]) for name in ("volatility", "expected_return")},
        }
        for column in columns
    ]
    lowest, highest = (limit(dot["expected_return"] for dot in dots) for limit in (min, max))
    room = max(highest - lowest, LEAST_SPREAD)
    bottom, top = lowest - 0.3 * room, highest + 0.3 * room
    widest = max(LEAST_SPREAD, *(dot["volatility"] for dot in dots))
    middle = median(dot["volatility"] for dot in dots)
    for dot in dots:
        dot["side"] = -1 if ROOM_TO_THE_LEFT * widest <= dot["volatility"] <= middle else 1
        dot["beside"] = dot["volatility"] + 0.06 * widest * dot["side"]
    for side in (-1, 1):
        _set_apart([dot for dot in dots if dot["side"] == side], LABEL_GAP * (top - bottom), top)
    corners = [{"volatility": at, "expected_return": level} for at, level in ((0.0, bottom), (1.75 * widest, top))]
    return {"corners": corners, "dots": dots}


def _set_apart(dots: list[dict[str, Any]], gap: float, top: float) -> None:
    """Levels of names, as near to their dots as a gap between them leaves, and below the top."""
    reached = -float("inf")
    ordered = sorted(dots, key=lambda dot: float(dot["expected_return"]))
    for dot in ordered:
        dot["level"] = reached = max(dot["expected_return"], reached + gap)
    ceiling = top
    for dot in reversed(ordered):
        dot["level"] = min(dot["level"], ceiling)
        ceiling = dot["level"] - gap


def risk_alt(rows: Rows) -> str:
    """The chart in words."""
    said = "; ".join(
        f"{dot['name']}: {percent(dot['expected_return'])} at {percent(dot['volatility'])}" for dot in rows["dots"]
    )
    return f"Expected return against volatility, a dot each. {said}."


def outlook_rows(compared: Comparison, columns: Sequence[str]) -> Rows:
    """An interval a column: where nine in ten paths and half of them end when the money is needed."""
    looks, currency = looks_of(compared), compared.first.scenario.profile.currency
    intervals, names = [], []
    for column in columns:
        fan = compared.fans[column].iloc[compared.years.horizon].to_dict()
        said = {f"said_{number}": _short(value, currency) for number, value in fan.items()}
        values = {f"p{number}": value for number, value in fan.items()}
        intervals.append({"row": column, **looks[column], **values, **said})
        names.append({"row": column, "words": f"{short(column)}: half above {said['said_50']}"})
    return {"intervals": intervals, "names": names}


def outlook_alt(rows: Rows, years: int) -> str:
    """The chart in words."""
    said = " ".join(
        f"{row['row']}: half above {row['said_50']}, one in twenty below {row['said_5']}, one in twenty above "
        f"{row['said_95']}."
        for row in rows["intervals"]
    )
    return f"Intervals of the money after {years} years, in today's money. {said}"


def chances_rows(compared: Comparison, columns: Sequence[str]) -> Rows:
    """A dot a column below each goal, and below the spending where there is any; columns without it are left out."""
    looks = looks_of(compared)
    end = compared.first.scenario.profile.age + compared.years.all
    chances_of = {f"All spending paid to the age of {end}": compared.outlook.T["lasts"]}
    chances_of |= {str(goal): chances for goal, chances in compared.goals.head(MOST_GOALS).T.items()}
    rows: list[dict[str, Any]] = []
    for place, (aim, chances) in enumerate(chances_of.items()):
        known = {name: float(chances[name]) for name in columns if not math.isnan(chances[name])}
        if known:
            rows.append({"row": str(place), "goal": aim, "title": True})
        rows += [
            {
                "row": f"{place} {column}",
                "goal": aim,
                "title": False,
                "name": column,
                "chance": chance,
                "text": f"{short(column, CHANCE_LETTERS)} {percent(chance)}",
                "side": 1 if chance < 0.5 else -1,
                **looks[column],
            }
            for column, chance in known.items()
        ]
    return {"chances": rows}


def chances_alt(rows: Rows) -> str:
    """The chart in words."""
    said: dict[str, list[str]] = {}
    for row in rows["chances"]:
        if not row["title"]:
            said.setdefault(row["goal"], []).append(f"{row['name']} {percent(row['chance'])}")
    listed = " ".join(f"{aim}: {', '.join(chances)}." for aim, chances in said.items())
    return f"Chances, a dot each. {listed}"


def short(name: str, letters: int = LETTERS) -> str:
    """A name that fits into a picture."""
    return name if len(name) <= letters else f"{name[: letters - 1].rstrip()}…"


def _short(amount: float, currency: str) -> str:
    return short_money(amount) if currency == "USD" else money(amount, currency)
