"""The policy as the journal's last entry left it: what the next entry is a change of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "policies",
        sa.Column("household", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("household", name="pk_policies"),
        sa.ForeignKeyConstraint(["household"], ["households.id"], name="fk_policies_household"),
    )
