"""The first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "audit_entries",
    "audit_heads",
    "card_copies",
    "chat_heads",
    "chat_items",
    "connectors",
    "decisions",
    "defaults",
    "freezes",
    "grants",
    "notices",
    "policies",
    "policy_versions",
    "requests",
    "tenants",
    "approvals",
    "calls",
    "messages",
    "tools",
    "reviews",
)

TEXT = sa.Text()
WHOLE = sa.BigInteger()
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FLOAT = sa.Float()
YES_OR_NO = sa.Boolean()
MOMENT = sa.DateTime(timezone=True)
DATE = sa.Date()
WAITING_CARD = sa.text("kind = 'card' AND lease_owner IS NULL")


def columns(kind: sa.types.TypeEngine[Any], *names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=nullable) for name in names]


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        *columns(TEXT, "tenant"),
        *columns(WHOLE, "sequence"),
        *columns(TEXT, "line", "previous", "hash"),
        sa.PrimaryKeyConstraint("tenant", "sequence", name="pk_audit_entries"),
    )
    op.create_table(
        "audit_heads",
        *columns(TEXT, "tenant"),
        *columns(WHOLE, "sequence"),
        *columns(TEXT, "hash"),
        sa.PrimaryKeyConstraint("tenant", name="pk_audit_heads"),
    )
    op.create_table(
        "card_copies",
        *columns(TEXT, "tenant", "card", "person", "surface", "place", "reference"),
        sa.PrimaryKeyConstraint("tenant", "card", "person", "surface", name="pk_card_copies"),
    )
    op.create_table(
        "chat_heads",
        *columns(TEXT, "tenant"),
        *columns(WHOLE, "revision"),
        sa.PrimaryKeyConstraint("tenant", name="pk_chat_heads"),
    )
    op.create_table(
        "chat_items",
        *columns(NUMBER, "number"),
        *columns(TEXT, "tenant", "person", "id"),
        *columns(MOMENT, "at"),
        *columns(TEXT, "content"),
        *columns(WHOLE, "revision"),
        sa.PrimaryKeyConstraint("number", name="pk_chat_items"),
        sa.UniqueConstraint("tenant", "person", "id", name="uq_chat_items_tenant_person_id"),
    )
    op.create_index("ix_chat_items_tenant_revision", "chat_items", ["tenant", "revision"])
    op.create_table(
        "connectors",
        *columns(TEXT, "tenant", "name", "id", "transport"),
        *columns(YES_OR_NO, "on"),
        *columns(TEXT, "manifest"),
        *columns(FLOAT, "timeout_s"),
        *columns(TEXT, "health"),
        sa.PrimaryKeyConstraint("tenant", "name", name="pk_connectors"),
    )
    op.create_table(
        "decisions",
        *columns(NUMBER, "number"),
        *columns(TEXT, "tenant"),
        *columns(MOMENT, "at"),
        *columns(TEXT, "call_id", nullable=True),
        *columns(TEXT, "document"),
        sa.PrimaryKeyConstraint("number", name="pk_decisions"),
    )
    op.create_index("ix_decisions_tenant_at", "decisions", ["tenant", "at"])
    op.create_index("ix_decisions_tenant_call_id", "decisions", ["tenant", "call_id"])
    op.create_table(
        "defaults",
        *columns(TEXT, "tenant", "connector", "action", "author"),
        sa.PrimaryKeyConstraint("tenant", "connector", name="pk_defaults"),
    )
    op.create_table(
        "freezes",
        *columns(TEXT, "tenant", "scope", "target", "by", "reason"),
        *columns(MOMENT, "at"),
        sa.PrimaryKeyConstraint("tenant", "scope", "target", name="pk_freezes"),
    )
    op.create_table(
        "grants",
        *columns(NUMBER, "number"),
        *columns(TEXT, "id", "tenant", "connector", "tool", "holder", "arguments"),
        *columns(TEXT, "agent", nullable=True),
        *columns(TEXT, "technician_groups"),
        *columns(YES_OR_NO, "manager"),
        *columns(TEXT, "fingerprint", "giver", "reason"),
        *columns(MOMENT, "created"),
        *columns(MOMENT, "ends", nullable=True),
        *columns(WHOLE, "uses_limit", "daily_limit", nullable=True),
        *columns(WHOLE, "uses", "uses_today"),
        *columns(DATE, "used_on", nullable=True),
        *columns(MOMENT, "last_used", "revoked", nullable=True),
        *columns(TEXT, "revoked_by", nullable=True),
        *columns(YES_OR_NO, "suspended"),
        sa.PrimaryKeyConstraint("number", name="pk_grants"),
        sa.UniqueConstraint("tenant", "id", name="uq_grants_tenant_id"),
    )
    op.create_table(
        "notices",
        *columns(NUMBER, "number"),
        *columns(TEXT, "tenant", "kind"),
        *columns(TEXT, "request", nullable=True),
        *columns(TEXT, "card"),
        *columns(TEXT, "person", nullable=True),
        *columns(TEXT, "text"),
        *columns(MOMENT, "due", nullable=True),
        *columns(WHOLE, "attempts"),
        *columns(TEXT, "error"),
        *columns(TEXT, "lease_owner", nullable=True),
        *columns(MOMENT, "lease_until", nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_notices"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notices_lease_owner", "notices", ["lease_owner"])
    op.create_index("ix_notices_tenant_person", "notices", ["tenant", "person"])
    op.create_index(
        "uq_notices_waiting_card",
        "notices",
        ["tenant", "card", "person"],
        unique=True,
        sqlite_where=WAITING_CARD,
        postgresql_where=WAITING_CARD,
    )
    op.create_table(
        "policies",
        *columns(TEXT, "tenant", "id", "name", "connector", "source"),
        *columns(WHOLE, "version"),
        *columns(TEXT, "document"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_policies"),
        sa.UniqueConstraint("tenant", "name", name="uq_policies_tenant_name"),
    )
    op.create_index("ix_policies_tenant_connector", "policies", ["tenant", "connector"])
    op.create_table(
        "policy_versions",
        *columns(TEXT, "tenant", "policy"),
        *columns(WHOLE, "version"),
        *columns(TEXT, "author"),
        *columns(MOMENT, "at"),
        *columns(TEXT, "document", nullable=True),
        sa.PrimaryKeyConstraint("tenant", "policy", "version", name="pk_policy_versions"),
    )
    op.create_table(
        "requests",
        *columns(NUMBER, "number"),
        *columns(TEXT, "id", "tenant", "requester", "surface", "place", "agent", "text", "status"),
        *columns(MOMENT, "created", "updated", "expires"),
        *columns(TEXT, "diagnosis"),
        *columns(TEXT, "runbook", "plan_digest", nullable=True),
        *columns(TEXT, "outcome"),
        *columns(YES_OR_NO, "question_open"),
        *columns(TEXT, "joined_to", nullable=True),
        *columns(MOMENT, "nudged", nullable=True),
        *columns(TEXT, "details"),
        *columns(WHOLE, "version"),
        *columns(TEXT, "lease_owner", nullable=True),
        *columns(MOMENT, "lease_until", "retry_at", nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_requests"),
        sa.UniqueConstraint("tenant", "id", name="uq_requests_tenant_id"),
    )
    op.create_index("ix_requests_lease_owner", "requests", ["lease_owner"])
    op.create_index("ix_requests_status_updated", "requests", ["status", "updated"])
    op.create_index("ix_requests_tenant_joined_to", "requests", ["tenant", "joined_to"])
    op.create_index("ix_requests_tenant_requester_created", "requests", ["tenant", "requester", "created"])
    op.create_index("ix_requests_tenant_status", "requests", ["tenant", "status"])
    op.create_table(
        "tenants",
        *columns(TEXT, "id", "name", "mode", "zone"),
        *columns(WHOLE, "approval_lifetime", "nudge_interval"),
        *columns(YES_OR_NO, "never_ending_grants"),
        *columns(WHOLE, "revision", "connector_revision"),
        sa.PrimaryKeyConstraint("id", name="pk_tenants"),
    )
    op.create_table(
        "approvals",
        *columns(NUMBER, "number"),
        *columns(TEXT, "id", "tenant", "request", "seat_kind", "seat_group"),
        *columns(WHOLE, "seat_quorum"),
        *columns(TEXT, "digest", "status"),
        *columns(TEXT, "approver", "asked_group", nullable=True),
        *columns(TEXT, "explanation"),
        *columns(MOMENT, "created", "expires"),
        *columns(MOMENT, "decided", nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "request"], ["requests.tenant", "requests.id"], name="fk_approvals_requests"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_approvals"),
        sa.UniqueConstraint("tenant", "id", name="uq_approvals_tenant_id"),
    )
    op.create_index("ix_approvals_tenant_request", "approvals", ["tenant", "request"])
    op.create_index("ix_approvals_tenant_status_expires", "approvals", ["tenant", "status", "expires"])
    op.create_table(
        "calls",
        *columns(NUMBER, "number"),
        *columns(TEXT, "id", "tenant", "request"),
        *columns(WHOLE, "position"),
        *columns(TEXT, "connector", "tool", "arguments", "digest", "fingerprint", "effect", "status"),
        *columns(TEXT, "action", nullable=True),
        *columns(TEXT, "reason", "policies", "grants"),
        *columns(YES_OR_NO, "standing"),
        *columns(TEXT, "result"),
        *columns(MOMENT, "started", "ended", nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "request"], ["requests.tenant", "requests.id"], name="fk_calls_requests"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_calls"),
        sa.UniqueConstraint("tenant", "id", name="uq_calls_tenant_id"),
    )
    op.create_index("ix_calls_tenant_connector_tool", "calls", ["tenant", "connector", "tool"])
    op.create_index("ix_calls_tenant_request_position", "calls", ["tenant", "request", "position"])
    op.create_table(
        "messages",
        *columns(TEXT, "tenant", "surface", "message", "request"),
        sa.ForeignKeyConstraint(
            ["tenant", "request"], ["requests.tenant", "requests.id"], name="fk_messages_requests"
        ),
        sa.PrimaryKeyConstraint("tenant", "surface", "message", name="pk_messages"),
    )
    op.create_table(
        "tools",
        *columns(TEXT, "tenant", "connector", "name", "title", "description", "input_schema"),
        *columns(TEXT, "output_schema", "annotations", nullable=True),
        *columns(TEXT, "fingerprint", "accepted", "effect", "why"),
        *columns(YES_OR_NO, "present", "enabled"),
        sa.ForeignKeyConstraint(
            ["tenant", "connector"], ["connectors.tenant", "connectors.name"], name="fk_tools_connectors"
        ),
        sa.PrimaryKeyConstraint("tenant", "connector", "name", name="pk_tools"),
    )
    op.create_table(
        "reviews",
        *columns(NUMBER, "number"),
        *columns(TEXT, "tenant", "approval", "reviewer", "verdict", "reason"),
        *columns(TEXT, "grant", nullable=True),
        *columns(MOMENT, "at"),
        sa.ForeignKeyConstraint(
            ["tenant", "approval"], ["approvals.tenant", "approvals.id"], name="fk_reviews_approvals"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_reviews"),
        sa.UniqueConstraint("tenant", "approval", "reviewer", name="uq_reviews_tenant_approval_reviewer"),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
