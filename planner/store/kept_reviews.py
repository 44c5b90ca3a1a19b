"""Reviews as rows: each function is part of one transaction."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import insert, select

from planner.errors import InputError
from planner.store.clients import client_of
from planner.store.records import KeptReview, moment, now, written
from planner.store.tables import reviews

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from planner.reviewing import Review


def listed(connection: Connection, household: str) -> tuple[KeptReview, ...]:
    """The reviews of a household, the earliest first."""
    client_of(connection, household)
    columns = [column for column in reviews.c if column.name != "document"]
    rows = select(*columns).where(reviews.c.household == household).order_by(reviews.c.day, reviews.c.saved)
    return tuple(
        KeptReview(row.id, household, dt.date.fromisoformat(row.day), row.author, moment(row.saved))
        for row in connection.execute(rows)
    )


def read(connection: Connection, id_: str) -> dict[str, Any]:
    """One review's document."""
    row = connection.execute(select(reviews).where(reviews.c.id == id_)).one_or_none()
    if row is None:
        raise InputError("There is no such review in the store: look at the list again.")
    try:
        return dict(json.loads(row.document))
    except (ValueError, TypeError) as error:
        client = client_of(connection, row.household)
        raise InputError(f"The review of '{client.name}' of {row.day} cannot be read: {error}.") from error


def keep(connection: Connection, household: str, review: Review, author: str) -> KeptReview:
    """Keep a review; what is reviewed twice on one day is kept twice."""
    client_of(connection, household)
    kept = KeptReview(uuid4().hex, household, review.as_of, author, now())
    document = json.dumps(review.to_dict(), allow_nan=False)
    row = {"id": kept.id, "household": household, "day": kept.day.isoformat(), "author": author}
    connection.execute(insert(reviews).values(**row, saved=written(kept.saved), document=document))
    return kept
