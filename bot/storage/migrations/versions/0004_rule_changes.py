"""The history of what is laid down, proposals for a second admin, and announcements of tools."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sa.Text()
NUMBER = sa.BigInteger()
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "rule_changes",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        *(sa.Column(name, TEXT, nullable=name in {"actor", "approved_by"}) for name in _CHANGE),
        sa.Column("undoes", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "number", name="pk_rule_changes"),
    )
    op.create_table(
        "changed_things",
        *(sa.Column(name, TEXT, nullable=False) for name in ("tenant", "name")),
        sa.Column("number", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", "number", name="pk_changed_things"),
    )
    op.create_table(
        "proposals",
        *(sa.Column(name, TEXT, nullable=name == "decided_by") for name in _PROPOSAL),
        *(sa.Column(name, MOMENT, nullable=name == "decided") for name in ("at", "expires", "decided")),
        sa.Column("undoes", NUMBER, nullable=True),
        sa.Column("number", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_proposals"),
    )
    op.create_table(
        "announcements",
        *(sa.Column(name, TEXT, nullable=name in {"before", "by"}) for name in _ANNOUNCEMENT),
        *(sa.Column(name, MOMENT, nullable=name == "decided") for name in ("at", "decided")),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_announcements"),
    )
    for table in ("proposals", "announcements"):
        op.create_index(f"ix_{table}_tenant_status", table, ["tenant", "status"])


def downgrade() -> None:
    for table in ("announcements", "proposals", "changed_things", "rule_changes"):
        op.drop_table(table)


_CHANGE = ("by", "actor", "reason", "edits", "approved_by")
_PROPOSAL = ("tenant", "id", "by", "reason", "edits", "tools", "effect", "status", "decided_by", "note")
_ANNOUNCEMENT = ("tenant", "id", "connector", "tool", "before", "after", "status", "by")
