"""Fingerprints: the same on every machine, different for every change that matters."""

from __future__ import annotations

import hashlib
import struct

import numpy as np
import pandas as pd
import pytest

import planner
from planner.errors import InputError, PlannerError
from planner.market import installed_data
from planner.market.assumptions import Assumptions
from planner.market.fingerprints import fingerprint
from planner.market.history import history
from planner.market.installed_data import built_in_bytes, built_in_hashes
from planner.market.made_with import Fingerprint
from planner.market.market import built_in_market


def small() -> pd.DataFrame:
    index = pd.DatetimeIndex(["2024-01-31", "2024-02-29"], name="month_end")
    return pd.DataFrame({"shares": [0.5, -0.25], "gold": [np.nan, 0.1]}, index)


def assumed(order: tuple[str, ...] = ("a", "b")) -> Assumptions:
    mean = pd.Series({"a": 0.07, "b": 0.03})
    covariance = pd.DataFrame([[0.04, 0.001], [0.001, 0.01]], ["a", "b"], ["a", "b"])
    names = list(order)
    return Assumptions(mean[names], covariance.loc[names, names], 0.03)


def test_the_hash_of_returns_is_the_one_written_down():
    def digest(*parts: bytes) -> bytes:
        return hashlib.sha256(b"".join(struct.pack("<Q", len(part)) + part for part in parts)).digest()

    dates = b"2024-01-31\n2024-02-29"
    shares = digest(b"series", b"shares", dates, struct.pack("<2d", 0.5, -0.25))
    gold = digest(b"series", b"gold", dates, bytes.fromhex("000000000000f87f") + struct.pack("<d", 0.1))
    assert fingerprint(small()).returns == digest(b"returns", *sorted([shares, gold])).hex()


def test_golden_values():
    assert fingerprint(small()).returns == "f57ed70924280ae3791348860567fbac184beb84b6d353663f7ec4967b9c6760"
    assert fingerprint(history()).returns == "e441fb08fcddf3494f388dcf3b86781e641766a13cd74143f62406449768b912"
    assert (
        fingerprint(small(), assumed()).assumptions
        == "061bd8794fbc6fb7efae5561156509a083ab713e6d7f326940460630b30f5acb"
    )


def test_how_pandas_stores_the_numbers_does_not_matter():
    told = fingerprint(small()).returns
    table = small()
    for same in (
        table[["gold", "shares"]],
        table.astype("Float64"),
        table.astype(object).astype(float),
        table.set_axis(table.index.astype("datetime64[s]")),
        table.set_axis(table.index.rename("date")),
        table.set_axis(table.columns.astype(object), axis=1),
        pd.DataFrame(np.asfortranarray(table.to_numpy().astype(">f8").astype("<f8")), table.index, table.columns),
    ):
        assert fingerprint(same).returns == told


def test_zero_has_one_sign():
    assert fingerprint(small() * 0.0).returns == fingerprint(small() * -0.0).returns


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.rename(columns={"gold": "bold"}),
        lambda table: table.set_axis(table.index + pd.Timedelta(days=1)),
        lambda table: table.iloc[::-1],
        lambda table: table.iloc[:1],
        lambda table: table[["gold"]],
        lambda table: table.fillna(0),
        lambda table: table.replace(0.5, np.nextafter(0.5, 1)),
        lambda table: table.set_axis(["gold", "shares"], axis=1),
    ],
)
def test_every_change_of_the_data_changes_it(change):
    assert fingerprint(change(small())).returns != fingerprint(small()).returns
    assert fingerprint(change(small())).full != fingerprint(small()).full


def test_assumptions_count_to_eight_digits_in_any_order():
    told = fingerprint(small(), assumed())
    assert fingerprint(small(), assumed(("b", "a"))) == told
    close = Assumptions(assumed().mean * (1 + 1e-13), assumed().covariance, 0.03)
    assert fingerprint(small(), close) == told
    other = Assumptions(assumed().mean * (1 + 1e-6), assumed().covariance, 0.03)
    assert fingerprint(small(), other).full != told.full
    assert fingerprint(small()).full != told.full


def test_scenarios_count():
    draws = pd.DataFrame([[0.1, 0.0], [-0.1, 0.01]], columns=["a", "b"])
    with_draws = Assumptions(assumed().mean, assumed().covariance, 0.03, scenarios=draws)
    assert fingerprint(small(), with_draws).assumptions != fingerprint(small(), assumed()).assumptions


def test_the_built_in_market_names_its_file_and_the_version():
    market = built_in_market()
    found = fingerprint(market.returns, market.assumptions)
    assert found.files == {"monthly_returns.csv": built_in_hashes()["monthly_returns.csv"]}
    assert found.version == planner.__version__
    assert found.short == found.full[:12]
    assert (
        found.sentence == f"Fingerprint {found.short}: data monthly_returns.csv c1387943b2a1, version {found.version}."
    )
    assert Fingerprint.model_validate_json(found.model_dump_json()) == found
    assert fingerprint(history()[["gold"]]).files == found.files
    assert fingerprint(history()[["gold"]].iloc[1:]).files == {}


def test_another_version_is_another_fingerprint(monkeypatch):
    told = fingerprint(small())
    monkeypatch.setattr(planner, "__version__", "99.0")
    assert fingerprint(small()).full != told.full
    assert fingerprint(small()).returns == told.returns


@pytest.mark.parametrize("wrong", [None, pd.DataFrame({"a": [1.0]}), small().astype(str) + "x"])
def test_what_is_no_table_of_returns_is_an_input_error(wrong):
    with pytest.raises(InputError):
        fingerprint(wrong)


# --- the installed files ----------------------------------------------------------------------------------------


def test_a_damaged_installation_says_so(monkeypatch, tmp_path):
    (tmp_path / "data").mkdir()
    for name in ("monthly_returns.csv", "manifest.json"):
        (tmp_path / "data" / name).write_bytes((installed_data.files("planner.market") / "data" / name).read_bytes())
    monkeypatch.setattr(installed_data, "files", lambda _: tmp_path)
    installed_data.built_in_hashes.cache_clear()
    try:
        assert built_in_bytes("monthly_returns.csv")[:9] == b"month_end"
        content = bytearray((tmp_path / "data" / "monthly_returns.csv").read_bytes())
        content[500] ^= 1
        (tmp_path / "data" / "monthly_returns.csv").write_bytes(content)
        with pytest.raises(
            PlannerError, match=r"monthly_returns\.csv is not the one .* install modern-portfolio again"
        ):
            built_in_bytes("monthly_returns.csv")
        with pytest.raises(PlannerError, match="cannot be read"):
            built_in_bytes("none.csv")
        installed_data.built_in_hashes.cache_clear()
        (tmp_path / "data" / "manifest.json").write_text("{}")
        with pytest.raises(PlannerError, match="manifest of the built-in data"):
            built_in_bytes("monthly_returns.csv")
    finally:
        installed_data.built_in_hashes.cache_clear()
