"""Tables of the past: measures by mix, calendar years, and policies side by side."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from planner.wording import count, money, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from planner.outlook.policy_comparison import PolicyComparison

MEASURES: dict[str, tuple[str, Callable[[float], str]]] = {
    "growth": ("Growth a year", percent),
    "volatility": ("Volatility", percent),
    "sharpe": ("Sharpe ratio", "{:.2f}".format),
    "sortino": ("Sortino ratio", "{:.2f}".format),
    "calmar": ("Calmar ratio", "{:.2f}".format),
    "deepest_fall": ("Deepest fall", percent),
    "fall_months": ("until that high again", lambda months: count(months, "month")),
    "worst_month": ("Worst month", percent),
    "worst_year": ("Worst twelve months", percent),
    "tail_loss": ("Mean of the worst twentieth of months", percent),
    "tracking_error": ("Tracking error against 60/40", percent),
}
POLICY_COLUMNS: dict[str, tuple[str, Callable[[float], str], bool]] = {
    "growth": ("growth a year", percent, True),
    "volatility": ("volatility", percent, False),
    "deepest_fall": ("deepest fall", percent, True),
    "drift": ("drift", percent, False),
    "turnover": ("turnover a year", percent, False),
    "trades": ("trades", "{:,.0f}".format, False),
    "cost": ("costs", money, False),
    "tax": ("tax paid", money, False),
    "value": ("value", money, True),
    "after_tax": ("had all been sold", money, True),
}
"""Label, text, and whether more is better."""


def measures(by_mix: Mapping[str, pd.Series[float]]) -> str:
    """A row a measure, a column a mix."""
    heads = "".join(f"<th scope='col'>{escape(name)}</th>" for name in by_mix)
    rows = "".join(
        f"<tr><th scope='row'>{label}</th>"
        + "".join(f"<td>{_text(write, found[name])}</td>" for found in by_mix.values())
        + "</tr>"
        for name, (label, write) in MEASURES.items()
    )
    return _table("Measures by mix", f"<tr><td></td>{heads}</tr>", rows)


def calendar_years(returns: Mapping[str, pd.Series[float]]) -> str:
    """Return of each calendar year, a column a mix; the first and the last may be parts of a year."""
    by_year = {name: (1 + series).groupby(series.index.year).prod() - 1 for name, series in returns.items()}  # type: ignore[attr-defined]
    months = next(iter(returns.values())).groupby(next(iter(returns.values())).index.year).size()  # type: ignore[attr-defined]
    heads = "".join(f"<th scope='col'>{escape(name)}</th>" for name in by_year)
    rows = "".join(
        f"<tr><th scope='row'>{year}{'' if months[year] == 12 else f' ({months[year]} months)'}</th>"
        + "".join(f"<td>{percent(float(found[year]))}</td>" for found in by_year.values())
        + "</tr>"
        for year in months.index
    )
    return _table("Calendar years", f"<tr><td></td>{heads}</tr>", rows)


def policies(compared: PolicyComparison) -> str:
    """A row a policy; the best of each column in bold."""
    table = compared.table
    best = {
        name: table[name].max() if more else table[name].min()
        for name, (_, _, more) in POLICY_COLUMNS.items()
        if table[name].min() < table[name].max()
    }
    heads = "".join(f"<th scope='col'>{label}</th>" for label, _, _ in POLICY_COLUMNS.values())
    rows = "".join(
        f"<tr><th scope='row'>{escape(str(policy))}</th>"
        + "".join(
            f"<td{' class=pl-mine' if row[name] == best.get(name) else ''}>{_text(write, row[name])}</td>"
            for name, (_, write, _) in POLICY_COLUMNS.items()
        )
        + "</tr>"
        for policy, row in table.iterrows()
    )
    return _table("Policies side by side", f"<tr><td></td>{heads}</tr>", rows)


def _text(write: Callable[[float], str], value: float) -> str:
    return "–" if pd.isna(value) else write(float(value))


def _table(title: str, head: str, rows: str) -> str:
    return (
        f"<div class='pl-scroll' tabindex='0' role='region' aria-label='{title}'><table class='pl-table'>"
        f"<thead>{head}</thead><tbody>{rows}</tbody></table></div>"
    )
