"""Draw the pictures of the landing page's cards, each from the product's own numbers; `make pictures`.

A shape names what it is (`equities`, `crypto`, `line`, `soft`); the page's style gives it a colour, in light and dark.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import planner

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PICTURES = Path(__file__).resolve().parents[2] / "share/jupyter/voila/templates/modern-portfolio/pictures"
WIDTH, HEIGHT, MARGIN = 320, 120, 16
TOP, BOTTOM, LEFT, RIGHT = MARGIN, HEIGHT - MARGIN, MARGIN, WIDTH - MARGIN
CRYPTO_STEPS = (0.0, 0.03, 0.05, 0.10, 0.15)


def number(value: float) -> str:
    """Return a coordinate, short."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def box(kind: str, x: float, y: float, width: float, height: float, rounding: float = 1.5) -> str:
    """Return a rectangle, or nothing where there is no area."""
    if min(width, height) <= 0:
        return ""
    sides = " ".join(
        f'{name}="{number(v)}"' for name, v in zip(("x", "y", "width", "height"), (x, y, width, height), strict=False)
    )
    return f'<rect class="{kind}" {sides} rx="{number(rounding)}"/>'


def dot(kind: str, x: float, y: float, radius: float = 4.5) -> str:
    """Return a disc."""
    return f'<circle class="{kind}" cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"/>'


def line(kind: str, xs: Iterable[float], ys: Iterable[float]) -> str:
    """Return a line through points."""
    return f'<path class="line {kind}" d="M{points(xs, ys)}"/>'


def area(kind: str, xs: Iterable[float], lower: Iterable[float], upper: Iterable[float]) -> str:
    """Return what lies between two lines over the same places."""
    xs = list(xs)
    return f'<path class="{kind}" d="M{points(xs, upper)} {points(xs[::-1], list(lower)[::-1])}Z"/>'


def points(xs: Iterable[float], ys: Iterable[float]) -> str:
    """Return coordinates as a path has them."""
    return " ".join(f"{number(x)} {number(y)}" for x, y in zip(xs, ys, strict=True))


def across(values: Iterable[float], low: float, high: float) -> np.ndarray:
    """Place values between `low` and `high` from left to right."""
    return LEFT + (np.asarray(list(values)) - low) / (high - low) * (RIGHT - LEFT)


def up(values: Iterable[float], low: float, high: float) -> np.ndarray:
    """Place values between `low` and `high` from bottom to top."""
    return BOTTOM - (np.asarray(list(values)) - low) / (high - low) * (BOTTOM - TOP)


def column(weights: Mapping[str, float], x: float, width: float, height: float = BOTTOM - TOP) -> str:
    """Return weights on top of each other, from the bottom."""
    drawn, y = "", float(BOTTOM)
    for name, weight in weights.items():
        y -= weight * height
        drawn += box(name, x, y + 1, width, weight * height - 2)
    return drawn


def ring() -> str:
    """The example household's mix as a ring, and its classes as bars."""
    weights = {name: weight for name, weight in planner.plan(planner.EXAMPLE).class_weights.items() if weight > 0}
    drawn, start, radius = "", 0.0, 38
    around = 2 * np.pi * radius
    for place, (name, weight) in enumerate(weights.items()):
        drawn += (
            f'<circle class="line {name} ring" cx="84" cy="60" r="{radius}" transform="rotate(-90 84 60)" '
            f'stroke-dasharray="{number(weight * around - 2)} {number(around)}" '
            f'stroke-dashoffset="{number(-start * around)}"/>'
        )
        start += weight
        drawn += box(name, 168, 23 + 16 * place, 240 * weight, 9)
    return drawn


def columns() -> str:
    """Three mixes of one household side by side."""
    drawn, targets = "", planner.EXAMPLE.targets
    for place, crypto in enumerate((0.0, 0.05, 0.10)):
        rest = 1 - targets.weights["crypto"]
        mix = {name: weight / rest * (1 - crypto) for name, weight in targets.weights.items() if name != "crypto"}
        drawn += column({**mix, "crypto": crypto}, 56 + 80 * place, 48)
    return drawn


def bars() -> str:
    """What a first optimised mix holds, class by class."""
    drawn, market = "", planner.built_in_market()
    limits = [planner.Group("Crypto", market.universe.members("crypto"), upper=0.05), planner.Bounds(upper=0.4)]
    weights = planner.optimise(market.assumptions, planner.MaximumUtility(risk_aversion=3), limits).require().weights
    for place, asset_class in enumerate(market.universe.classes):
        weight = float(weights[[each.name for each in asset_class.series]].sum())
        y = TOP + 15 * place
        drawn += box("soft", 48, y, 224, 10) + box(asset_class.name, 48, y, max(224 * weight / 0.8, 2), 10)
    return drawn


