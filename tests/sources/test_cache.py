"""What is kept on this computer: whole or not at all, of one origin, and with its age."""

from __future__ import annotations

import datetime as dt
import os
import signal
import stat
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest

from planner.sources import Cached, Prices, SourceError, Unreachable, cache, cache_folder
from planner.sources.prices import utc_now

START, END = dt.date(2025, 1, 1), dt.date(2025, 3, 31)


@dataclass
class Away:
    """A source of made-up closes that can be switched off."""

    origin: str = "Made up"
    level: float = 100.0
    offline: bool = False
    asked: list = field(default_factory=list)

    def prices(self, symbols, start, end, progress=None):
        if self.offline:
            raise Unreachable("Made up: it did not answer in time.")
        self.asked.append((tuple(symbols), start, end))
        days = pd.date_range(start, end, name="date")
        closes = pd.DataFrame({name: self.level + (days - pd.Timestamp("2020-01-01")).days for name in symbols}, days)
        return Prices(closes.astype(float), dict.fromkeys(symbols, "USD"), self.origin, utc_now())


@pytest.fixture
def away():
    return Away()


@pytest.fixture
def kept(away, tmp_path):
    return Cached(away, tmp_path / "kept")


def later(monkeypatch, **delta):
    moved = utc_now() + dt.timedelta(**delta)
    monkeypatch.setattr(cache, "utc_now", lambda: moved)


def files(kept):
    return sorted(kept.folder.glob("*.parquet"))


def test_the_second_time_nothing_is_asked_and_the_answer_is_the_same(kept, away):
    first, second = kept.prices(["A", "B"], START, END), kept.prices(["A", "B"], START, END)
    assert len(away.asked) == 1
    pd.testing.assert_frame_equal(first.closes, second.closes, check_freq=False)
    assert second.units == {"A": "USD", "B": "USD"}
    assert first.notes == ()
    assert second.notes == ("A was fetched 0 hours ago.", "B was fetched 0 hours ago.")


def test_only_the_symbol_that_lacks_is_asked(kept, away):
    kept.prices(["A"], START, END)
    kept.prices(["A", "B"], START, END)
    assert away.asked[1] == (("B",), START, END)


def test_a_part_of_what_is_kept_is_served_without_asking(kept, away):
    kept.prices(["A"], START, END)
    part = kept.prices(["A"], dt.date(2025, 2, 1), dt.date(2025, 2, 3)).closes
    assert [day.day for day in part.index] == [1, 2, 3]
    assert len(away.asked) == 1


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (dt.date(2025, 3, 1), dt.date(2025, 5, 1)),
        (dt.date(2024, 12, 1), dt.date(2025, 1, 5)),
        (dt.date(2025, 6, 1), dt.date(2025, 7, 1)),
        (dt.date(2024, 1, 1), dt.date(2025, 7, 1)),
    ],
    ids=["later", "earlier", "apart", "around"],
)
def test_ranges_merge_with_every_day_once_and_one_adjustment(kept, away, start, end):
    kept.prices(["A"], START, END)
    away.level = 50.0
    kept.prices(["A"], start, end)
    first, last = min(start, START), max(end, END)
    whole = kept.prices(["A"], first, last).closes["A"]
    assert len(away.asked) == 2
    assert list(whole.index) == list(pd.date_range(first, last))
    assert set(whole.diff().dropna()) == {1.0}


def test_offline_the_kept_prices_serve_and_say_their_age(kept, away, monkeypatch):
    kept.prices(["A"], START, END)
    away.offline = True
    later(monkeypatch, days=5, minutes=1)
    served = kept.prices(["A"], START, END + dt.timedelta(days=5))
    assert served.closes.index[-1].date() == END
    assert "A was fetched 5 days ago." in served.notes
    assert "A ends on 2025-03-31, before 2025-04-05." in served.notes
    assert any("did not answer in time" in note for note in served.notes)


def test_offline_what_does_not_reach_back_is_an_error(kept, away):
    kept.prices(["A"], START, END)
    away.offline = True
    with pytest.raises(Unreachable, match="Nothing is kept of B"):
        kept.prices(["A", "B"], START, END)
    with pytest.raises(Unreachable, match="Nothing is kept of A"):
        kept.prices(["A"], START - dt.timedelta(days=1), END)


def test_a_wrong_answer_is_not_hidden_by_what_is_kept(kept, away, monkeypatch):
    kept.prices(["A"], START, END)
    later(monkeypatch, days=1)

    def wrong(*_):
        raise SourceError("Made up: its format has changed.")

    away.prices = wrong
    with pytest.raises(SourceError, match="format has changed"):
        kept.prices(["A"], START, END)


def test_old_prices_are_fetched_again(kept, away, monkeypatch):
    kept.prices(["A"], START, END)
    later(monkeypatch, hours=13)
    kept.prices(["A"], START, END)
    assert len(away.asked) == 2


