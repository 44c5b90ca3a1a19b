"""Checking a sealed folder: a flipped byte, a dropped row, a reordered column, a forged manifest, each by name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from html import escape
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import InputError
from planner.market.manifest import (
    LEAVES_SUFFIX,
    LOG_NAME,
    MANIFEST_NAME,
    SIGNATURE_NAME,
    SUMS_NAME,
    FileNote,
    Manifest,
    read_manifest,
)
from planner.market.provenance import sums
from planner.market.row_damage import Fault, FaultKind, file_faults
from planner.market.row_hashes import hashes_of
from planner.market.signatures import is_signed_by
from planner.market.version_log import LogHead, read_log
from planner.wording import count

if TYPE_CHECKING:
    from os import PathLike

UNSIGNED = (
    "The manifest is not signed: who can write this folder could have made all of it anew. Compare the manifest's hash "
    "with one you noted or were told."
)
UNCHECKED = "The manifest is signed. Give the signer's public key to have the signature checked."


class Signature(StrEnum):
    """What is known of the manifest's signature."""

    NONE = "none"
    UNCHECKED = "not checked"
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class DataCheck:
    """What a check of a sealed folder found."""

    folder: str
    manifest: Manifest
    manifest_sha256: str
    checked: tuple[FileNote, ...]
    log: LogHead
    signature: Signature
    faults: tuple[Fault, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    @property
    def sentences(self) -> tuple[str, ...]:
        """The verdict and what is wrong, one sentence each."""
        if self.ok:
            files = count(len(self.checked), "file")
            return (
                f"Nothing was changed: {files} and every row in them are those of version {self.manifest.version}.",
            )
        return tuple(fault.sentence for fault in self.faults)

    @property
    def remark(self) -> str:
        """What the signature, or the want of one, means."""
        return {
            Signature.NONE: UNSIGNED,
            Signature.UNCHECKED: UNCHECKED,
            Signature.GOOD: "The manifest is signed with the key given.",
            Signature.BAD: "",
        }[self.signature]

    def to_text(self) -> str:
        """The report as plain text."""
        lines = [f"{self.manifest.title} (version {self.manifest.version})", f"  from {self.manifest.source}"]
        for note in self.checked:
            score = f", quality {note.quality.score:.0f} of 100" if note.quality else ""
            lines += [
                f"{note.path}: {count(note.rows, 'row')}, {count(len(note.columns), 'column')}{score}",
                f"  sha256 {note.sha256}",
                f"  root   {note.root}",
            ]
        lines.append(f"manifest.json: sha256 {self.manifest_sha256}")
        lines.append(f"{LOG_NAME}: {count(self.log.size, 'version')}, root {self.log.root}")
        return "\n".join([*lines, *(f"{'' if self.ok else 'WRONG: '}{text}" for text in self.sentences), self.remark])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{escape(note.path)}</th><td>{note.rows:,}</td><td><code>{note.sha256[:12]}</code></td>"
            f"<td><code>{note.root[:12]}</code></td></tr>"
            for note in self.checked
        )
        found = "".join(f"<li>{escape(text)}</li>" for text in (*self.sentences, self.remark) if text)
        return (
            f"<table><caption>{escape(self.manifest.title)}, version {self.manifest.version}</caption>"
            f"<thead><tr><th>file</th><th>rows</th><th>SHA-256</th><th>Merkle root</th></tr></thead>"
            f"<tbody>{rows}</tbody></table><ul>{found}</ul>"
        )


def is_sealed(path: str | PathLike[str]) -> bool:
    """Whether a path is a sealed folder, its manifest, or a file that a manifest beside it lists."""
    given = Path(path)
    if given.is_dir() or given.name == MANIFEST_NAME:
        return True
    if not (given.parent / MANIFEST_NAME).is_file():
        return False
    try:
        manifest = read_manifest(given.parent)
    except InputError:
        return False
    return any(note.path == given.name for note in manifest.files)


