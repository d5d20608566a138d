"""Builders of domain values: name what the test is about, and leave the rest to the defaults."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from bot.domain.actions import Action, Effect
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.decide import PolicySet
from bot.domain.decisions import Situation
from bot.domain.grants import (
    ArgumentScope,
    ExactArguments,
    Grant,
    GrantId,
    Holder,
    HolderPerson,
    Seat,
    SeatKind,
)
from bot.domain.people import TECHNICIANS, Person, PersonId, Role
from bot.domain.plans import ToolCall
from bot.domain.policies import (
    EVERYONE,
    TECHNICIAN_ONLY,
    AllTools,
    Chosen,
    Condition,
    Defaults,
    Freeze,
    FreezeScope,
    NamedTools,
    Operator,
    Otherwise,
    Policy,
    PolicyId,
    PolicySource,
    Requirement,
    Standing,
    Subjects,
    ToolScope,
)
from bot.domain.tools import CatalogTool, ToolDefinition, ToolId

NOW: Final = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
"""A Friday afternoon."""

RESET: Final = ToolId("acme-it", "reset_password")
ARGUMENTS: Final[JsonObject] = {"user": "alice@acme.test"}
TECHNICIAN_SEAT: Final = Seat(SeatKind.TECHNICIAN, TECHNICIANS)


def a_person(
    name: str = "alice",
    *,
    email: str | None = None,
    title: str = "Analyst",
    department: str = "Finance",
    manager: str | None = "megan",
    groups: Iterable[str] = (),
    roles: Iterable[Role] = (),
    enabled: bool = True,
) -> Person:
    """Gives a person whose id is the name; every person is an employee besides the roles named."""
    return Person(
        id=PersonId(name),
        name=name.title(),
        email=f"{name}@acme.test" if email is None else email,
        title=title,
        department=department,
        manager=None if manager is None else PersonId(manager),
        groups=frozenset(groups),
        roles=frozenset({Role.EMPLOYEE, *roles}),
        enabled=enabled,
    )


def a_technician(name: str = "bob", *, groups: Iterable[str] = ()) -> Person:
    """Gives a person with the role technician."""
    return a_person(name, roles=(Role.TECHNICIAN,), groups=groups)


def an_admin(name: str = "ada", *, groups: Iterable[str] = ()) -> Person:
    """Gives a person with the role admin."""
    return a_person(name, roles=(Role.ADMIN,), groups=groups)


def a_definition(
    tool: ToolId = RESET,
    *,
    title: str = "",
    description: str = "Does what its name says.",
    input_schema: JsonObject | None = None,
    output_schema: JsonObject | None = None,
    annotations: JsonObject | None = None,
) -> ToolDefinition:
    """Gives a definition as a tool server sends it; without a schema of its own, any object is accepted."""
    return ToolDefinition(
        id=tool,
        title=title,
        description=description,
        input_schema={"type": "object"} if input_schema is None else input_schema,
        output_schema=output_schema,
        annotations=annotations,
    )


def a_tool(
    tool: ToolId = RESET,
    *,
    definition: ToolDefinition | None = None,
    effect: Effect = Effect.WRITE,
    drifted: bool = False,
    present: bool = True,
    enabled: bool = True,
    connector_on: bool = True,
) -> CatalogTool:
    """Gives a tool of the catalog; a drifted one was accepted under another fingerprint."""
    known = a_definition(tool) if definition is None else definition
    return CatalogTool(
        definition=known,
        fingerprint=known.fingerprint,
        accepted="another fingerprint" if drifted else known.fingerprint,
        effect=effect,
        why="manifest",
        present=present,
        enabled=enabled,
        connector_on=connector_on,
    )


def a_call(tool: ToolId = RESET, arguments: JsonObject = ARGUMENTS) -> ToolCall:
    """Gives a call of the tool."""
    return ToolCall(tool=tool, arguments=arguments)


def a_situation(
    *,
    call: ToolCall | None = None,
    arguments: JsonObject = ARGUMENTS,
    tool: CatalogTool | None = None,
    requester: Person | None = None,
    agent: str = "countersign",
    surface: str = "slack",
    now: datetime = NOW,
    zone: tzinfo = UTC,
    spent: Iterable[str] = (),
) -> Situation:
    """Gives the situation of a call of a known tool; the arguments count where there is no call."""
    made = a_call(arguments=arguments) if call is None else call
    return Situation(
        call=made,
        digest=made.digest,
        tool=a_tool(made.tool) if tool is None else tool,
        requester=a_person() if requester is None else requester,
        agent=agent,
        surface=surface,
        now=now,
        zone=zone,
        spent=frozenset(GrantId(grant) for grant in spent),
    )


def a_condition(attribute: str, operator: str, value: JsonValue) -> Condition:
    """Gives `attribute operator value`, unchecked."""
    return Condition(attribute=attribute, operator=Operator(operator), value=value)


def tools_named(*names: str) -> NamedTools:
    """Gives the scope of these tools."""
    return NamedTools(frozenset(names))


def all_tools(*, excluded: Iterable[str] = ()) -> AllTools:
    """Gives the scope of all tools, or all but these."""
    return AllTools(frozenset(excluded))


def chosen(*, persons: Iterable[str] = (), groups: Iterable[str] = ()) -> Chosen:
    """Gives these persons and the members of these groups as subjects."""
    return Chosen(persons=frozenset(PersonId(person) for person in persons), groups=frozenset(groups))


def a_policy(
    action: Action = Action.APPROVAL_NEEDED,
    *,
    name: str = "Ask first",
    connector: str = RESET.connector,
    tools: ToolScope | None = None,
    subjects: Subjects = EVERYONE,
    conditions: Iterable[Condition] = (),
    requirement: Requirement = TECHNICIAN_ONLY,
    otherwise: Otherwise = Action.DISABLED,
    standing: Standing = Standing.UNSAID,
    enabled: bool = True,
    source: PolicySource = PolicySource.ADMIN,
    version: int = 1,
    ends: datetime | None = None,
) -> Policy:
    """Gives a policy for all tools of the connector and everyone; its id is made from its name."""
    return Policy(
        id=PolicyId(f"policy-{name}"),
        name=name,
        connector=connector,
        tools=AllTools() if tools is None else tools,
        subjects=subjects,
        conditions=tuple(conditions),
        action=action,
        requirement=requirement,
        otherwise=otherwise,
        standing=standing,
        enabled=enabled,
        source=source,
        owner="ada",
        version=version,
        created=NOW - timedelta(days=10),
        updated=NOW - timedelta(days=10),
        ends=ends,
    )


def a_grant(
    grant: str = "grant-1",
    *,
    tool: ToolId = RESET,
    holder: Holder | None = None,
    arguments: ArgumentScope | None = None,
    agent: str | None = None,
    technician_groups: Iterable[str] = (TECHNICIANS,),
    manager: bool = False,
    fingerprint: str | None = None,
    giver: str = "bob",
    ends: datetime | None = NOW + timedelta(days=30),
    uses_limit: int | None = None,
    daily_limit: int | None = None,
    uses: int = 0,
    uses_today: int = 0,
    used_on: date | None = None,
    revoked: datetime | None = None,
    suspended: bool = False,
) -> Grant:
    """Gives Bob's standing approval for Alice and exactly the default arguments, of the default tool."""
    return Grant(
        id=GrantId(grant),
        tool=tool,
        holder=HolderPerson(PersonId("alice")) if holder is None else holder,
        arguments=ExactArguments(ARGUMENTS) if arguments is None else arguments,
        agent=agent,
        technician_groups=frozenset(technician_groups),
        manager=manager,
        fingerprint=a_definition(tool).fingerprint if fingerprint is None else fingerprint,
        giver=PersonId(giver),
        reason="Asked for often.",
        created=NOW - timedelta(days=1),
        ends=ends,
        uses_limit=uses_limit,
        daily_limit=daily_limit,
        uses=uses,
        uses_today=uses_today,
        used_on=used_on,
        revoked=revoked,
        suspended=suspended,
    )


def a_freeze(
    scope: FreezeScope = FreezeScope.TENANT, target: str = "", *, reason: str = "An incident is under way."
) -> Freeze:
    """Gives a freeze by Ada."""
    return Freeze(scope=scope, target=target, by="ada", reason=reason, at=NOW - timedelta(hours=1))


def a_policy_set(
    *,
    policies: Iterable[Policy] = (),
    tenant_default: Action = Action.APPROVAL_NEEDED,
    connector_defaults: Mapping[str, Action] | None = None,
    grants: Iterable[Grant] = (),
    freezes: Iterable[Freeze] = (),
) -> PolicySet:
    """Gives a policy set that holds nothing but what is named."""
    return PolicySet.of(
        policies=policies,
        defaults=Defaults(tenant=tenant_default, connectors=connector_defaults or {}),
        grants=grants,
        freezes=freezes,
    )
