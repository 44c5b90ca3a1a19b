"""Venues, their ranking and the decision guide as HTML. Every text is escaped here."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from planner.trading.venue_scores import BEST_SCORE, CRITERIA
from planner.trading.venues import Fit, Venue, VenueKind
from planner.wording import count, percent
from widgets.venue_rows import LABELS

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    import pandas as pd

    from planner.trading.venue_scores import Ranking

KINDS = {VenueKind.DERIVATIVES: "Derivatives venues", VenueKind.OTC: "OTC desks"}
FOUND = {
    Fit.OPEN: "Nothing stands against",
    Fit.TO_CHECK: "To check with the venue: the facts name limits, or say nothing",
}
NONE_LEFT = "No venue is left. Ask for less, and see what changes."
NOT_STATED = "not stated"
SHADES = (1.0, 0.82, 0.66, 0.52, 0.4, 0.3)
"""How strong each criterion's part of a bar is, in their order. Ours."""


def found(among: Iterable[Venue], fits: pd.DataFrame) -> str:
    """The venues that are left, by what the filters make of them."""
    by_fit = {fit: [one for one in among if fits["fit"][one.name] == fit] for fit in FOUND}
    parts = [f"<h3>{FOUND[fit]}: {len(left)}</h3>{listed(left, fits)}" for fit, left in by_fit.items() if left]
    return "".join(parts) or f"<div class='pl-note' role='status'>{NONE_LEFT}</div>"


def listed(among: Iterable[Venue], fits: pd.DataFrame) -> str:
    """Venues one below the other, each with what stands against it, to unfold what is known of it."""
    return f"<div class='pl-venues'>{''.join(_venue(one, str(fits['why'][one.name])) for one in among)}</div>"


def _venue(one: Venue, why: str) -> str:
    facts = {
        "What it is": str(one.kind),
        "Suits": ", ".join(one.suits),
        "Offers": ", ".join(one.features),
        "To trade": ", ".join(sorted(one.instruments)),
        "Custody": {"self": "your own keys", "venue": "the venue", "broker": "a broker"}.get(one.custody, NOT_STATED),
        "Regions": one.region_note or NOT_STATED,
        "Fees": one.fees or NOT_STATED,
        "Consider": one.consider,
        "Compare with": ", ".join(one.alternatives),
    }
    lines = "".join(f"<dt>{what}</dt><dd>{escape(said)}</dd>" for what, said in facts.items() if said)
    reason = f"<span class='pl-why'>{escape(why)}</span>" if why else ""
    return (
        f"<details class='pl-venue'><summary><b>{escape(one.name)}</b><span>{escape(one.best_for)}</span>{reason}"
        f"</summary><dl>{lines}</dl></details>"
    )


def guide(table: pd.DataFrame, fits: pd.DataFrame) -> str:
    """Where to begin by use, the venues that the filters rule out struck through."""
    return f"<div class='pl-beside'>{''.join(_guide(kind, table, fits) for kind in KINDS)}</div>"


def _guide(kind: VenueKind, table: pd.DataFrame, fits: pd.DataFrame) -> str:
    def named(name: str) -> str:
        return f"<s>{escape(name)}</s>" if fits["fit"][name] == Fit.RULED_OUT else escape(name)

    rows = "".join(
        f"<tr><th scope='row'>{escape(row['use'])}</th><td>{', '.join(map(named, row['venues']))}</td></tr>"
        for _, row in table[table["kind"] == kind].iterrows()
    )
    return f"<table class='pl-table pl-guide'><caption>{KINDS[kind]}</caption><tbody>{rows}</tbody></table>"


def ranking(ranked: Ranking) -> str:
    """The rated venues by score: a bar of what each criterion gives, and how often weights at random put it first."""
    if ranked.scores.empty:
        return ""
    points = ranked.table
    alone = len(points) == 1
    rows = "".join(
        f"<tr><td>{row['rank']:.0f}</td><th scope='row'>{escape(str(name))}</th>"
        f"<td class='pl-bar-cell'>{_bar(row)}</td><td class='pl-mine'>{row['score']:.1f}</td>"
        + ("" if alone else f"<td>{percent(ranked.first_places[str(name)], 0)}</td>")
        + "</tr>"
        for name, row in points.to_dict(orient="index").items()
    )
    last = "" if alone else "<th scope='col'>leads under, of all weights</th>"
    return (
        "<div class='pl-scroll' tabindex='0' role='region' aria-label='The ranking'><table class='pl-table pl-ranking'>"
        f"<thead><tr><th></th><th scope='col'>venue</th><th scope='col' class='pl-bar-cell'>points of "
        f"{BEST_SCORE:.0f}</th><th scope='col'>score</th>{last}</tr></thead><tbody>{rows}</tbody></table></div>{_key()}"
    )


def _bar(row: Mapping[Hashable, float]) -> str:
    parts = [f"{LABELS[name]} {row[name]:.1f}" for name in CRITERIA]
    inside = "".join(
        f"<i style='width:{row[name] / BEST_SCORE:.2%};opacity:{shade}' title='{part}'></i>"
        for name, shade, part in zip(CRITERIA, SHADES, parts, strict=True)
    )
    return f"<span class='pl-bar' role='img' aria-label='{', '.join(parts)}'>{inside}</span>"


def _key() -> str:
    entries = "".join(
        f"<span><i style='opacity:{shade}'></i>{LABELS[name]}</span>"
        for name, shade in zip(CRITERIA, SHADES, strict=True)
    )
    return f"<p class='pl-muted pl-bar-key' aria-hidden='true'>{entries}</p>"


def reach(ranked: Ranking) -> str:
    """For each criterion, the weights at which the same venue leads, as a stripe, with today's weight on it."""
    if len(ranked.scores) < 2:
        return ""
    rows = "".join(_reach(str(name), row) for name, row in ranked.reach.to_dict(orient="index").items())
    title = "<h3>The same venue leads while a weight stays on its stripe</h3>"
    return f"{title}<div class='pl-reach' role='list'>{rows}</div>"


def _reach(name: str, row: Mapping[Hashable, Any]) -> str:
    share, lower, upper = (float(row[column]) for column in ("share", "lower", "upper"))
    sides = (("below", "below", lower), ("above", "above", upper))
    beyond = [f"{word} {percent(edge, 0)}, {escape(str(row[side]))} leads" for side, word, edge in sides if row[side]]
    return (
        f"<div role='listitem'><span>{LABELS[name]}</span><b>{percent(share, 0)}</b>"
        f"<span class='pl-stripe' aria-hidden='true'><i style='left:{lower:.1%};width:{upper - lower:.1%}'></i>"
        f"<b style='left:{share:.1%}'></b></span><span>{'; '.join(beyond) or 'leads at any weight'}</span></div>"
    )


def ticked(done: int, of: int, about: str) -> str:
    """How many questions are answered."""
    return f"<p class='pl-muted' role='status'>{escape(about)}: {done} of {count(of, 'question')} answered.</p>"


def words(meanings: Mapping[str, str]) -> str:
    """What words of the trade mean, folded away."""
    lines = "".join(f"<dt>{escape(word)}</dt><dd>{escape(meaning)}</dd>" for word, meaning in meanings.items())
    return f"<details class='pl-words'><summary>Words used here</summary><dl>{lines}</dl></details>"
