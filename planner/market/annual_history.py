"""Nearly a century of yearly US returns and inflation, for sequences that really happened."""

from __future__ import annotations

from functools import cache
from io import BytesIO

import pandas as pd

from planner.market.installed_data import built_in_bytes

COLUMNS = {"sp500_pct": "stocks", "tbond10y_pct": "bonds", "tbill3m_pct": "bills", "cpi_pct": "inflation"}
"""Our names for the file's: S&P 500 with dividends, ten-year Treasury bonds, three-month bills, consumer prices."""


def annual_history() -> pd.DataFrame:
    """Yearly total returns and inflation as fractions, 1928 to 2024.

    Shape (97, 4), indexed by ``year``. A new copy each time. Source: Damodaran, "Historical Returns on
    Stocks, Bonds and Bills"; hash and units stand in ``planner/market/data/manifest.json``.
    """
    return _built_in().copy()


@cache
def _built_in() -> pd.DataFrame:
    percentages = pd.read_csv(BytesIO(built_in_bytes("damodaran_1928_2024.csv")), index_col="year")
    return (percentages[list(COLUMNS)] / 100).rename(columns=COLUMNS)
