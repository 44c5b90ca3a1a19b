"""Where a store is: a file that its owner alone can read, or a PostgreSQL database."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from planner.errors import InputError
from planner.store.conflict import StoreError

STORE_VARIABLE = "MODERN_PORTFOLIO_STORE"
"""The environment variable that names another store than the default one: a path or a database URL."""
FILE_NAME = "households.db"
BESIDE = ("", "-wal", "-shm", "-journal")
"""What SQLite adds to a database's name for the files it keeps beside it."""
POSTGRESQL = "postgresql+psycopg"


def data_folder() -> Path:
    """Where this system keeps what a user made with this program."""
    if sys.platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Application Support"
    else:
        named = Path(os.environ.get("XDG_DATA_HOME", ""))
        root = named if named.is_absolute() else Path.home() / ".local" / "share"
    return root / "modern-portfolio"


@dataclass(frozen=True, slots=True)
class Place:
    """A database's address for SQLAlchemy, its ``file`` if it is one, and what to call it without any password."""

    url: URL = field(repr=False)
    file: Path | None
    label: str


def place_of(where: str | Path | None) -> Place:
    """The place that a path, a URL or nothing names; an InputError that never repeats a URL where it names none."""
    named = where or os.environ.get(STORE_VARIABLE) or data_folder() / FILE_NAME
    if "://" not in str(named):
        return _file(Path(named).expanduser())
    try:
        url = make_url(str(named))
    except (ArgumentError, ValueError):
        raise InputError("The store's address is no database URL: check its parts.") from None
    kind = url.drivername.partition("+")[0]
    if kind == "sqlite" and url.database and url.database != ":memory:":
        return _file(Path(url.database))
    if kind in {"postgresql", "postgres"}:
        label = f"the PostgreSQL database '{url.database or ''}' on {url.host or 'this computer'}"
        return Place(url.set(drivername=POSTGRESQL), None, label)
    raise InputError("The store is kept in SQLite or PostgreSQL: name a file, or give a URL as postgresql://host/name.")


def _file(path: Path) -> Place:
    file = Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute keeps '..', resolve follows links
    return Place(URL.create("sqlite", database=str(file)), file, str(file))


def make_private(file: Path) -> None:
    """Make the file and its folder if they are not there, for their owner alone, and close those that stand open."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        for each in (Path(f"{file}{ending}") for ending in BESIDE):
            if each.exists() and stat.S_IMODE(each.stat().st_mode) & 0o077:
                each.chmod(0o600)
    except OSError as error:
        raise StoreError(f"The store {file} cannot be opened ({error.strerror}): check the place.") from None
