"""Token Metrics against a server that behaves like it, and misbehaves like servers do."""

from __future__ import annotations

import datetime as dt
import logging
import pickle
import traceback

import pytest
from local_service import Reply

import planner
from planner import InputError
from planner.sources import Patience, SourceError, TokenMetrics, Unreachable, web

KEY = "tm-secret-0123456789"
START, END = dt.date(2025, 1, 1), dt.date(2025, 4, 30)
QUICK = Patience(request=0.3, total=3.0, tries=3, pause=0.01)


def good(rows):
    return Reply({"success": True, "message": "Data fetched successfully", "length": len(rows), "data": rows})


def days(start=START, end=END):
    return [start + dt.timedelta(days=n) for n in range((end - start).days + 1)]


def row(day, roi=None):
    roi = (day - START).days / 1000 if roi is None else roi
    return {"id": 1, "date": f"{day}T00:00:00.000Z", "index_cumulative_roi": roi, "market_cap": 5}


def paged(rows, size=50):
    def answer(path, params, turn):
        page = int(params["page"])
        return good(rows[(page - 1) * size : page * size])

    return answer


@pytest.fixture
def api(service, monkeypatch):
    monkeypatch.setenv("TOKEN_METRICS_API_KEY", KEY)
    service.answer = paged([row(day) for day in days()])
    return TokenMetrics(service.base, QUICK)


def fetch(api, **more):
    return api.prices(["index-1"], START, END, **more)


def fails(api, kind, match):
    with pytest.raises(kind, match=match) as caught:
        fetch(api)
    return caught.value


def test_all_pages_are_read_and_the_key_goes_in_its_header(api, service):
    prices = fetch(api)
    assert [day.date() for day in prices.closes.index] == days()
    assert prices.closes["index-1"].iloc[-1] == pytest.approx(1 + (END - START).days / 1000)
    assert {asked.headers["x-api-key"] for asked in service.asked} == {KEY}
    assert [asked.params["page"] for asked in service.asked] == ["1", "2", "3", "4"]
    assert service.asked[0].params | {"page": "1"} == {
        "id": "1",
        "startDate": "2025-01-01",
        "endDate": "2025-04-30",
        "limit": "50",
        "page": "1",
    }
    assert "index level" in prices.units["index-1"]


def test_the_levels_become_monthly_returns(api):
    returns = fetch(api).monthly_returns()
    assert returns["index-1"].iloc[0] == pytest.approx((1 + 58 / 1000) / (1 + 30 / 1000) - 1)
    assert len(returns) == 3


def test_a_plan_that_allows_fewer_rows_a_page_loses_none(api, service):
    service.answer = paged([row(day) for day in days()], size=25)
    assert len(fetch(api).closes) == len(days())


def test_newest_first_is_put_in_order(api, service):
    service.answer = paged([row(day) for day in reversed(days())])
    assert fetch(api).closes.index.is_monotonic_increasing


def test_the_day_at_the_edge_of_two_pages_is_counted_once(api, service):
    rows = [row(day) for day in days()]
    service.answer = paged([*rows[:50], rows[49], *rows[50:]])
    assert [day.date() for day in fetch(api).closes.index] == days()


def test_one_day_with_two_values_is_an_error(api, service):
    service.answer = paged([*[row(day) for day in days()], row(END, 9.0)])
    fails(api, SourceError, "two values for 2025-04-30")


def test_a_page_sent_again_is_an_error(api, service):
    service.answer = lambda *_: good([row(day) for day in days()[:50]])
    fails(api, SourceError, "sent page 1 of /indices-performance again as page 2")


def test_a_missing_day_is_an_error(api, service):
    service.answer = paged([row(day) for day in days() if day.day != 17])
    fails(api, SourceError, "lacks 4 days, the first 2025-01-17")


def test_an_index_that_stops_early_is_an_error(api, service):
    service.answer = paged([row(day) for day in days()[:-20]])
    fails(api, SourceError, "stops on 2025-04-10, before 2025-04-30")


def test_days_of_a_server_whose_clock_is_ahead_are_left_out(api, service):
    yesterday = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    start = yesterday - dt.timedelta(days=9)
    service.answer = paged([row(day, 0.1) for day in days(start, yesterday + dt.timedelta(days=3))])
    assert api.prices(["index-1"], start, yesterday + dt.timedelta(days=9)).closes.index[-1].date() == yesterday


def test_one_failing_index_fails_all(api, service):
    rows = [row(day) for day in days()]

    def answer(path, params, turn):
        return paged(rows)(path, params, turn) if params["id"] == "1" else good([])

    service.answer = answer
    with pytest.raises(SourceError, match="no performance of index 'index-2'"):
        api.prices(["index-1", "index-2"], START, END)


