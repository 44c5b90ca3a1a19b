"""What an adviser keeps: households with their scenarios, journals and reviews, in SQLite or PostgreSQL."""

from planner.errors import InputError

try:
    from planner.store.backup import Amount, Restored, restore_backup, write_backup
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in {"sqlalchemy", "alembic"}:
        raise
    raise InputError(f"The store needs {error.name}: pip install 'modern-portfolio[desk]'.") from None
from planner.store.conflict import Conflict, StoreError
from planner.store.records import Client, KeptReview, Listed, Saved
from planner.store.store import Store

__all__ = [
    "Amount",
    "Client",
    "Conflict",
    "KeptReview",
    "Listed",
    "Restored",
    "Saved",
    "Store",
    "StoreError",
    "restore_backup",
    "write_backup",
]
