"""Parts of a plan as HTML. Every text is escaped here."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from planner.wording import money, percent, points

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from planner.household.assessment import Assessment
    from planner.household.scores import Score
    from planner.planning import Plan


def heading(title: str, subtitle: str = "") -> str:
    """A card's heading with one line below it."""
    below = f"<p class='pl-muted'>{escape(subtitle)}</p>" if subtitle else ""
    return f"<h2>{escape(title)}</h2>{below}"


def figures(plan: Plan) -> str:
    """The key figures, each with its meaning."""
    cells = "".join(
        f"<div class='pl-figure'><span>{escape(figure.label)}</span><b>{escape(figure.text)}</b>"
        f"<small>{escape(figure.meaning)}</small></div>"
        for figure in plan.figures
    )
    return f"<div class='pl-figures'>{cells}</div>"


def blockers(sentences: Iterable[str]) -> str:
    """What stops the plan, or nothing."""
    return "".join(f"<div class='pl-blocker' role='alert'>{escape(sentence)}</div>" for sentence in sentences)


def text(sentence: str) -> str:
    """A sentence as it is."""
    return f"<span>{escape(sentence)}</span>"


def muted(sentence: str) -> str:
    """A sentence in small print, or nothing."""
    return f"<p class='pl-muted'>{escape(sentence)}</p>" if sentence else ""


def notes(title: str, sentences: Iterable[str]) -> str:
    """A list of sentences below a title, or nothing."""
    entries = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    head = f"<h3>{escape(title)}</h3>" if title else ""
    return f"{head}<ul class='pl-reasons'>{entries}</ul>" if entries else ""


def expectation(label: str, prior: float, posterior: float) -> str:
    """What the market expects of an asset class a year, and what is left of it among one's own expectations."""
    return (
        f"<div class='pl-expectation'><b>{escape(label)}</b><span>market {percent(prior)}</span>"
        f"<span>blended <b>{percent(posterior)}</b></span></div>"
    )


def assessment(assessed: Assessment) -> str:
    """Both scores as meters, and the reasons."""
    meters = _meter("Capacity: what your finances can bear", assessed.capacity) + _meter(
        "Tolerance: what you can bear yourself", assessed.tolerance
    )
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in assessed.reasons)
    return f"<div class='pl-scores'>{meters}</div><ul class='pl-reasons'>{reasons}</ul>"


def _meter(label: str, score: Score) -> str:
    return (
        f"<div><span>{escape(label)}: <b>{points(score.total)}</b> of 100</span>"
        f"<div class='pl-meter' role='img' aria-label='{points(score.total)} of 100'>"
        f"<i style='width:{score.total:.0f}%'></i></div></div>"
    )


def class_table(plan: Plan) -> str:
    """Target, weight, share of risk and amount by asset class."""
    currency = plan.scenario.profile.currency
    rows = "".join(
        f"<tr><th scope='row'>{escape(plan.market.universe[str(name)].label)}</th><td>{percent(row['target'])}</td>"
        f"<td class='pl-mine'>{percent(row['weight'])}</td><td>{percent(row['risk_share'])}</td>"
        f"<td>{escape(money(row['amount'], currency))}</td></tr>"
        for name, row in plan.table.to_dict("index").items()
    )
    return (
        "<table class='pl-table'><thead><tr><th>asset class</th><th>target</th><th>plan</th><th>of the risk</th>"
        f"<th>amount</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def step_table(steps: pd.DataFrame, mine: float) -> str:
    """The same mix with other shares of crypto, one column a share; ``mine`` is the plan's own."""
    rows = (
        ("expected return a year", "expected_return"),
        ("volatility a year", "volatility"),
        ("crypto's share of the risk", "crypto_risk_share"),
        ("worst year", "worst_year"),
        ("deepest fall", "deepest_fall"),
    )
    kind = {share: " class='pl-mine'" if share == mine else "" for share in steps.index}
    head = "".join(
        f"<th scope='col'{kind[share]}>{'yours, ' if share == mine else ''}{percent(float(str(share)))}</th>"
        for share in steps.index
    )
    body = "".join(
        f"<tr><th scope='row'>{label}</th>"
        + "".join(f"<td{kind[share]}>{percent(value)}</td>" for share, value in steps[name].items())
        + "</tr>"
        for label, name in rows
    )
    head = f"<tr><th>crypto in this mix</th>{head}</tr>"
    return f"<table class='pl-table'><thead>{head}</thead><tbody>{body}</tbody></table>"


def mix_sentence(title: str, weights: dict[str, float], labels: dict[str, str]) -> str:
    """A mix in one line, the classes it does not hold left out."""
    held = ", ".join(f"{labels[name]} {percent(weight)}" for name, weight in weights.items() if weight > 0.0005)
    return f"<div class='pl-note'><b>{escape(title)}</b> {escape(held)}</div>"