@pytest.mark.parametrize(
    ("reply", "match"),
    [
        (good([{"date": "2025-01-01", "index_cumulative_roi": "0.1"}]), "of a row is missing or"),
        (good([{"date": "2025-01-01", "index_cumulative_roi": True}]), "no number"),
        (good([{"date": "2025-01-01", "index_cumulative_roi": None}]), "no number"),
        (Reply(b'{"success": true, "data": [{"date": "2025-01-01", "index_cumulative_roi": NaN}]}'), "no number"),
        (good([{"date": "01/02/2025", "index_cumulative_roi": 0.1}]), "no ISO date"),
        (good([row(START, -59.6)]), "costs|stops|no price"),
        (Reply({"success": True, "data": {"rows": []}}), "not a list of rows"),
        (Reply({"success": True, "data": [1, 2]}), "not a list of rows"),
        (Reply([1, 2]), "is a list, not an object"),
        (Reply({"success": False, "message": "Some thing wrong", "data": []}), "Some thing wrong"),
        (Reply({"message": "no success"}), "no success"),
        (Reply({"message": f"bad key {KEY}"}, 401), "refused the key"),
        (Reply({"message": "limit must be at most 25"}, 400), "status 400: limit must be at most 25"),
        (Reply(b"<html>", 404), "404"),
    ],
)
def test_an_answer_of_another_kind_is_an_error_at_once(api, service, reply, match):
    service.answer = lambda path, params, turn: reply if params["page"] == "1" else good([])
    error = fails(api, SourceError, match)
    assert not isinstance(error, Unreachable)
    assert KEY not in str(error)
    assert len(service.asked) <= 2


def test_a_404_after_a_short_page_is_the_end_and_after_a_full_one_an_error(api, service):
    rows = [row(day) for day in days()]
    service.answer = lambda path, params, turn: (
        Reply(b"", 404) if params["page"] == "4" else paged(rows)(path, params, turn)
    )
    assert len(fetch(api).closes) == len(days())
    service.answer = lambda path, params, turn: (
        Reply(b"", 404) if params["page"] == "2" else paged(rows)(path, params, turn)
    )
    fails(api, SourceError, "404")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"", 500),
        Reply(b"", 503),
        Reply({"success": True}, 429),
        Reply(b'{"success": true, "data": [{"da'),
        Reply(b'{"success": true}', headers={"Content-Length": "999"}),
        Reply(b"{}", slow=0.6),
    ],
    ids=["500", "503", "429", "truncated JSON", "truncated body", "slow"],
)
def test_a_passing_fault_is_tried_again_and_a_lasting_one_ends(api, service, reply):
    rows = [row(day) for day in days()]
    service.answer = lambda path, params, turn: reply if turn == 1 else paged(rows)(path, params, turn)
    assert len(fetch(api).closes) == len(days())
    service.asked.clear()
    service.answer = lambda *_: reply
    fails(api, Unreachable, "also at try 3")
    assert len(service.asked) == 3


def test_retry_after_is_honoured_and_never_beyond_the_total(api, service, monkeypatch):
    slept = []
    monkeypatch.setattr(web.time, "sleep", slept.append)
    rows = [row(day) for day in days()]
    busy = Reply(b"", 429, {"Retry-After": "2"})
    service.answer = lambda path, params, turn: busy if turn == 1 else paged(rows)(path, params, turn)
    fetch(api)
    assert slept == [2.0]
    service.answer = lambda *_: Reply(b"", 429, {"Retry-After": "3600"})
    fails(api, Unreachable, "asks to wait 3600 seconds")
    assert slept == [2.0]


def test_retry_after_is_read_as_seconds_or_as_a_time():
    ahead = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=90)
    assert 80 < web.seconds_until(ahead.strftime("%a, %d %b %Y %H:%M:%S GMT")) <= 90
    assert web.seconds_until("7") == 7
    assert web.seconds_until("Wed, 01 Jan 2020 00:00:00 GMT") == 0
    assert web.seconds_until("soon") == web.seconds_until(None) == web.seconds_until("-5") == 0


def test_pauses_double_and_are_jittered():
    pauses = [web.jittered(2.0) for _ in range(200)]
    assert 1.0 <= min(pauses) < 1.2
    assert 1.8 < max(pauses) <= 2.0


def test_a_body_that_drips_ends_with_the_total(api, service):
    service.answer = lambda *_: Reply(b" " * 5000, drip=0.05)
    hasty = TokenMetrics(service.base, Patience(request=0.3, total=0.5, tries=2, pause=0.01))
    fails(hasty, Unreachable, "used up")


def test_a_huge_body_is_not_read_on(api, service, monkeypatch):
    monkeypatch.setattr(web, "LARGEST_BODY_BYTES", 1000)
    service.answer = lambda *_: Reply(b"[" * 200_000)
    fails(api, SourceError, "larger than 1,000 bytes")