def test_a_clock_put_back_is_no_freshness(kept, away, monkeypatch):
    kept.prices(["A"], START, END)
    later(monkeypatch, days=-3)
    away.offline = True
    assert any("its age is unknown" in note for note in kept.prices(["A"], START, END).notes)
    away.offline = False
    kept.prices(["A"], START, END)
    assert len(away.asked) == 2


def test_origins_never_mix(away, tmp_path):
    other = Away(origin="Other", level=7.0)
    Cached(away, tmp_path).prices(["A"], START, END)
    assert Cached(other, tmp_path).prices(["A"], START, END).origin == "Other"
    assert len(other.asked) == 1
    first, second = sorted(tmp_path.glob("*.parquet"))
    first.write_bytes(second.read_bytes())
    notes = [note for source in (away, other) for note in Cached(source, tmp_path).prices(["A"], START, END).notes]
    assert any("not its own" in note for note in notes)


def test_an_answer_of_another_origin_is_not_kept(kept, away):
    answer = away.prices(["A"], START, END)
    away.prices = lambda *_: answer
    away.origin = "Other"
    with pytest.raises(SourceError, match="calls itself 'Made up'"):
        kept.prices(["A"], START, END)
    assert not kept.folder.exists()


@pytest.mark.parametrize("damage", ["empty", "cut", "text", "flipped"])
def test_a_damaged_file_is_said_and_fetched_again(kept, away, damage):
    kept.prices(["A"], START, END)
    content = bytearray(files(kept)[0].read_bytes())
    content[200] ^= 1
    spoilt = {"empty": b"", "cut": content[:300], "text": b"date,close\n", "flipped": content}[damage]
    files(kept)[0].write_bytes(spoilt)
    away.offline = True
    with pytest.raises(Unreachable, match=r"kept prices of A .* not used"):
        kept.prices(["A"], START, END)
    away.offline = False
    answer = kept.prices(["A"], START, END)
    assert any("not used" in note for note in answer.notes)
    assert not any("not used" in note for note in kept.prices(["A"], START, END).notes)


def test_any_flipped_byte_is_noticed_or_harmless(kept, away):
    before = kept.prices(["A"], START, END).closes
    content = files(kept)[0].read_bytes()
    for place in range(0, len(content), 37):
        flipped = bytearray(content)
        flipped[place] ^= 0x10
        files(kept)[0].write_bytes(flipped)
        pd.testing.assert_frame_equal(kept.prices(["A"], START, END).closes, before, check_freq=False)


def test_only_the_owner_can_read(kept):
    kept.prices(["A"], START, END)
    assert stat.S_IMODE(kept.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(files(kept)[0].stat().st_mode) == 0o600


def test_a_name_cannot_leave_the_folder(kept):
    kept.prices(["../../A", "A/B", "A?B"], START, END)
    assert len(files(kept)) == 3


def test_half_written_files_of_dead_programs_are_swept(kept):
    kept.folder.mkdir(parents=True)
    old, new = kept.folder / ".old.unfinished", kept.folder / ".new.unfinished"
    old.touch()
    new.touch()
    os.utime(old, (0, 0))
    kept.prices(["A"], START, END)
    assert not old.exists()
    assert new.exists()


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, {here!r})
from test_cache import Away, Cached, START, END
import datetime as dt
source = Away()
print("ready", flush=True)
for turn in range(100_000):
    source.level = 100.0 + turn
    Cached(source, Path({folder!r}), fresh=dt.timedelta(0)).prices(["A"], START, END)
"""


def test_a_program_killed_while_writing_leaves_whole_prices(away, tmp_path):
    code = WRITER.format(here=str(Path(__file__).parent), folder=str(tmp_path))
    kept = Cached(away, tmp_path)
    kept.prices(["A"], START, END)
    away.offline = True
    for pause in (0.03, 0.11):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout.readline() == "ready\n"
            time.sleep(pause)
            writer.send_signal(signal.SIGKILL)
        closes = kept.prices(["A"], START, END).closes["A"]
        assert len(closes) == 90
        assert set(closes.diff().dropna()) == {1.0}


def test_a_write_that_breaks_off_leaves_the_old_prices(kept, away, monkeypatch):
    before = kept.prices(["A"], START, END).closes
    old = files(kept)[0].read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.os, "fsync", full)
    with pytest.raises(SourceError, match="No space left"):
        kept.prices(["A"], START, END + dt.timedelta(days=1))
    assert files(kept)[0].read_bytes() == old
    assert list(kept.folder.iterdir()) == files(kept)
    pd.testing.assert_frame_equal(kept.prices(["A"], START, END).closes, before, check_freq=False)


def test_the_folder_is_the_users_own(monkeypatch, tmp_path):
    monkeypatch.setattr(cache.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "modern-portfolio" / "prices"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder() == tmp_path / "home" / ".cache" / "modern-portfolio" / "prices"
