from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from planner import EXAMPLE, InputError, Method, Scenario, plan, read_scenario
from planner.scenario import LARGEST_DOCUMENT
from planner.scenario_versions import SCHEMA_VERSION, STEPS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def document() -> dict[str, Any]:
    return EXAMPLE.model_dump(mode="json")


def refused(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_scenario(path)
    text = str(caught.value)
    assert "\n" not in text
    assert str(path) in text
    assert len(text) < 600
    return text


def test_a_scenario_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "household.json"
    scenario = EXAMPLE.with_changes(method=Method.RISK_BUDGET, volatility_cap=0.12, name="Zoë & Søn")
    path.write_text(scenario.model_dump_json(), encoding="utf-8")
    assert read_scenario(path) == scenario
    assert read_scenario(str(path)) == scenario


def test_a_file_that_windows_marked_as_utf8_is_read(tmp_path: Path) -> None:
    path = tmp_path / "household.json"
    path.write_text(EXAMPLE.model_dump_json(), encoding="utf-8-sig")
    assert read_scenario(path) == EXAMPLE


class TestRefusals:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "household.json"

    def test_a_file_too_large(self, path: Path) -> None:
        assert f"{LARGEST_DOCUMENT:,} bytes" in refused(path, b" " * (LARGEST_DOCUMENT + 1))

    @pytest.mark.parametrize(
        "content", [b"", b"hello", b"{", b"\xff\xfe\x00", b'{"name": "\xff"}', b'{"name": "\\ud800"}']
    )
    def test_what_is_not_json(self, path: Path, content: bytes) -> None:
        assert "not valid JSON" in refused(path, content)

    @pytest.mark.parametrize("content", [b"[" * 10_000 + b"]" * 10_000, b'{"name":' * 10_000 + b"1" + b"}" * 10_000])
    def test_ten_thousand_levels(self, path: Path, content: bytes) -> None:
        assert "recursion limit" in refused(path, content)

    @pytest.mark.parametrize("content", [b"[]", b"null", b"1", b'"text"'])
    def test_json_that_is_no_object(self, path: Path, content: bytes) -> None:
        assert "object" in refused(path, content)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"nmae": "x"}, "did you mean 'name'?"),
            ({"schema_version": 99}, "saved by a newer planner"),
            ({"schema_version": 0}, "version is 0"),
            ({"schema_version": "2"}, "version is '2'"),
            ({"schema_version": None}, "version is empty"),
            ({"room": math.nan}, "Room around the targets is nan"),
            ({"room": 1.5}, "between 0 and 1"),
            ({"room": "0.05"}, "it must be a number"),
            ({"risk_aversion": True}, "it must be a number"),
            ({"targets": "all in"}, "Targets is 'all in'"),
            ({"targets": {"weights": {"equities": 0.5}}}, "add 0.5"),
            ({"targets": {"weights": {"shares": 1.0}}}, "There is no asset class 'shares'"),
            ({"method": "magic"}, "'mean-variance', 'risk budget' or 'frontier'"),
            ({"profile": None}, "Profile is empty"),
            ({"name": ""}, "Name is ''"),
            ({"name": "x" * 201}, "at most 200"),
            ({"volatility_cap": 0}, "more than 0"),
            ({"crypto_fall": -0.5}, "between 0 and 1"),
        ],
    )
    def test_a_wrong_field(self, path: Path, document: dict[str, Any], change: dict[str, Any], said: str) -> None:
        assert said in refused(path, json.dumps(document | change).encode())

    def test_a_wrong_field_deep_inside(self, path: Path, document: dict[str, Any]) -> None:
        document["profile"]["age"] = 140
        assert "Age (in profile) is 140" in refused(path, json.dumps(document).encode())

    def test_what_is_missing_is_listed(self, path: Path) -> None:
        assert "Add what is missing: Profile, Targets." in refused(path, b'{"name": "x"}')

    def test_a_missing_file_and_a_folder(self, path: Path, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"household\.json cannot be read: No such file"):
            read_scenario(path)
        with pytest.raises(InputError, match="cannot be read"):
            read_scenario(tmp_path)

    def test_a_name_no_file_can_have(self) -> None:
        with pytest.raises(InputError, match="not the name of a file"):
            read_scenario("a\0b")


def test_a_scenario_cannot_be_changed_only_copied_with_changes() -> None:
    with pytest.raises(Exception, match="frozen"):
        EXAMPLE.name = "other"  # type: ignore[misc]
    assert EXAMPLE.with_changes(name="other").name == "other"
    assert EXAMPLE.name == "Example household"


def test_a_copy_is_checked_again() -> None:
    with pytest.raises(InputError, match="Risk aversion is 0"):
        EXAMPLE.with_changes(risk_aversion=0)


def test_two_goals_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="two goals named 'College'"):
        EXAMPLE.with_changes(goals=EXAMPLE.goals * 2)


def test_a_document_without_version_is_of_the_present_one(document: dict[str, Any]) -> None:
    del document["schema_version"]
    assert Scenario.model_validate(document) == EXAMPLE


def lost(written: Any, read: Any, path: str = "") -> list[tuple[str, Any]]:
    """What a document says and its reading does not, by place."""
    if isinstance(written, dict) and isinstance(read, dict):
        return [pair for name, inner in written.items() for pair in lost(inner, read.get(name), f"{path}.{name}")]
    if isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        return [pair for one, other in zip(written, read, strict=True) for pair in lost(one, other, path)]
    return [] if written == read else [(path, written)]


class TestOlderVersions:
    """Documents as released planners wrote them, one for each set of fields that a scenario ever had."""

    OLDER = sorted(Path(__file__).with_name("scenarios").glob("*.json"))

    @pytest.mark.parametrize("path", OLDER, ids=[path.stem for path in OLDER])
    def test_nothing_of_them_is_lost(self, path: Path) -> None:
        written = json.loads(path.read_text(encoding="utf-8"))
        read = read_scenario(path).model_dump(mode="json")
        assert written.pop("schema_version") < read.pop("schema_version")
        assert dict(lost(written, read)) == {}

    @pytest.mark.parametrize("path", OLDER, ids=[path.stem for path in OLDER])
    def test_they_can_be_planned(self, path: Path) -> None:
        assert plan(read_scenario(path)).shown.weights.sum() == pytest.approx(1)

    def test_there_is_one_of_each_older_version(self) -> None:
        seen = {json.loads(path.read_text(encoding="utf-8"))["schema_version"] for path in self.OLDER}
        assert seen == set(STEPS) == set(range(1, SCHEMA_VERSION))


def test_the_published_schema_is_that_of_the_documents() -> None:
    published = json.loads((ROOT / "docs/scenario.schema.json").read_text(encoding="utf-8"))
    assert published == Scenario.model_json_schema(), "write it anew: planner schema > docs/scenario.schema.json"