def test_a_redirect_is_not_followed_and_the_key_stays(api, service, other_service):
    other_service.answer = lambda *_: good([])
    service.answer = lambda *_: Reply(b"", 302, {"Location": f"{other_service.base}/indices-performance"})
    fails(api, SourceError, "elsewhere")
    assert other_service.asked == []


def test_nobody_there_is_unreachable(api, service):
    service.server.server_close()
    gone = TokenMetrics("http://127.0.0.1:9", QUICK)
    assert KEY not in str(fails(gone, Unreachable, "cannot be reached"))


def test_progress_says_what_is_asked_and_ends_the_fetch(api, service):
    class StopNowError(Exception):
        pass

    def stop(sentence):
        assert "127.0.0.1" in sentence
        if service.asked:
            raise StopNowError

    with pytest.raises(StopNowError):
        fetch(api, progress=stop)
    assert len(service.asked) == 1


def test_the_key_appears_nowhere(api, service, caplog):
    caplog.set_level(logging.DEBUG)
    prices = fetch(api)
    service.answer = lambda *_: Reply({"message": f"the key {KEY} is over its limit"}, 500)
    error = fails(api, Unreachable, r"the key \[key\] is over")
    assert error.__cause__ is None
    shown = "".join(traceback.format_exception(error, chain=True))
    scenario = planner.EXAMPLE.model_dump_json()
    for text in (caplog.text, shown, repr(api), repr(prices), str(prices.notes), api.origin, scenario):
        assert KEY not in text
    assert KEY.encode() not in pickle.dumps(api) + pickle.dumps(prices)


def test_no_exception_that_holds_the_request_is_chained(api, service):
    service.answer = lambda *_: Reply(b"{}", slow=0.6)
    error = fails(api, Unreachable, "in time")
    while error is not None:
        assert not hasattr(error, "request")
        error = error.__cause__ or error.__context__


def test_without_a_key_nothing_is_asked(service, monkeypatch):
    monkeypatch.delenv("TOKEN_METRICS_API_KEY", raising=False)
    fails(TokenMetrics(service.base, QUICK), InputError, "set the environment variable TOKEN_METRICS_API_KEY")
    monkeypatch.setenv("TOKEN_METRICS_API_KEY", "two\nlines")
    fails(TokenMetrics(service.base, QUICK), InputError, "copy it again")
    assert service.asked == []


def test_the_key_is_never_sent_unprotected():
    with pytest.raises(InputError, match="not https"):
        TokenMetrics("http://api.tokenmetrics.com/v3")


def test_a_proxy_of_the_environment_does_not_see_what_stays_on_this_computer(api, other_service, monkeypatch):
    other_service.answer = lambda *_: good([])
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, other_service.base)
    fetch(api)
    assert other_service.asked == []


def test_indices_are_listed_with_their_grades(api, service):
    rows = [{"id": 1, "name": "Large", "ticker": "L", "index_grade": 61.5}, {"id": 2, "name": "Meme", "ticker": "M"}]
    service.answer = paged(rows)
    table = api.indices()
    assert table.loc["index-1", "index_grade"] == 61.5
    assert table["index_grade"].isna().tolist() == [False, True]


@pytest.mark.parametrize("whole", [1.0, 100.0])
def test_holdings_are_fractions_whichever_way_they_come(api, service, whole):
    rows = [{"token_symbol": "BTC", "weight": 0.6 * whole}, {"TOKEN_SYMBOL": "ETH", "WEIGHT": 0.4 * whole}]
    service.answer = lambda *_: good(rows)
    assert api.holdings("index-1").to_dict() == pytest.approx({"BTC": 0.6, "ETH": 0.4})
    assert service.asked[0].params == {"id": "1"}


def test_holdings_that_are_not_whole_are_an_error(api, service):
    service.answer = lambda *_: good([{"token_symbol": "BTC", "weight": 60}])
    with pytest.raises(SourceError, match="add up to 60"):
        api.holdings("index-1")


def test_grades_come_for_every_token_or_not_at_all(api, service):
    grades = {"BTC": 71.0, "ETH": 55.5}

    def answer(path, params, turn):
        name = params["symbol"]
        known = name in grades and params["page"] == "1"
        return good([{"token_id": 7, "token_symbol": name, "tm_grade": grades[name]}] if known else [])

    service.answer = answer
    assert api.grades(["BTC", "ETH"]).to_dict() == grades
    with pytest.raises(SourceError, match="no token 'XYZ'"):
        api.grades(["BTC", "XYZ"])


def test_two_tokens_of_one_name_are_an_error(api, service):
    rows = [{"token_id": n, "token_symbol": "BTC", "tm_grade": 50} for n in (1, 2)]
    service.answer = paged(rows)
    with pytest.raises(SourceError, match="2 tokens called 'BTC'"):
        api.grades(["BTC"])


@pytest.mark.parametrize("field", ["request", "total", "pause"])
def test_patience_is_finite(field):
    with pytest.raises(InputError, match=field):
        Patience(**{field: 0})
