"""Conversations that surfaces remember, and a setting of tenants."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sa.Text()
MOMENT = sa.DateTime(timezone=True)
TEXTS = ("tenant", "surface", "place", "team", "user", "reference")


def upgrade() -> None:
    # What is stored already gets the default, and so does what an older process still writes meanwhile.
    op.add_column("tenants", sa.Column("teams_triage_channel", TEXT, nullable=False, server_default=""))
    op.create_table(
        "conversations",
        *(sa.Column(name, TEXT, nullable=False) for name in TEXTS),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "surface", "place", name="pk_conversations"),
    )
    for last in ("user", "at"):
        columns = ["tenant", "surface", "team", last]
        op.create_index(f"ix_conversations_tenant_surface_team_{last}", "conversations", columns)


def downgrade() -> None:
    op.drop_table("conversations")
    op.drop_column("tenants", "teams_triage_channel")