def crypto_steps() -> str:
    """Growth and risk of the same mix with more and more crypto."""
    market, reference = planner.built_in_market(), planner.plan(planner.EXAMPLE).portfolio
    base = reference.weights.drop(["bitcoin", "ether"])
    found = []
    for crypto in CRYPTO_STEPS:
        weights = (base / base.sum() * (1 - crypto)).reindex(market.assumptions.mean.index, fill_value=0.0)
        weights["bitcoin"] = crypto
        covariance = market.assumptions.covariance
        found.append((float(weights @ covariance @ weights) ** 0.5, float(weights @ market.assumptions.mean)))
    risks, returns = zip(*found, strict=False)
    xs, ys = (
        across(risks, min(risks) - 0.01, max(risks) + 0.01),
        up(returns, min(returns) - 0.001, max(returns) + 0.001),
    )
    dots = "".join(dot("crypto", x, y, 4 + 60 * share) for x, y, share in zip(xs, ys, CRYPTO_STEPS, strict=False))
    return line("muted", xs, ys) + dots


def frontier() -> str:
    """The efficient frontier and the assets below it."""
    market = planner.built_in_market()
    curve = planner.frontier(market.assumptions, [])
    shown = curve.volatilities < 0.3
    high = float(curve.expected_returns[shown].max()) * 1.03
    drawn = line("accent", across(curve.volatilities[shown], 0, 0.3), up(curve.expected_returns[shown], 0.03, high))
    for asset_class in market.universe.classes:
        for series in (each.name for each in asset_class.series):
            risk = float(market.assumptions.covariance.loc[series, series]) ** 0.5
            if risk < 0.3:
                (x,), (y,) = across([risk], 0, 0.3), up([market.assumptions.mean[series]], 0.03, high)
                drawn += dot(asset_class.name, x, y)
    return drawn


def accounts() -> str:
    """What lies in each account of the example household, as wide as its value."""
    table = planner.Holdings(planner.example_household()).table
    whole, x, drawn = table.to_numpy().sum(), float(LEFT), ""
    for name in table.columns:
        width = table[name].sum() / whole * (RIGHT - LEFT)
        drawn += column((table[name] / table[name].sum()).to_dict(), x, width - 5)
        x += width
    return drawn


def drift() -> str:
    """How far each class is from its target, and the band around it."""
    targets = planner.EXAMPLE.targets
    drifted = planner.Holdings(planner.example_household()).weights
    drawn = box("soft", WIDTH / 2 - 32, TOP - 4, 64, BOTTOM - TOP + 8)
    for place, (name, target) in enumerate(targets.weights.items()):
        length = 1600 * (float(drifted[name]) - target)
        drawn += box(name, WIDTH / 2 + min(length, 0), TOP + 15 * place, max(abs(length), 2), 10)
    return drawn + line("muted", (WIDTH / 2,) * 2, (TOP - 4, BOTTOM + 4))