def check_data(path: str | PathLike[str], public_key: str | PathLike[str] | None = None) -> DataCheck:
    """Check a sealed folder, or one file of it, against its manifest, log and sums; faults are named, not raised.

    With ``public_key`` (a PEM file) the manifest must be signed with it. Raises InputError where there is no manifest,
    or it cannot be read. Memory is bounded whatever the size of the files.
    """
    given = Path(path)
    folder = given if given.is_dir() else given.parent
    manifest = read_manifest(folder)
    whole = given.is_dir() or given.name == MANIFEST_NAME
    checked = manifest.files if whole else (manifest.of(given.name),)
    digest = hashes_of(folder / MANIFEST_NAME).sha256
    signature, signature_faults = _signature(folder, None if public_key is None else Path(public_key))
    head, log_faults = _log(folder, manifest, digest)
    faults = [*signature_faults, *log_faults, *_sums(folder, manifest)]
    for note in checked:
        faults += file_faults(folder, note)
    if whole:
        faults += _added(folder, manifest)
    return DataCheck(str(folder), manifest, digest, checked, head, signature, tuple(faults))


def _signature(folder: Path, public_key: Path | None) -> tuple[Signature, list[Fault]]:
    signed = (folder / SIGNATURE_NAME).is_file()
    if public_key is None:
        return (Signature.UNCHECKED if signed else Signature.NONE), []
    if not signed:
        text = f"{SIGNATURE_NAME}: there is no signature, though one of the key given is wanted."
        return Signature.BAD, [Fault(FaultKind.SIGNATURE, SIGNATURE_NAME, text)]
    if is_signed_by(folder, public_key):
        return Signature.GOOD, []
    text = f"{MANIFEST_NAME} is forged, or signed with another key: its signature is not of the key given."
    return Signature.BAD, [Fault(FaultKind.FORGED, MANIFEST_NAME, text)]


def _log(folder: Path, manifest: Manifest, digest: str) -> tuple[LogHead, list[Fault]]:
    log = read_log(folder)
    faults = [Fault(FaultKind.LOG, LOG_NAME, text) for text in log.faults]
    if not log.entries:
        return log.head, faults
    last = log.entries[-1]
    if last.version != manifest.version:
        text = (
            f"{LOG_NAME}: it ends with version {last.version}, but the manifest is version {manifest.version}: an "
            "entry was removed, or the manifest is not the one it was."
        )
        faults.append(Fault(FaultKind.LOG, LOG_NAME, text))
    elif last.manifest != digest:
        text = f"{MANIFEST_NAME} is forged: its hash is not the one in the log for version {last.version}."
        faults.append(Fault(FaultKind.FORGED, MANIFEST_NAME, text))
    elif last.roots != {note.path: note.root for note in manifest.files}:
        text = f"{LOG_NAME}: the roots of version {last.version} are not those of the manifest."
        faults.append(Fault(FaultKind.LOG, LOG_NAME, text))
    return log.head, faults


def _sums(folder: Path, manifest: Manifest) -> list[Fault]:
    path = folder / SUMS_NAME
    if not path.is_file():
        return [Fault(FaultKind.MISSING_FILE, SUMS_NAME, f"{SUMS_NAME} is missing.")]
    expected = sums(folder, manifest)
    if sha256(expected).digest() == sha256(_beginning(path, len(expected) + 1)).digest():
        return []
    wrong = set(_beginning(path, len(expected) + 1).splitlines()) ^ set(expected.splitlines())
    names = sorted({line.decode("utf-8", "replace").partition("  ")[2] for line in wrong})
    text = f"{SUMS_NAME}: what it says of {', '.join(names) or 'the files'} is not what stands in the manifest."
    return [Fault(FaultKind.FORGED, SUMS_NAME, text)]


def _beginning(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _added(folder: Path, manifest: Manifest) -> list[Fault]:
    known = {MANIFEST_NAME, SUMS_NAME, LOG_NAME, SIGNATURE_NAME}
    known |= {note.path for note in manifest.files} | {note.path + LEAVES_SUFFIX for note in manifest.files}
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    return [
        Fault(FaultKind.ADDED_FILE, name, f"{name}: this file was added; the manifest does not list it.")
        for name in islice(sorted(set(found) - known), 20)
    ]
