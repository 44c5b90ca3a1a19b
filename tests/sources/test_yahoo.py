"""Yahoo Finance: the real library against a server on this computer, which answers as Yahoo does or worse."""

from __future__ import annotations

import datetime as dt

import pytest
from local_service import Reply

from planner.sources import Patience, SourceError, Unreachable, Yahoo

START, END = dt.date(2025, 1, 6), dt.date(2025, 1, 17)
QUICK = Patience(request=0.4, total=3.0, tries=2, pause=0.01)
CHART = "/v8/finance/chart/"


def trading_days():
    every = [START + dt.timedelta(days=n) for n in range((END - START).days + 1)]
    return [day for day in every if day.weekday() < 5]


def chart(symbol, days, closes, adjusted=None, currency="USD"):
    """A chart as the service sends it: seconds at the opening in New York, raw and adjusted closes."""
    opening = [int(dt.datetime(d.year, d.month, d.day, 14, 30, tzinfo=dt.UTC).timestamp()) for d in days]
    adjusted = closes if adjusted is None else adjusted
    meta = {
        "currency": currency,
        "symbol": symbol,
        "instrumentType": "ETF",
        "exchangeTimezoneName": "America/New_York",
        "exchangeName": "PCX",
        "timezone": "EST",
        "gmtoffset": -18000,
        "regularMarketPrice": 1.0,
        "regularMarketTime": opening[-1],
        "firstTradeDate": 0,
        "priceHint": 2,
        "dataGranularity": "1d",
        "range": "",
        "validRanges": ["1d", "5d", "1mo", "max"],
        "currentTradingPeriod": {
            part: {"timezone": "EST", "start": opening[-1], "end": opening[-1] + 1, "gmtoffset": -18000}
            for part in ("pre", "regular", "post")
        },
    }
    bars = dict.fromkeys(("open", "high", "low", "close"), closes) | {"volume": [1] * len(days)}
    found = {"meta": meta, "timestamp": opening, "indicators": {"quote": [bars], "adjclose": [{"adjclose": adjusted}]}}
    return Reply({"chart": {"result": [found], "error": None}})


MISSING = Reply(
    {"chart": {"result": None, "error": {"code": "Not Found", "description": "No data found, symbol may be delisted"}}},
    404,
)


@pytest.fixture
def yahoo(service, monkeypatch, tmp_path):
    import yfinance
    from yfinance.data import YfData

    monkeypatch.setattr(yfinance.base, "_BASE_URL_", service.base)
    monkeypatch.setattr(yfinance.scrapers.history, "_BASE_URL_", service.base)
    monkeypatch.setattr(YfData, "_get_cookie_and_crumb", lambda *_, **__: (None, "basic"))
    monkeypatch.setattr(yfinance.base, "_tz_info_fetch_ctr", 99)  # else it would ask another host for a time zone
    YfData.cache_get.cache_clear()
    yfinance.set_tz_cache_location(str(tmp_path))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return Yahoo(QUICK)


def answers(service, **by_symbol):
    service.answer = lambda path, params, turn: by_symbol.get(path.removeprefix(CHART).replace("-", "_"), MISSING)


def test_adjusted_closes_come_by_day_with_their_currency(yahoo, service):
    days = trading_days()
    raw, adjusted = [100.0 + n for n in range(len(days))], [50.0 + n / 2 for n in range(len(days))]
    answers(service, ONE=chart("ONE", days, raw, adjusted), TWO=chart("TWO", days, raw, currency="EUR"))
    prices = yahoo.prices(["ONE", "TWO"], START, END)
    assert [day.date() for day in prices.closes.index] == days
    assert prices.closes["ONE"].tolist() == pytest.approx(adjusted)
    assert prices.units["TWO"] == "EUR, adjusted for splits and dividends"
    assert {asked.path for asked in service.asked} == {f"{CHART}ONE", f"{CHART}TWO"}


def test_one_missing_symbol_fails_all_and_is_named(yahoo, service):
    days = trading_days()
    answers(service, THREE=chart("THREE", days, [1.0] * len(days)))
    with pytest.raises(SourceError, match="GONE"):
        yahoo.prices(["THREE", "GONE"], START, END)


def test_a_listed_day_without_a_close_is_an_error(yahoo, service):
    days = trading_days()
    closes = [None if n == 3 else 1.0 for n in range(len(days))]
    answers(service, FOUR=chart("FOUR", days, closes))
    with pytest.raises(SourceError, match="no close of 'FOUR' on 1 days that it lists, the first 2025-01-09"):
        yahoo.prices(["FOUR"], START, END)


def test_a_series_that_ends_early_is_an_error(yahoo, service):
    days = trading_days()[:3]
    answers(service, FIVE=chart("FIVE", days, [1.0] * 3))
    with pytest.raises(SourceError, match="'FIVE' stops on 2025-01-08"):
        yahoo.prices(["FIVE"], START, dt.date(2025, 3, 1))


def test_too_many_requests_is_unreachable_after_the_tries(yahoo, service):
    service.answer = lambda *_: Reply(b"Too Many Requests", 429)
    with pytest.raises(Unreachable, match="too many requests"):
        yahoo.prices(["SIX"], START, END)


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("SEVEN", Reply(b'{"chart": {"resu')),
        ("EIGHT", Reply({"chart": {"result": [{"meta": {}}]}})),
        ("NINE", Reply(b"<html>", 500)),
        ("TEN", Reply({"chart": "down"})),
        ("ELEVEN", Reply(b"{}", slow=1.0)),
    ],
    ids=["truncated", "no prices", "500", "wrong type", "slow"],
)
def test_whatever_else_comes_is_a_clear_error(yahoo, service, name, reply):
    service.answer = lambda *_: reply
    with pytest.raises(SourceError, match=name):
        yahoo.prices([name], START, END)


def test_the_librarys_own_setting_is_put_back(yahoo, service):
    import yfinance

    before = yfinance.config.debug.hide_exceptions
    service.answer = lambda *_: MISSING
    with pytest.raises(SourceError):
        yahoo.prices(["TWELVE"], START, END)
    assert yfinance.config.debug.hide_exceptions == before


def test_nobody_there_is_unreachable_so_that_kept_prices_may_serve(yahoo, service, monkeypatch):
    import yfinance

    monkeypatch.setattr(yfinance.base, "_BASE_URL_", "http://127.0.0.1:9")
    monkeypatch.setattr(yfinance.scrapers.history, "_BASE_URL_", "http://127.0.0.1:9")
    with pytest.raises(Unreachable):
        yahoo.prices(["THIRTEEN"], START, END)


def test_no_answer_in_time_is_unreachable(yahoo, service):
    days = trading_days()
    zone = chart("FOURTEEN", days, [1.0] * len(days))
    service.answer = lambda path, params, turn: zone if "range" in params else Reply(b"{}", slow=1.0)
    with pytest.raises(Unreachable):
        yahoo.prices(["FOURTEEN"], START, END)


def test_a_broken_answer_is_asked_for_again(yahoo, service):
    days = trading_days()
    good = chart("FIFTEEN", days, [1.0] * len(days))
    broken = Reply(good.content()[:200])
    service.answer = lambda path, params, turn: broken if turn == 2 else good
    assert len(yahoo.prices(["FIFTEEN"], START, END).closes) == len(days)
