"""Pictures of a crypto sleeve: its coins, the past of its indices, their weights over time, and what each risks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planner.market.coins import COIN_LABELS
from planner.policy.index_history import STABLE_VALUE, START_LEVEL
from planner.wording import money, percent
from widgets.backtest_charts import growth_rows
from widgets.theme import MUTED

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from planner.policy.barbell import Sleeve
    from planner.policy.index_history import IndexHistory
    from widgets.charts import Rows

    Vector = NDArray[np.float64]

CALMEST, BOLDEST = (0x6B, 0x2E, 0x00), (0xF2, 0x9E, 0x57)
"""Shades of crypto's colour for the indices, the calmest the darkest. Ours."""

COIN_COLOURS = {
    "btc": "#d95f02",
    "eth": "#5b6abf",
    "xrp": "#4d5661",
    "ada": "#1f77b4",
    "doge": "#c9a227",
    "link": "#7fb3d5",
    "trx": "#8c564b",
    "xlm": "#9a8fbf",
    "sol": "#8e3b8a",
    "avax": "#e39aa6",
    STABLE_VALUE: "#c9d0d6",
}
"""A colour of its own for each built-in coin. Ours."""

START_VALUE = 10_000.0
BITCOIN = "Bitcoin"
RISK_OF_SURVIVORS = "Measured on coins that survived to 2025: those that died, and their risk, are not in it."
NAMED_FROM = 0.045
"""The narrowest stripe of the weights that holds a name, as a part of the index. Ours."""


def part_labels(sleeve: Sleeve) -> dict[str, str]:
    """Label of each part by its name; those of two alike are told apart."""
    labels = {part.name: part.recipe.label for part in sleeve.parts}
    every = list(labels.values())
    return {name: label if every.count(label) == 1 else f"{label} ({name})" for name, label in labels.items()}


def part_colours(sleeve: Sleeve) -> dict[str, str]:
    """Colour of each part by its name, from the calmest to the boldest."""
    last = max(len(sleeve.parts) - 1, 1)
    mixed = (
        [round(one + (other - one) * place / last) for one, other in zip(CALMEST, BOLDEST, strict=True)]
        for place in range(len(sleeve.parts))
    )
    return {
        part.name: "#" + "".join(f"{shade:02x}" for shade in colour)
        for part, colour in zip(sleeve.parts, mixed, strict=True)
    }


def coin_label(coin: str) -> str:
    """A coin or what stands for none of them, in words."""
    return COIN_LABELS.get(coin, coin.capitalize())


def coins_rows(
    sleeve: Sleeve, held: Mapping[str, float], histories: Mapping[str, IndexHistory], amount: float, currency: str
) -> Rows:
    """The coins of the sleeve today, the largest first, each index's part of them in its colour; totals at the ends.

    ``held`` are shares of the sleeve by part, ``amount`` is what it is worth.
    """
    labels, colours = part_labels(sleeve), part_colours(sleeve)
    shares = {
        (str(coin), name): held[name] * float(weight)
        for name in sleeve.shares
        for coin, weight in histories[name].now.items()
    }
    totals = dict.fromkeys(sorted({coin for coin, _ in shares}), 0.0)
    for (coin, _), share in shares.items():
        totals[coin] += share
    order = [coin for coin in sorted(totals, key=lambda each: -totals[each]) if totals[coin] > 0]
    rows: list[dict[str, Any]] = []
    for rank, coin in enumerate(order):
        rows += [
            {
                "coin": coin_label(coin),
                "index": labels[name],
                "share": shares[coin, name],
                "amount": money(amount * shares[coin, name], currency),
                "colour": colours[name],
                "place": place,
                "rank": rank,
            }
            for place, name in enumerate(sleeve.shares)
            if shares.get((coin, name), 0.0) > 0
        ]
        said = f"{percent(totals[coin])}, {money(amount * totals[coin], currency)}"
        rows[-1] |= {"end": totals[coin], "text": said}
    return {"coins": rows}


def coins_alt(rows: Rows) -> str:
    """The chart in a sentence."""
    said = "; ".join(f"{row['coin']} {row['text']}" for row in rows["coins"] if "text" in row)
    return f"Bar chart of the coins in the sleeve today, by index: {said}."


def past_values(sleeve: Sleeve, histories: Mapping[str, IndexHistory], bitcoin: pd.Series) -> dict[str, pd.Series]:
    """What 10,000 in each index grew to from the month in which all are there; ``bitcoin`` are monthly returns."""
    labels = part_labels(sleeve)
    levels = {labels[name]: histories[name].levels for name in sleeve.shares}
    first = max(level.index[0] for level in levels.values())
    days = next(level.index for level in levels.values() if level.index[0] == first)
    grown = (1 + bitcoin.reindex(days[1:])).cumprod()
    levels[BITCOIN] = START_LEVEL * grown.reindex(days).fillna(1.0)
    return {label: START_VALUE * (level.loc[first:] / level.loc[first]) for label, level in levels.items()}


