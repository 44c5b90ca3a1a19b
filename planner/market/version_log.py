"""The log of a dataset's versions: one line each, added to and never rewritten.

Each line is JSON. It names the version, its day, the SHA-256 of the manifest, the Merkle root of each file, the SHA-256
of the line before it, and the RFC 6962 root over all lines before it. Who noted a size and a root once can later have
it proved that those lines still stand unchanged.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from pydantic import Field

from planner.errors import InputError
from planner.market.manifest import LOG_NAME, Manifest
from planner.market.merkle import EMPTY_ROOT, GrowingRoot, consistency_path, is_consistent, leaf_hash
from planner.market.row_hashes import rows_of
from planner.validation import Document, Hash, WholeNumber

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

BEFORE_THE_FIRST = "0" * 64
"""What the first entry carries as the hash of the one before."""


class LogEntry(Document):
    """One version: its manifest's hash, its files' roots, and the log before it."""

    version: WholeNumber = Field(ge=1)
    day: str
    note: str
    manifest: Hash
    roots: dict[str, Hash]
    previous: Hash
    log_root: Hash


@dataclass(frozen=True, slots=True)
class LogHead:
    """How long a log is, and the RFC 6962 root (in hex) over its lines."""

    size: int
    root: str


@dataclass(frozen=True, slots=True)
class VersionLog:
    """The entries of a log, its head, and what is wrong with it, in sentences."""

    entries: tuple[LogEntry, ...]
    head: LogHead
    faults: tuple[str, ...]


def read_log(folder: Path) -> VersionLog:
    """The log of a folder with each entry held against those before it; faults are named, not raised."""
    path = folder / LOG_NAME
    if not path.is_file():
        return VersionLog((), LogHead(0, EMPTY_ROOT.hex()), (f"{LOG_NAME}: the log of versions is missing.",))
    entries: list[LogEntry] = []
    faults: list[str] = []
    tree, previous = GrowingRoot(), BEFORE_THE_FIRST
    for number, line in enumerate(rows_of(path), start=1):
        try:
            entry = LogEntry.model_validate_json(line)
        except InputError as error:
            faults.append(f"{LOG_NAME}: line {number} is not an entry. {error}")
        else:
            faults += _faults(entry, number, previous, tree.root.hex())
            entries.append(entry)
        previous = sha256(line).hexdigest()
        tree.add([leaf_hash(line)])
    if not tree.size:
        faults.append(f"{LOG_NAME}: the log of versions is empty.")
    return VersionLog(tuple(entries), LogHead(tree.size, tree.root.hex()), tuple(faults))


def _faults(entry: LogEntry, number: int, previous: str, root: str) -> list[str]:
    if entry.previous != previous:
        before = f"after version {entry.version - 1}" if entry.version > 1 else "as the first"
        return [
            f"{LOG_NAME}: line {number} (version {entry.version}) was written {before}, but what stands before it now "
            "is something else: an entry was removed, changed or added."
        ]
    if entry.log_root != root:
        return [
            f"{LOG_NAME}: line {number} (version {entry.version}) carries a root that the lines before do not have."
        ]
    if entry.version != number:
        return [f"{LOG_NAME}: line {number} is version {entry.version}: a version is missing or stands there twice."]
    return []


def add_version(folder: Path, manifest: Manifest, content: bytes, day: dt.date, note: str = "") -> LogEntry:
    """Append an entry for a manifest (``content`` is its file) to the folder's log.

    Raises InputError where the log is broken, or the manifest's version is not the next.
    """
    path = folder / LOG_NAME
    previous, head = BEFORE_THE_FIRST, LogHead(0, EMPTY_ROOT.hex())
    if path.is_file():
        log = read_log(folder)
        if log.faults:
            raise InputError(f"{log.faults[0]} Nothing is added to a broken log.")
        previous, head = sha256(_lines(path)[-1]).hexdigest(), log.head
    if manifest.version != head.size + 1:
        raise InputError(f"The log has {head.size} versions: the next is {head.size + 1}, not {manifest.version}.")
    entry = LogEntry(
        version=manifest.version,
        day=day.isoformat(),
        note=note,
        manifest=sha256(content).hexdigest(),
        roots={file.path: file.root for file in manifest.files},
        previous=previous,
        log_root=head.root,
    )
    with path.open("ab") as file:
        file.write(json.dumps(entry.model_dump(mode="json"), ensure_ascii=False).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return entry


def growth_proof(folder: Path, noted: LogHead) -> list[str]:
    """The hashes (hex) that show that a log still begins with the lines it had when ``noted`` was its head.

    Raises InputError where the log is shorter than it was.
    """
    leaves = [leaf_hash(line) for line in _lines(folder / LOG_NAME)]
    if not 0 < noted.size <= len(leaves):
        raise InputError(f"The log has {len(leaves)} versions, but had {noted.size}: some were removed.")
    return [node.hex() for node in consistency_path(leaves, noted.size)]


def has_only_grown(noted: LogHead, now: LogHead, proof: Sequence[str]) -> bool:
    """Whether ``proof`` shows that nothing in the log was changed or removed since ``noted`` was its head."""
    try:
        path = [bytes.fromhex(node) for node in proof]
        return is_consistent(noted.size, bytes.fromhex(noted.root), now.size, bytes.fromhex(now.root), path)
    except ValueError:
        return False


def _lines(path: Path) -> list[bytes]:
    return list(rows_of(path))