def fan() -> str:
    """Percentiles of the household's money along many paths."""
    wealth = planner.project(planner.plan(planner.EXAMPLE), paths=400).fan(percentiles=(10, 25, 50, 75, 90))
    wealth = wealth.iloc[:: max(len(wealth) // 14, 1)]
    xs = across(range(len(wealth)), 0, len(wealth) - 1)
    levels = [up(wealth[name], 0, float(wealth.iloc[:, -1].max())) for name in wealth.columns]
    return (
        area("equities faint", xs, levels[0], levels[4])
        + area("equities half", xs, levels[1], levels[3])
        + line("equities", xs, levels[2])
    )


def past() -> str:
    """Eleven years of one mix with no and with a tenth of crypto, and the falls from the last high."""
    of_classes = planner.class_returns(planner.built_in_market())
    base = 0.6 * of_classes["equities"] + 0.4 * of_classes["fixed_income"]
    drawn = ""
    without, with_it = ((1 + r).cumprod().iloc[::3] for r in (base, 0.9 * base + 0.1 * of_classes["crypto"]))
    xs, high = across(range(len(without)), 0, len(without) - 1), float(with_it.max())
    for kind, value in (("muted", without), ("crypto", with_it)):
        drawn += line(kind, xs, up(value, 0.2, high))
    falls = (with_it / with_it.cummax() - 1) * 100
    return area("crypto half", xs, TOP - falls + BOTTOM - TOP - 20, [BOTTOM - 20] * len(xs)) + drawn


def watch() -> str:
    """How crypto moved with stocks over two years, and where that was much."""
    table = planner.rolling_correlation(planner.class_returns(planner.built_in_market()), 24)
    moved = table["equities"].dropna().iloc[::3]
    xs, ys = across(range(len(moved)), 0, len(moved) - 1), up(moved, -0.2, 0.8)
    (level,) = up([0.5], -0.2, 0.8)
    high = "".join(dot("crypto", x, y, 3.5) for x, y, value in zip(xs, ys, moved, strict=False) if value > 0.5)
    return box("soft", LEFT, TOP - 4, RIGHT - LEFT, level - TOP + 4) + line("equities", xs, ys) + high


def barbell() -> str:
    """The worked crypto sleeve's parts on one bar."""
    shares = list(planner.worked_sleeve().shares.values())
    xs = across(range(len(shares)), -0.5, len(shares) - 0.5)
    discs = "".join(
        dot("paper", x, HEIGHT / 2, 52 * share**0.5) + dot(f"crypto {kind}", x, HEIGHT / 2, 52 * share**0.5)
        for x, share, kind in zip(xs, shares, ("", "half", "faint"), strict=False)
    )
    return box("soft", LEFT + 16, HEIGHT / 2 - 4, RIGHT - LEFT - 32, 8, 4) + discs


def tree() -> str:
    """A Merkle tree of eight rows, and the proof of one."""
    drawn, dots, rows = "", "", 8
    proof = {(0, 3), (1, 0), (2, 1)}
    for level in range(4):
        many = rows >> level
        y = BOTTOM - level * 28
        for place in range(many):
            x = LEFT + (place + 0.5) * (RIGHT - LEFT) / many
            if level < 3:
                above = LEFT + (place // 2 + 0.5) * (RIGHT - LEFT) / (many // 2)
                drawn += line("muted", (x, above), (y, y - 28))
            on_the_way = place == 2 >> level
            dots += dot("accent" if on_the_way else "crypto" if (level, place) in proof else "grey", x, y, 6)
    return drawn + dots


def matrix() -> str:
    """Which venue (column) offers what (row)."""
    shown = planner.venues()
    kinds = sorted({each.value for venue in shown for each in venue.instruments})[:6]
    drawn = ""
    for place, venue in enumerate(shown):
        offered = {each.value for each in venue.instruments}
        for row, kind in enumerate(kinds):
            x = LEFT + 6 + place * (RIGHT - LEFT - 12) / (len(shown) - 1)
            drawn += dot("accent" if kind in offered else "grey", x, TOP + 4 + row * 80 / (len(kinds) - 1), 4.5)
    return drawn


def policy() -> str:
    """A page with the agreed range of each class and its target."""
    targets = planner.EXAMPLE.targets
    drawn = box("paper", 48, 8, 224, HEIGHT, 4) + box("grey", 62, 19, 92, 5) + box("soft", 62, 28, 152, 3)
    for place, (name, weight) in enumerate(targets.weights.items()):
        low, high = targets.range(name)
        y = 42 + 13 * place
        drawn += box("soft", 62, y, 196, 4, 2)
        drawn += box(name, 62 + 340 * low, y - 2, 340 * (high - low), 8, 2)
        drawn += box("ink", 61 + 340 * weight, y - 4, 2, 12, 0)
    return drawn


def neutral() -> str:
    """Bars of no meaning, for a notebook that brings no picture."""
    heights = (30, 44, 38, 58, 66, 54, 76, 88)
    return "".join(box("grey", 52 + 28 * place, BOTTOM - h, 18, h, 3) for place, h in enumerate(heights))


DRAWN = {
    "ring": (ring, "A ring of six asset classes, with bars of their shares"),
    "columns": (columns, "Three mixes side by side, with no, some and more crypto"),
    "bars": (bars, "Bars of what a first mix holds in each asset class"),
    "crypto-steps": (crypto_steps, "Return against risk as crypto grows from none to 15 %"),
    "frontier": (frontier, "The efficient frontier with single assets below it"),
    "accounts": (accounts, "Four accounts, each divided into what it holds"),
    "drift": (drift, "Bars of how far each asset class is from its target"),
    "fan": (fan, "A fan of where the money may lead"),
    "past": (past, "Eleven years of growth with and without crypto, and the falls on the way"),
    "watch": (watch, "How closely crypto moved with stocks, with the high points marked"),
    "barbell": (barbell, "The parts of a crypto sleeve as weights on one bar"),
    "tree": (tree, "A tree of hashes with the proof of one row marked"),
    "matrix": (matrix, "A grid of what each trading venue offers"),
    "policy": (policy, "A page with the agreed range of each asset class"),
    "neutral": (neutral, ""),
}


def main() -> None:
    """Write every picture."""
    PICTURES.mkdir(exist_ok=True)
    for name, (draw, words) in DRAWN.items():
        said = f'role="img" aria-label="{words}"' if words else 'aria-hidden="true"'
        head = f'<svg class="mp-picture" viewBox="0 0 {WIDTH} {HEIGHT}" {said}>'
        (PICTURES / f"{name}.svg").write_text(f"{head}{draw()}</svg>\n", encoding="utf-8")


if __name__ == "__main__":
    main()
