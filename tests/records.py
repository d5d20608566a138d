"""Builders of what is stored: name what the test is about, and leave the rest to the defaults."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.actions import Action, Effect
from bot.domain.canonical import JsonObject
from bot.domain.connectors import Connector, OverStdio, Transport
from bot.domain.events import AuditDecision, AuditEntry, DecisionRecord, Notice, NoticeKind
from bot.domain.grants import Seat
from bot.domain.people import PersonId, TenantId
from bot.domain.requests import (
    Approval,
    ApprovalId,
    ApprovalStatus,
    CallId,
    CallRecord,
    CallStatus,
    Request,
    RequestId,
    RequestStatus,
    Review,
    Verdict,
)
from bot.domain.tenants import Tenant
from bot.domain.tools import ToolId
from bot.ports.store import Unit
from tests.builders import ARGUMENTS, NOW, RESET, TECHNICIAN_SEAT, a_call, a_definition, a_person

ACME: Final = TenantId("acme")
GLOBEX: Final = TenantId("globex")
HOSTILE: Final = "NUL \x00 DLE \x10 half \ud83d half \udc00 smile 😀 quote ' \" \\ \\u0000 \u202e \x7f 100%"
"""What a text column or its driver could stumble over."""


def a_tenant(tenant: TenantId = ACME) -> Tenant:
    """Gives a tenant with the settings that a new one has."""
    return Tenant(id=tenant, name=tenant.title())


def a_request(
    request: str = "request-1",
    *,
    tenant: TenantId = ACME,
    requester: str = "alice",
    surface: str = "web",
    place: str = "D1",
    thread: str = "",
    text: str = "I forgot my password.",
    status: RequestStatus = RequestStatus.RECEIVED,
    joined_to: str | None = None,
    created: datetime = NOW,
) -> Request:
    """Gives Alice's request on the web surface."""
    return Request(
        id=RequestId(request),
        tenant=tenant,
        requester=PersonId(requester),
        surface=surface,
        place=place,
        thread=thread,
        agent="countersign",
        text=text,
        status=status,
        created=created,
        updated=created,
        expires=created + timedelta(hours=24),
        joined_to=None if joined_to is None else RequestId(joined_to),
    )


def an_approval(
    approval: str = "approval-1",
    *,
    tenant: TenantId = ACME,
    request: str = "request-1",
    seat: Seat = TECHNICIAN_SEAT,
    status: ApprovalStatus = ApprovalStatus.PENDING,
    created: datetime = NOW,
    expires: datetime | None = None,
) -> Approval:
    """Gives a pending approval of the request, open for 24 hours."""
    return Approval(
        id=ApprovalId(approval),
        tenant=tenant,
        request=RequestId(request),
        seat=seat,
        digest="0" * 64,
        status=status,
        asked_group="technicians",
        created=created,
        expires=created + timedelta(hours=24) if expires is None else expires,
    )


def a_review(
    approval: str = "approval-1", *, reviewer: str = "bob", verdict: Verdict = Verdict.APPROVE
) -> Review:
    """Gives Bob's verdict."""
    return Review(approval=ApprovalId(approval), reviewer=PersonId(reviewer), verdict=verdict, at=NOW)


def a_record(
    call: str = "call-1",
    *,
    request: str = "request-1",
    position: int = 0,
    tool: ToolId = RESET,
    arguments: JsonObject = ARGUMENTS,
    status: CallStatus = CallStatus.PROPOSED,
) -> CallRecord:
    """Gives a proposed call of the request."""
    return CallRecord(
        id=CallId(call),
        request=RequestId(request),
        position=position,
        tool=tool,
        arguments=arguments,
        digest=a_call(tool, arguments).digest,
        fingerprint=a_definition(tool).fingerprint,
        effect=Effect.WRITE,
        status=status,
    )


def a_connector(name: str = RESET.connector, *, transport: Transport | None = None) -> Connector:
    """Gives a connector whose server is a child process."""
    own = OverStdio(command="serve-tools", arguments=("--quiet",), environment={"TOKEN": "hunter2"})
    return Connector(id=f"id-of-{name}", name=name, transport=transport or own, timeout_s=12.5)


def an_entry(kind: str = "call.decided", *, details: JsonObject | None = None) -> AuditEntry:
    """Gives an audit entry in which every field says something."""
    return AuditEntry(
        at=NOW,
        kind=kind,
        actor=PersonId("bob"),
        agent="countersign",
        connector_id="id-of-acme-it",
        connector="acme-it",
        method="tools/call",
        path="stdio",
        tool="reset_password",
        digest="0" * 64,
        decision=AuditDecision.APPROVED_BY_USER,
        policies=("Ask first",),
        grants=("grant-1",),
        status="ok",
        duration_s=0.25,
        request=RequestId("request-1"),
        details={} if details is None else details,
    )


def a_decision(
    call: str | None = "call-1", *, at: datetime = NOW, reason: str = "Ask first."
) -> DecisionRecord:
    """Gives a decision on a call of Alice's."""
    return DecisionRecord(
        at=at,
        request=RequestId("request-1"),
        call_id=None if call is None else CallId(call),
        call=a_call(),
        requester=replace(a_person(groups=("finance",)), doubtful=frozenset({"finance"})),
        agent="countersign",
        surface="web",
        action=Action.APPROVAL_NEEDED,
        runs=False,
        reason=reason,
        policies=(("Ask first", 3),),
        grants=("grant-1",),
    )


def a_card(card: str = "card-1", *, person: str = "bob", request: str = "request-1") -> Notice:
    """Gives the notice that a person is to have the newest state of a card."""
    return Notice(kind=NoticeKind.CARD, card=card, person=PersonId(person), request=RequestId(request))


def a_text(text: str, *, person: str = "alice", request: str = "request-1") -> Notice:
    """Gives the notice that a person is to be told something."""
    return Notice(kind=NoticeKind.SAY, text=text, person=PersonId(person), request=RequestId(request))


async def put_request(unit: Unit, *, tenant: TenantId = ACME) -> None:
    """Stores a tenant with one request that waits for one approval."""
    await unit.put_tenant(a_tenant(tenant))
    await unit.requests.add(a_request(tenant=tenant, status=RequestStatus.WAITING))
    await unit.approvals.add(an_approval(tenant=tenant))
