"""Files that are replaced whole or not at all, and that their owner alone can read."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

LEFT_OVER = timedelta(hours=1)
"""A half-written file this old belongs to a program that has ended. Ours."""
UNFINISHED = ".unfinished"


def write_whole(file: Path, write: Callable[[IO[bytes]], Any]) -> None:
    """Write beside, force to the disk, then take the old file's place: a crash leaves the old one or the new."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(file.parent)
    handle, unfinished = tempfile.mkstemp(suffix=UNFINISHED, prefix=".", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        Path(unfinished).replace(file)
    finally:
        Path(unfinished).unlink(missing_ok=True)
    _force_folder(file.parent)


def _sweep(folder: Path) -> None:
    """Remove what programs that were killed left half-written."""
    for unfinished in folder.glob(f".*{UNFINISHED}"):
        if time.time() - unfinished.stat().st_mtime > LEFT_OVER.total_seconds():
            unfinished.unlink(missing_ok=True)


def _force_folder(folder: Path) -> None:
    """Force the folder's list of files to the disk, where the system has that."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
