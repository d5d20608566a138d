"""The tables, one class per row; importing this package knows them all."""

from bot.storage.tables import (
    approvals,
    audit,
    changes,
    chat,
    connections,
    conversations,
    outbox,
    policies,
    requests,
    signins,
    surfaces,
    tenants,
)
from bot.storage.tables.base import METADATA

__all__ = [
    "METADATA",
    "approvals",
    "audit",
    "changes",
    "chat",
    "connections",
    "conversations",
    "outbox",
    "policies",
    "requests",
    "signins",
    "surfaces",
    "tenants",
]
