"""Households, scenarios, journals whose entries stay as they are, reviews, the adviser's text."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None

KEPT = "Entries of a journal are neither changed nor removed."

# INSERT OR REPLACE removes without firing a trigger of removal, so a number that is taken is refused before.
REFUSED = f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
TAKEN = "EXISTS (SELECT 1 FROM entries WHERE household = NEW.household AND number = NEW.number)"
SQLITE = (
    f"CREATE TRIGGER entries_unchanged BEFORE UPDATE ON entries {REFUSED}",
    f"CREATE TRIGGER entries_unremoved BEFORE DELETE ON entries {REFUSED}",
    f"CREATE TRIGGER entries_unreplaced BEFORE INSERT ON entries WHEN {TAKEN} {REFUSED}",
)
POSTGRESQL = (
    f"""CREATE FUNCTION entries_are_kept() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION '{KEPT}'; END $$""",
    """CREATE TRIGGER entries_unchanged BEFORE UPDATE OR DELETE ON entries
        FOR EACH ROW EXECUTE FUNCTION entries_are_kept()""",
    """CREATE TRIGGER entries_unremoved BEFORE TRUNCATE ON entries
        FOR EACH STATEMENT EXECUTE FUNCTION entries_are_kept()""",
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "households",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_households"),
    )
    op.create_table(
        "scenarios",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("household", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("created", sa.Text, nullable=False),
        sa.Column("saved", sa.Text, nullable=False),
        sa.Column("deleted", sa.Text),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scenarios"),
        sa.ForeignKeyConstraint(["household"], ["households.id"], name="fk_scenarios_household"),
    )
    op.create_index("ix_scenarios_household", "scenarios", ["household"])
    op.create_table(
        "entries",
        sa.Column("household", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("household", "number", name="pk_entries"),
        sa.ForeignKeyConstraint(["household"], ["households.id"], name="fk_entries_household"),
        sa.CheckConstraint("number >= 1", name="ck_entries_number"),
    )
    op.create_table(
        "reviews",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("household", sa.Text, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("saved", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
        sa.ForeignKeyConstraint(["household"], ["households.id"], name="fk_reviews_household"),
    )
    op.create_index("ix_reviews_household", "reviews", ["household"])
    op.create_table(
        "statement_texts",
        sa.Column("household", sa.Text, nullable=False),
        sa.Column("section", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("household", "section", name="pk_statement_texts"),
        sa.ForeignKeyConstraint(["household"], ["households.id"], name="fk_statement_texts_household"),
    )
    for statement in POSTGRESQL if op.get_context().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
