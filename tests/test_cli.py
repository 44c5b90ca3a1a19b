from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import planner
from planner import DISCLAIMER, EXAMPLE, Scenario, Targets, __version__, history
from planner.cli import main


def test_help_lists_the_commands_and_the_disclaimer(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    for command in ("app", "lab", "check-data", "plan", "schema"):
        assert f"\n    {command}" in said
    assert DISCLAIMER in " ".join(said.split())


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"planner {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["fly"], ["plan"], ["app", "--port", "x"]])
def test_a_wrong_command_line_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: planner" in capsys.readouterr().err


class TestPlan:
    def test_the_example_is_printed_as_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["plan", "-"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document["disclaimer"] == DISCLAIMER
        assert Scenario.model_validate(document["scenario"]) == planner.plan(EXAMPLE).document
        assert sum(document["weights"].values()) == pytest.approx(1)

    def test_pretty_is_a_table(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["plan", "-", "--pretty"]) == 0
        said = capsys.readouterr().out
        assert "Crypto, of the risk" in said
        assert said.rstrip().endswith(DISCLAIMER)

    def test_a_household_of_ones_own_is_planned(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = tmp_path / "household.json"
        path.write_text(EXAMPLE.with_changes(name="The Smiths").model_dump_json(), encoding="utf-8")
        assert main(["plan", str(path), "--pretty"]) == 0
        assert capsys.readouterr().out.startswith("The Smiths\n")

    def test_a_plan_that_is_blocked_ends_with_1_and_says_why(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "household.json"
        all_in = Targets(weights={"crypto": 1.0})
        path.write_text(EXAMPLE.with_changes(targets=all_in).model_dump_json(), encoding="utf-8")
        assert main(["plan", str(path)]) == 1
        assert "100 %" in json.loads(capsys.readouterr().out)["blockers"][0]["sentence"]

    @pytest.mark.parametrize("content", ["{}", "not json", None])
    def test_a_wrong_document_ends_with_2_and_one_line(
        self, content: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "household.json"
        if content is not None:
            path.write_text(content, encoding="utf-8")
        assert main(["plan", str(path)]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith("planner: ")
        assert said.err.count("\n") == 1
        assert "household.json" in said.err
        assert "Traceback" not in said.err


class TestCheckData:
    def test_good_returns_are_counted(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = tmp_path / "returns.csv"
        history().to_csv(path)
        assert main(["check-data", str(path)]) == 0
        said = capsys.readouterr().out
        assert "132 rows, 2014-10-31 to 2025-09-30" in said
        assert "ether: 94 values from 2017-12-31" in said

    def test_good_prices_are_counted(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = tmp_path / "prices.csv"
        (100 * (1 + history()[["us_equity"]]).cumprod()).to_csv(path)
        assert main(["check-data", str(path), "--prices"]) == 0
        assert "us_equity: 132 values" in capsys.readouterr().out

    def test_percent_instead_of_fractions_ends_with_2_and_is_said(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "returns.csv"
        (100 * history()[["us_bonds", "cash"]]).to_csv(path)
        assert main(["check-data", str(path)]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert "Give fractions" in said.err
        assert said.err.count("\n") == 1

    def test_what_should_be_looked_at_is_said_and_is_no_failure(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "prices.csv"
        prices = 100 * (1 + history()[["us_equity"]]).cumprod()
        prices.iloc[60:] /= 2
        prices.to_csv(path)
        assert main(["check-data", str(path), "--prices"]) == 0
        said = capsys.readouterr()
        assert "quality 85 of 100, 1 thing to look at" in said.out
        assert "split 2:1" in said.out
        assert "Nothing wrong" not in said.out
        assert said.err == ""

    @pytest.fixture
    def built_in(self, tmp_path: Path) -> Path:
        folder = tmp_path / "data"
        shutil.copytree(Path(planner.__file__).parent / "market" / "data", folder)
        (folder / "monthly_returns.csv").chmod(0o644)
        return folder

    @pytest.mark.parametrize("name", [".", "manifest.json", "damodaran_1928_2024.csv"])
    def test_the_built_in_data_are_verified(
        self, built_in: Path, name: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["check-data", str(built_in / name)]) == 0
        said = capsys.readouterr().out
        assert "Nothing was changed" in said
        assert "damodaran_1928_2024.csv: 97 rows" in said

    def test_a_flipped_byte_ends_with_1_and_is_named(self, built_in: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = built_in / "monthly_returns.csv"
        path.write_text(path.read_text().replace("0.069250", "0.069251"))
        assert main(["check-data", str(built_in)]) == 1
        said = capsys.readouterr().out
        assert "WRONG: monthly_returns.csv: row 100 (2023-01-31) was changed in column 'us_equity'." in said
        assert "Nothing was changed" not in said

    def test_a_signature_that_is_wanted_and_not_there_ends_with_1(
        self, built_in: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["check-data", str(built_in), "--public-key", str(tmp_path / "key.pem.pub")]) == 1
        assert "there is no signature" in capsys.readouterr().out

    def test_a_folder_without_a_manifest_ends_with_2(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check-data", str(tmp_path)]) == 2
        assert "manifest.json" in capsys.readouterr().err

    def test_a_missing_file_ends_with_2(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check-data", str(tmp_path / "none.csv")]) == 2
        assert "none.csv" in capsys.readouterr().err


def test_the_installed_command_keeps_errors_and_output_apart(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", "import sys; from planner.cli import main; sys.exit(main())", "plan", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr.startswith(f"planner: {tmp_path} cannot be read")
    assert "Traceback" not in run.stderr
