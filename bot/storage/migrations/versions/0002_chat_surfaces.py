"""What chat surfaces remember, threads, misses, and two settings of tenants."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("arrivals", "card_misses", "codes", "homes", "installations", "links", "postings")

TEXT = sa.Text()
WHOLE = sa.BigInteger()
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
NOT_TAKEN_UP = sa.text("content IS NOT NULL")


def columns(kind: sa.types.TypeEngine[Any], *names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=nullable) for name in names]


def upgrade() -> None:
    # What is stored already gets the default, and so does what an older process still writes meanwhile.
    op.add_column("requests", sa.Column("thread", TEXT, nullable=False, server_default=""))
    op.add_column("tenants", sa.Column("slack_triage_channel", TEXT, nullable=False, server_default=""))
    op.add_column("tenants", sa.Column("email_domains", TEXT, nullable=False, server_default="[]"))
    op.create_index(
        "ix_requests_tenant_surface_place_thread", "requests", ["tenant", "surface", "place", "thread"]
    )
    op.create_index(
        "ix_card_copies_tenant_surface_place_reference",
        "card_copies",
        ["tenant", "surface", "place", "reference"],
    )
    op.create_table(
        "arrivals",
        *columns(NUMBER, "number"),
        *columns(TEXT, "tenant", "surface", "key"),
        *columns(TEXT, "content", nullable=True),
        *columns(MOMENT, "came"),
        *columns(MOMENT, "due", nullable=True),
        *columns(WHOLE, "attempts"),
        *columns(TEXT, "lease_owner", nullable=True),
        *columns(MOMENT, "lease_until", nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_arrivals"),
        sa.UniqueConstraint("tenant", "surface", "key", name="uq_arrivals_tenant_surface_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_arrivals_came", "arrivals", ["came"])
    op.create_index(
        "ix_arrivals_not_taken_up",
        "arrivals",
        ["surface", "number"],
        sqlite_where=NOT_TAKEN_UP,
        postgresql_where=NOT_TAKEN_UP,
    )
    op.create_table(
        "card_misses",
        *columns(TEXT, "tenant", "card", "person"),
        *columns(MOMENT, "at"),
        *columns(TEXT, "why"),
        sa.PrimaryKeyConstraint("tenant", "card", "person", name="pk_card_misses"),
    )
    op.create_table(
        "codes",
        *columns(TEXT, "hash", "tenant", "purpose"),
        *columns(MOMENT, "until"),
        sa.PrimaryKeyConstraint("hash", name="pk_codes"),
    )
    op.create_index("ix_codes_until", "codes", ["until"])
    op.create_table(
        "homes",
        *columns(TEXT, "tenant", "surface", "team", "user", "person"),
        *columns(MOMENT, "opened"),
        *columns(TEXT, "drawn"),
        sa.PrimaryKeyConstraint("tenant", "surface", "team", "user", name="pk_homes"),
    )
    op.create_table(
        "installations",
        *columns(TEXT, "surface", "enterprise", "team", "tenant", "name", "content"),
        *columns(MOMENT, "at"),
        sa.PrimaryKeyConstraint("surface", "enterprise", "team", name="pk_installations"),
    )
    op.create_index("ix_installations_tenant_surface", "installations", ["tenant", "surface"])
    op.create_table(
        "links",
        *columns(TEXT, "tenant", "surface", "team", "user", "person", "proof"),
        *columns(MOMENT, "at"),
        sa.PrimaryKeyConstraint("tenant", "surface", "team", "user", name="pk_links"),
        sa.UniqueConstraint(
            "tenant", "surface", "team", "person", name="uq_links_tenant_surface_team_person"
        ),
    )
    op.create_index("ix_links_tenant_person", "links", ["tenant", "person"])
    op.create_table(
        "postings",
        *columns(TEXT, "tenant", "surface", "key", "place", "reference"),
        *columns(MOMENT, "begun"),
        sa.PrimaryKeyConstraint("tenant", "surface", "key", name="pk_postings"),
    )
    op.create_index("ix_postings_begun", "postings", ["begun"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("ix_card_copies_tenant_surface_place_reference", "card_copies")
    op.drop_column("tenants", "email_domains")
    op.drop_column("tenants", "slack_triage_channel")
    op.drop_index("ix_requests_tenant_surface_place_thread", "requests")
    op.drop_column("requests", "thread")
