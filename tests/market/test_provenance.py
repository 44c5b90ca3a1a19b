"""A sealed folder: what is written down, and that whatever is changed in it is caught and named."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from pathlib import Path

import pytest

import planner.market
from planner.errors import InputError
from planner.market.data_check import Signature, check_data, is_sealed
from planner.market.manifest import About, AboutFile, read_manifest
from planner.market.provenance import RowProof, prove_row, seal
from planner.market.row_damage import FaultKind
from planner.market.row_hashes import Change, LeafFile, changed_rows, hashes_of
from planner.market.signatures import new_key, sign
from planner.market.version_log import LogHead, growth_proof, has_only_grown, read_log

ABOUT = About(
    name="mine",
    title="Three series",
    source="made up",
    retrieved="2026-01-31",
    processing=("written by hand",),
    units="fractions",
    licence="none",
)
DAY = dt.date(2026, 1, 31)


def write_rows(path: Path, rows: int = 12) -> None:
    lines = [f"2025-{row:02d}-28,0.0{row},{row}.5,-0.{row}\n" for row in range(1, rows + 1)]
    path.write_bytes(("date,stocks,bonds,gold\n" + "".join(lines)).encode())


def sealed_again(folder: Path, note: str = "") -> None:
    seal(folder, ABOUT, {"returns.csv": AboutFile()}, day=DAY, note=note)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "data"
    place.mkdir()
    write_rows(place / "returns.csv")
    sealed_again(place)
    return place


def lines_of(folder: Path) -> list[bytes]:
    return (folder / "returns.csv").read_bytes().splitlines(keepends=True)


def put(folder: Path, lines: list[bytes]) -> None:
    (folder / "returns.csv").write_bytes(b"".join(lines))


def the_fault(folder: Path):
    faults = check_data(folder).faults
    assert len(faults) == 1, faults
    return faults[0]


# --- what is as it was ------------------------------------------------------------------------------------------


def test_a_folder_as_sealed_has_no_fault(folder):
    found = check_data(folder)
    assert found.ok
    assert found.signature is Signature.NONE
    assert "Nothing was changed" in found.to_text()
    assert "not signed" in found.to_text()


def test_the_built_in_data_are_as_sealed():
    found = check_data(Path(planner.market.__file__).parent / "data")
    assert found.faults == ()
    names = {note.path for note in found.checked}
    assert names == {"monthly_returns.csv", "damodaran_1928_2024.csv", "crypto_monthly_returns.csv"}


def test_the_manifest_has_what_sha256sum_and_cut_give(folder):
    note, content = read_manifest(folder).of("returns.csv"), (folder / "returns.csv").read_bytes()
    assert note.sha256 == hashlib.sha256(content).hexdigest()
    assert (note.rows, note.bytes) == (12, len(content))
    for place, (name, column) in enumerate(note.columns.items()):
        cells = b"".join(line.rstrip().split(b",")[place] + b"\n" for line in lines_of(folder))
        assert column.sha256 == hashlib.sha256(cells).hexdigest(), name
        assert column.rows == 12
    sums = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert sums["returns.csv"] == note.sha256
    assert sums["manifest.json"] == hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 1000])
def test_reading_in_chunks_of_any_size_gives_the_same_hashes(folder, monkeypatch, size):
    expected = hashes_of(folder / "returns.csv")
    monkeypatch.setattr("planner.market.row_hashes.CHUNK_BYTES", size)
    assert hashes_of(folder / "returns.csv") == expected


def test_a_row_without_end_is_no_row_of_a_table(tmp_path):
    path = tmp_path / "one.csv"
    path.write_bytes(b"x" * 3_000_000)
    with pytest.raises(InputError, match="more than a megabyte"):
        hashes_of(path)


# --- what was changed -------------------------------------------------------------------------------------------


def test_a_flipped_byte_is_named_by_row_and_column(folder):
    lines = lines_of(folder)
    lines[5] = lines[5].replace(b"5.5", b"5.6")
    put(folder, lines)
    fault = the_fault(folder)
    assert (fault.kind, fault.file, fault.row, fault.column) == (FaultKind.CHANGED, "returns.csv", 5, "bonds")
    assert "row 5 (2025-05-28) was changed in column 'bonds'" in fault.sentence


@pytest.mark.parametrize("place", range(0, 270, 7))
def test_a_bit_flipped_anywhere_is_caught(folder, place):
    path = folder / "returns.csv"
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert not check_data(folder).ok


def test_a_letter_of_the_header_is_named(folder):
    lines = lines_of(folder)
    lines[0] = lines[0].replace(b"gold", b"bold")
    put(folder, lines)
    fault = the_fault(folder)
    assert (fault.kind, fault.row, fault.column) == (FaultKind.CHANGED, 0, "gold")


@pytest.mark.parametrize("row", [1, 6, 12])
def test_a_dropped_row_is_named(folder, row):
    lines = lines_of(folder)
    del lines[row]
    put(folder, lines)
    fault = the_fault(folder)
    assert (fault.kind, fault.row) == (FaultKind.DROPPED_ROW, row)


def test_an_added_row_is_named(folder):
    lines = lines_of(folder)
    lines.insert(4, b"2025-03-29,0.1,0.2,0.3\n")
    put(folder, lines)
    fault = the_fault(folder)
    assert (fault.kind, fault.row) == (FaultKind.ADDED_ROW, 4)
    assert "2025-03-29" in fault.sentence


def test_reordered_columns_are_named(folder):
    lines = [b",".join([a, b, d, c]) + b"\n" for a, b, c, d in (line.strip().split(b",") for line in lines_of(folder))]
    put(folder, lines)
    fault = the_fault(folder)
    assert fault.kind is FaultKind.REORDERED
    assert "'gold', 'bonds' were reordered" in fault.sentence
    assert "changed, too" not in fault.sentence


def test_reordering_does_not_hide_a_changed_value(folder):
    lines = [b",".join([a, b, d, c]) + b"\n" for a, b, c, d in (line.strip().split(b",") for line in lines_of(folder))]
    lines[3] = lines[3].replace(b"3.5", b"3.6")
    put(folder, lines)
    assert "Values changed, too, in 'bonds'" in the_fault(folder).sentence


def test_a_column_left_out_and_one_put_in_are_named(folder):
    put(folder, [line.rsplit(b",", 1)[0] + b"\n" for line in lines_of(folder)])
    fault = the_fault(folder)
    assert (fault.kind, fault.column) == (FaultKind.COLUMNS, "gold")


def test_windows_line_ends_are_caught_without_a_list_of_a_thousand_rows(folder):
    put(folder, [line.replace(b"\n", b"\r\n") for line in lines_of(folder)])
    assert not check_data(folder).ok


def test_the_last_line_feed_is_caught_and_said(folder):
    put(folder, [*lines_of(folder)[:-1], lines_of(folder)[-1].rstrip()])
    assert the_fault(folder).kind is FaultKind.LINE_ENDS


def test_many_changed_rows_are_cut_short(folder, tmp_path):
    write_rows(folder / "returns.csv", 99)
    (folder / "versions.jsonl").unlink()
    sealed_again(folder)
    put(folder, [line.replace(b"0.0", b"0.1") for line in lines_of(folder)])
    faults = check_data(folder).faults
    assert len(faults) == 21
    assert "more rows differ" in faults[-1].sentence


@pytest.mark.parametrize("name", ["returns.csv", "returns.csv.rows", "SHA256SUMS", "versions.jsonl"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    assert name in the_fault(folder).sentence


def test_an_added_file_is_named_also_in_a_folder_of_its_own(folder):
    (folder / "more").mkdir()
    (folder / "more" / "extra.csv").write_text("date,a\n")
    fault = the_fault(folder)
    assert (fault.kind, fault.file) == (FaultKind.ADDED_FILE, "more/extra.csv")


# --- forged manifests -------------------------------------------------------------------------------------------


def test_a_manifest_that_tells_another_story_is_forged(folder):
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace("made up", "the central bank"))
    kinds = {fault.kind for fault in check_data(folder).faults}
    assert kinds == {FaultKind.FORGED}
    assert any("manifest.json is forged" in fault.sentence for fault in check_data(folder).faults)


def test_data_and_manifest_forged_together_are_caught_by_the_log(folder):
    lines = lines_of(folder)
    lines[5] = lines[5].replace(b"5.5", b"9.5")
    log = (folder / "versions.jsonl").read_bytes()
    (folder / "versions.jsonl").unlink()
    put(folder, lines)
    sealed_again(folder)
    (folder / "versions.jsonl").write_bytes(log)
    fault = the_fault(folder)
    assert (fault.kind, fault.file) == (FaultKind.FORGED, "manifest.json")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda note: note.update(root="0" * 64), "Merkle root"),
        (lambda note: note.update(rows=13), "number of rows"),
        (lambda note: note["columns"]["gold"].update(sha256="0" * 64), "hash of column 'gold'"),
        (lambda note: note["columns"]["gold"].update(rows=1), "number of values in column 'gold'"),
    ],
)
def test_figures_of_the_manifest_that_the_file_contradicts_are_named(folder, change, named):
    path = folder / "manifest.json"
    document = json.loads(path.read_text())
    change(document["files"][0])
    path.write_text(json.dumps(document))
    assert named in " ".join(fault.sentence for fault in check_data(folder).faults)


@pytest.mark.parametrize("path", ["../secret.csv", "/etc/passwd", "a\\b", "C:x", ""])
def test_a_manifest_cannot_point_outside_its_folder(folder, path):
    file = folder / "manifest.json"
    document = json.loads(file.read_text())
    document["files"][0]["path"] = path
    file.write_text(json.dumps(document))
    with pytest.raises(InputError, match="folder"):
        check_data(folder)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"[]", b'{"unknown": 1}'])
def test_a_manifest_that_is_none_is_an_input_error(folder, content):
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(InputError, match=r"manifest\.json"):
        check_data(folder)


# --- the log ----------------------------------------------------------------------------------------------------


@pytest.fixture
def grown(folder: Path) -> Path:
    for rows in (13, 14, 15):
        write_rows(folder / "returns.csv", rows)
        sealed_again(folder, f"{rows} rows")
    return folder


def test_each_version_is_one_line_that_holds_on_to_the_one_before(grown):
    lines = (grown / "versions.jsonl").read_bytes().splitlines()
    entries = [json.loads(line) for line in lines]
    assert [entry["version"] for entry in entries] == [1, 2, 3, 4]
    assert [entry["previous"] for entry in entries[1:]] == [hashlib.sha256(line).hexdigest() for line in lines[:-1]]
    assert read_log(grown).faults == ()
    assert check_data(grown).ok


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_log_entry_removed_from_within_is_named(grown, place):
    path = grown / "versions.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    del lines[place]
    path.write_bytes(b"".join(lines))
    faults = check_data(grown).faults
    assert {fault.kind for fault in faults} == {FaultKind.LOG}
    assert f"line {place + 1} (version {place + 2})" in faults[0].sentence
    assert "removed" in faults[0].sentence


def test_the_last_log_entry_removed_is_named(grown):
    path = grown / "versions.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    fault = the_fault(grown)
    assert fault.kind is FaultKind.LOG
    assert "ends with version 3, but the manifest is version 4" in fault.sentence


def test_a_log_entry_rewritten_is_named(grown):
    path = grown / "versions.jsonl"
    path.write_text(path.read_text().replace("13 rows", "99 rows"))
    faults = check_data(grown).faults
    assert {fault.kind for fault in faults} == {FaultKind.LOG}
    assert "line 3 (version 3)" in faults[0].sentence


def test_nothing_is_added_to_a_broken_log(grown):
    path = grown / "versions.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    with pytest.raises(InputError, match="Nothing is added to a broken log"):
        sealed_again(grown)


def test_who_noted_a_head_can_have_it_proved_that_the_log_only_grew(folder):
    noted = read_log(folder).head
    for rows in (13, 14):
        write_rows(folder / "returns.csv", rows)
        sealed_again(folder)
        now = read_log(folder).head
        assert has_only_grown(noted, now, growth_proof(folder, noted))
    path = folder / "versions.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0].replace(b"made", b"mode").replace(b'"note": ""', b'"note": "x"'), *lines[1:]]))
    assert not has_only_grown(noted, read_log(folder).head, growth_proof(folder, noted))
    assert not has_only_grown(noted, now, ["no hash"])
    with pytest.raises(InputError, match="some were removed"):
        growth_proof(folder, LogHead(9, noted.root))


# --- one row ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", [0, 1, 7, 12])
def test_a_row_is_proved_to_whoever_knows_the_root_and_survives_json(folder, row):
    root = read_manifest(folder).of("returns.csv").root
    proof = RowProof.model_validate_json(prove_row(folder, "returns.csv", row).model_dump_json())
    assert proof.line == lines_of(folder)[row].decode().rstrip("\n")
    assert proof.holds(root)
    assert not proof.with_changes(line=proof.line + "0").holds(root)
    assert not proof.with_changes(row=row + 1).holds(root)
    assert not proof.with_changes(path=proof.path[1:]).holds(root)
    assert not proof.holds("0" * 64)
    assert not proof.with_changes(root="0" * 64).holds("0" * 64)


def test_no_proof_is_made_of_a_row_that_is_not_there_or_not_as_it_was(folder):
    with pytest.raises(InputError, match="no row 13"):
        prove_row(folder, "returns.csv", 13)
    with pytest.raises(InputError, match=r"no file 'other\.csv'"):
        prove_row(folder, "other.csv", 1)
    lines = lines_of(folder)
    put(folder, [*lines[:3], lines[3].replace(b"3.5", b"3.6"), *lines[4:]])
    with pytest.raises(InputError, match=r"row 3 is not what the manifest was made of"):
        prove_row(folder, "returns.csv", 3)


# --- signatures -------------------------------------------------------------------------------------------------


def test_a_signature_holds_for_its_key_and_for_no_other(folder, tmp_path, capsys, caplog):
    pytest.importorskip("cryptography")
    public, other = new_key(tmp_path / "key.pem"), new_key(tmp_path / "other.pem")
    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600
    assert the_unsigned(folder, public) is Signature.BAD
    sign(folder, tmp_path / "key.pem")
    assert check_data(folder).signature is Signature.UNCHECKED
    assert check_data(folder, public).ok
    assert check_data(folder, public).signature is Signature.GOOD
    assert check_data(folder, other).signature is Signature.BAD
    secret = (tmp_path / "key.pem").read_text().splitlines()[1]
    assert secret not in check_data(folder, public).to_text() + capsys.readouterr().out + caplog.text


def the_unsigned(folder, public):
    found = check_data(folder, public)
    assert "there is no signature" in found.sentences[0]
    return found.signature


def test_all_forged_anew_is_caught_by_the_signature(folder, tmp_path):
    pytest.importorskip("cryptography")
    public = new_key(tmp_path / "key.pem")
    signature = sign(folder, tmp_path / "key.pem").read_bytes()
    (folder / "versions.jsonl").unlink()
    write_rows(folder / "returns.csv", 11)
    sealed_again(folder)
    assert check_data(folder).ok
    (folder / "manifest.json.sig").write_bytes(signature)
    fault = check_data(folder, public).faults[0]
    assert (fault.kind, fault.file) == (FaultKind.FORGED, "manifest.json")


def test_keys_are_never_overwritten_and_must_be_keys(folder, tmp_path):
    pytest.importorskip("cryptography")
    public = new_key(tmp_path / "key.pem")
    with pytest.raises(InputError, match="is there already"):
        new_key(tmp_path / "key.pem")
    with pytest.raises(InputError, match="not a private key"):
        sign(folder, public)
    sign(folder, tmp_path / "key.pem")
    with pytest.raises(InputError, match="not a public key"):
        check_data(folder, tmp_path / "key.pem")


# --- the rest ---------------------------------------------------------------------------------------------------


def test_one_file_of_a_sealed_folder_is_checked_alone(folder):
    assert is_sealed(folder)
    assert is_sealed(folder / "returns.csv")
    shutil.copy(folder / "returns.csv", folder / "copy.csv")
    assert not is_sealed(folder / "copy.csv")
    assert check_data(folder / "returns.csv").ok
    assert check_data(folder / "manifest.json").faults[0].file == "copy.csv"


def test_html_is_escaped(folder):
    (folder / "<b>.csv").write_text("x")
    assert "<b>.csv" not in check_data(folder)._repr_html_()
    assert "&lt;b&gt;.csv" in check_data(folder)._repr_html_()


def test_sealing_what_is_not_there_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="There is no file"):
        sealed_again(tmp_path)


def test_changes_of_rows_are_told_apart():
    old = [bytes([n]) for n in range(10)]
    assert list(changed_rows(old, old)) == []
    assert list(changed_rows(old[:4] + old[6:], old)) == [(Change.DROPPED, 4), (Change.DROPPED, 5)]
    assert list(changed_rows([*old, b"x"], old)) == [(Change.ADDED, 10)]
    assert list(changed_rows([*old[:3], b"x", *old[4:]], old)) == [(Change.CHANGED, 3)]
    assert list(changed_rows([], old[:2])) == [(Change.DROPPED, 0), (Change.DROPPED, 1)]


def test_row_hashes_that_are_none_are_input_errors(tmp_path):
    path = tmp_path / "x.rows"
    path.write_text("zz")
    with pytest.raises(InputError, match="not a list of row hashes"):
        LeafFile(path)
    path.write_text("z" * 64 + "\n")
    with LeafFile(path) as leaves, pytest.raises(InputError, match="line 1"):
        _ = leaves[0]
