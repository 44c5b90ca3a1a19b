"""The manifest of a dataset: where its figures came from, what was done to them, and what its files hash to."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pydantic import Field, field_validator

from planner.errors import InputError
from planner.validation import Document, Hash, Number, WholeNumber

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST_NAME = "manifest.json"
SUMS_NAME = "SHA256SUMS"
LOG_NAME = "versions.jsonl"
SIGNATURE_NAME = "manifest.json.sig"
LEAVES_SUFFIX = ".rows"

"""A SHA-256 in hexadecimal."""


class ColumnNote(Document):
    """What a column holds, how many rows have it, and the SHA-256 of its bytes."""

    measured_by: str = ""
    rows: WholeNumber
    sha256: Hash


class Period(Document):
    """What time the rows span."""

    first: str
    last: str
    frequency: str


class QualityFigures(Document):
    """What the checks of quality found when the manifest was made."""

    score: Number = Field(ge=0, le=100)
    findings: tuple[str, ...] = ()


class AboutFile(Document):
    """What is to be said of one file; what is left out is as in ``About`` the whole dataset."""

    title: str | None = None
    source: str | None = None
    retrieved: str | None = None
    processing: tuple[str, ...] | None = None
    period: Period | None = None
    units: str | None = None
    notes: tuple[str, ...] = ()
    quality: QualityFigures | None = None


class FileNote(AboutFile):
    """One file of a dataset with its hashes; ``columns`` stand in the file's order."""

    path: str
    sha256: Hash
    bytes: WholeNumber
    rows: WholeNumber
    root: Hash
    columns: dict[str, ColumnNote]

    @field_validator("path")
    @classmethod
    def _inside(cls, path: str) -> str:
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or ".." in parts or "\\" in path or ":" in path or "\n" in path:
            raise ValueError(f"'{path[:40]}' does not lie in the manifest's folder: name a file inside it.")
        return path


class About(Document):
    """What is to be said of a dataset: its origin, when it was retrieved, each step of processing, units, licence."""

    name: str
    title: str
    source: str
    retrieved: str
    processing: tuple[str, ...]
    period: Period | None = None
    units: str
    licence: str
    notes: tuple[str, ...] = ()


class Manifest(About):
    """A version of a dataset: what is said of it, and its files with their hashes."""

    version: WholeNumber = Field(ge=1)
    files: tuple[FileNote, ...] = Field(min_length=1)

    @field_validator("files")
    @classmethod
    def _once(cls, notes: tuple[FileNote, ...]) -> tuple[FileNote, ...]:
        paths = [note.path for note in notes]
        for path in paths:
            if paths.count(path) > 1:
                raise ValueError(f"The file '{path}' is listed twice: keep one entry.")
        return notes

    def of(self, path: str) -> FileNote:
        """The entry of a file; InputError where there is none."""
        for note in self.files:
            if note.path == path:
                return note
        raise InputError(f"The manifest has no file '{path}'. It has: {', '.join(note.path for note in self.files)}.")

    def to_bytes(self) -> bytes:
        """The manifest as the bytes of its file: JSON in UTF-8, what is not said left out."""
        text = json.dumps(self.model_dump(mode="json", exclude_none=True), indent=2, ensure_ascii=False)
        return f"{text}\n".encode()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder; InputError where there is none or it is not one."""
    path = folder / MANIFEST_NAME
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror or error}.") from error
    try:
        return Manifest.model_validate_json(content)
    except InputError as error:
        raise InputError(f"{MANIFEST_NAME}: {error}") from error