def past_rows(sleeve: Sleeve, values: Mapping[str, pd.Series]) -> Rows:
    """Value and fall of each index by month-end, and its label at the right end."""
    labels, colours = part_labels(sleeve), part_colours(sleeve)
    return growth_rows(values, {labels[name]: colours[name] for name in sleeve.shares} | {BITCOIN: MUTED})


def weights_rows(history: IndexHistory) -> Rows:
    """The stripes of the coins from close to close, a name for each, and what was held in words.

    The name of a coin that is held today stands at the right end, that of another in the longest stretch of its stripe.
    """
    weights = history.weights.loc[:, (history.weights > 0).any()]
    coins = [str(coin) for coin in weights.columns]
    highs = weights.cumsum(axis=1)
    days = [f"{day:%Y-%m-%d}" for day in weights.index]
    table = list(zip(days, weights.to_numpy().tolist(), highs.to_numpy().tolist(), strict=True))
    stripes = [
        {
            "day": day,
            "coin": coin_label(coin),
            "low": high[place] - own[place],
            "high": high[place],
            "colour": COIN_COLOURS.get(coin, MUTED),
        }
        for place, coin in enumerate(coins)
        for day, own, high in table
    ]
    names = [_name(coin, weights[coin].to_numpy(), highs[coin].to_numpy(), days) for coin in coins]
    months = [{"day": day, "held": _held(dict(zip(coins, own, strict=True)))} for day, own, _ in table]
    return {"weights": stripes, "names": [name for name in names if name], "months": months}


def _name(coin: str, own: Vector, high: Vector, days: list[str]) -> dict[str, Any]:
    """Where a coin's name stands, and the part of the chart's width there is for it; nothing if it was never held."""
    wide = [*(own >= NAMED_FROM), False]
    ends = [place for place, held in enumerate(wide) if not held and place and wide[place - 1]]
    if not ends:
        return {}
    starts = [place for place, held in enumerate(wide) if held and not (place and wide[place - 1])]
    last = ends[-1] == len(days)
    first, end = (
        (starts[-1], ends[-1]) if last else max(zip(starts, ends, strict=True), key=lambda run: run[1] - run[0])
    )
    at = len(days) - 1 if last else (first + end) // 2
    said = f"{coin_label(coin)} {percent(own[at], 0)}" if last else coin_label(coin)
    place = float(high[at] - own[at] / 2)
    return {"day": days[at], "at": place, "text": said, "last": last, "part": (end - first) / len(days)}


def _held(weights: Mapping[str, float]) -> str:
    ordered = sorted(weights.items(), key=lambda item: -item[1])
    return ", ".join(f"{coin_label(coin)} {percent(weight, 0)}" for coin, weight in ordered if weight > 0)


def weights_alt(label: str, rows: Rows, note: str) -> str:
    """The chart in sentences, with the note that stands on it."""
    first, last = rows["months"][0], rows["months"][-1]
    return (
        f"Area chart of the coins in the {label} over time. From {first['day']}: {first['held']}. "
        f"From {last['day']}: {last['held']}. {note}"
    )


def added_rows(sleeve: Sleeve, risk: pd.DataFrame) -> Rows:
    """Two rows for each index: its share of the portfolio's money and of its risk. ``risk`` is of ``crypto_risk``."""
    labels, colours = part_labels(sleeve), part_colours(sleeve)
    rows: list[dict[str, Any]] = []
    for place, name in enumerate(sleeve.shares):
        row = risk.loc[name].to_dict()
        rows += [
            {
                "label": labels[name],
                "colour": colours[name],
                "kind": kind,
                "share": share,
                "end": max(share, 0.0),
                "opacity": opacity,
                "text": percent(share),
                "added": row["added"],
                "place": place,
            }
            for kind, share, opacity in (("money", row["weight"], 0.4), ("risk", row["risk_share"], 1.0))
        ]
    return {"shares": rows}


def added_alt(rows: Rows) -> str:
    """The chart in a sentence."""
    pairs = zip(rows["shares"][::2], rows["shares"][1::2], strict=True)
    said = "; ".join(
        f"{asked['label']} {asked['text']} of the money, {risk['text']} of the risk, and "
        f"{percent(risk['added'], 2)} more volatility than cash"
        for asked, risk in pairs
    )
    return f"Bar chart of what each index adds to the whole portfolio: {said}. {RISK_OF_SURVIVORS}"
