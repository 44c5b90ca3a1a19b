"""The store's tables: documents as the text they were written as, times as text in UTC, the same in either database."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, Table, Text

NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
}
METADATA = MetaData(naming_convention=NAMES)

households = Table(
    "households",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("created", Text, nullable=False),
)

scenarios = Table(
    "scenarios",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("household", ForeignKey("households.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("author", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("saved", Text, nullable=False),
    Column("deleted", Text),
    Column("document", Text, nullable=False),
    Index(None, "household"),
)

entries = Table(
    "entries",
    METADATA,
    Column("household", ForeignKey("households.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
    CheckConstraint("number >= 1", name="number"),
)

policies = Table(
    "policies",
    METADATA,
    Column("household", ForeignKey("households.id"), primary_key=True),
    Column("document", Text, nullable=False),
)

reviews = Table(
    "reviews",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("household", ForeignKey("households.id"), nullable=False),
    Column("day", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("saved", Text, nullable=False),
    Column("document", Text, nullable=False),
    Index(None, "household"),
)

statement_texts = Table(
    "statement_texts",
    METADATA,
    Column("household", ForeignKey("households.id"), primary_key=True),
    Column("section", Text, primary_key=True),
    Column("text", Text, nullable=False),
)
