"""Small random worlds, in which policies, grants and calls often meet."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st

from bot.domain.actions import Action, Effect
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.decisions import Situation
from bot.domain.grants import (
    AnyArguments,
    ArgumentScope,
    ExactArguments,
    Grant,
    Holder,
    HolderGroup,
    HolderPerson,
    PinnedArguments,
)
from bot.domain.people import TECHNICIANS, PersonId
from bot.domain.policies import (
    EVERYONE,
    AllTools,
    Condition,
    Defaults,
    Freeze,
    FreezeScope,
    NamedTools,
    Operator,
    Otherwise,
    Policy,
    PolicyId,
    Requirement,
    Skip,
    Standing,
    Subjects,
    ToolScope,
)
from bot.domain.tools import ToolId
from tests.builders import (
    NOW,
    a_call,
    a_definition,
    a_freeze,
    a_grant,
    a_person,
    a_policy,
    a_situation,
    a_tool,
    chosen,
)

PERSONS = ("alice", "carol", "bob", "megan")
GROUPS = ("staff", "contractors", "on-call")
CONNECTORS = ("acme-it", "crm")
TOOL_NAMES = ("get_user", "reset_password", "delete_user")

TEXTS = st.sampled_from(("", "a", "ab", "abc", "alice@acme.test", "staff", "*"))
NUMBERS = st.integers(-2, 3) | st.sampled_from((0.5, 1.0, 2.5))
SCALARS = TEXTS | NUMBERS | st.booleans() | st.none()

json_values: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)

arguments: st.SearchStrategy[JsonObject] = st.fixed_dictionaries(
    {},
    optional={
        "user": SCALARS,
        "amount": SCALARS,
        "ids": st.lists(SCALARS, max_size=3),
        "a.b": SCALARS,
        "a": st.fixed_dictionaries({}, optional={"b": SCALARS}) | SCALARS,
    },
)

tool_ids = st.builds(ToolId, st.sampled_from(CONNECTORS), st.sampled_from(TOOL_NAMES))
persons = st.builds(
    a_person,
    st.sampled_from(PERSONS[:2]),
    groups=st.sets(st.sampled_from(GROUPS)),
    manager=st.sampled_from(("megan", "bob", None)),
    department=st.sampled_from(("Finance", "")),
)

ATTRIBUTES = st.sampled_from(
    (
        "agent",
        "surface",
        "effect",
        "requester.department",
        "requester.groups",
        "args.user",
        "args.amount",
        "args.ids",
        "args.ids.0",
        "args.a.b",
        "time.weekday",
    )
)


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    """Conditions of all operators, also such that make no sense."""
    operator = draw(st.sampled_from(Operator))
    attribute = draw(ATTRIBUTES)
    value: JsonValue = draw(SCALARS | st.sampled_from(("chatgpt", "slack", "write", "Finance")))
    if operator in (Operator.IN, Operator.NOT_IN):
        value = draw(st.lists(SCALARS, max_size=3))
    elif operator is Operator.EXISTS:
        value = draw(st.booleans())
    elif operator is Operator.SAME_AS:
        value = draw(ATTRIBUTES)
    elif operator is Operator.MATCHES:
        value = draw(st.text("ab*?", max_size=5))
    return Condition(attribute=attribute, operator=operator, value=value)


requirements = st.builds(
    Requirement,
    groups=st.dictionaries(st.sampled_from((TECHNICIANS, "security")), st.integers(1, 2), max_size=2),
    manager=st.booleans(),
)
tool_scopes: st.SearchStrategy[ToolScope] = st.builds(
    AllTools, st.frozensets(st.sampled_from(TOOL_NAMES), max_size=1)
) | st.builds(NamedTools, st.frozensets(st.sampled_from(TOOL_NAMES)))
subject_choices: st.SearchStrategy[Subjects] = st.just(EVERYONE) | st.builds(
    chosen,
    persons=st.sets(st.sampled_from(PERSONS[:2]), max_size=2),
    groups=st.sets(st.sampled_from(GROUPS), max_size=2),
)
otherwises: st.SearchStrategy[Otherwise] = st.sampled_from((*Action, Skip.SKIP))
ends = st.sampled_from((None, NOW - timedelta(seconds=1), NOW, NOW + timedelta(seconds=1)))

_policies = st.builds(
    a_policy,
    st.sampled_from(Action),
    connector=st.sampled_from(CONNECTORS),
    tools=tool_scopes,
    subjects=subject_choices,
    conditions=st.lists(conditions(), max_size=2),
    requirement=requirements,
    otherwise=otherwises,
    standing=st.sampled_from(Standing),
    enabled=st.sampled_from((True, True, True, False)),
    ends=ends,
)


def _named(policies: list[Policy]) -> list[Policy]:
    return [
        replace(policy, name=f"Policy {number}", id=PolicyId(f"policy-{number}"))
        for number, policy in enumerate(policies)
    ]


policy_lists = st.lists(_policies, max_size=6).map(_named)
defaults = st.builds(
    Defaults,
    tenant=st.sampled_from(Action),
    connectors=st.dictionaries(st.sampled_from(CONNECTORS), st.sampled_from(Action), max_size=1),
)

holders: st.SearchStrategy[Holder] = (
    st.just(EVERYONE)
    | st.builds(HolderPerson, st.sampled_from([PersonId(person) for person in PERSONS[:2]]))
    | st.builds(HolderGroup, st.sampled_from(GROUPS))
)
pins: st.SearchStrategy[JsonObject] = st.dictionaries(
    st.sampled_from(("user", "amount", "a.b", "ids.0")), SCALARS, max_size=2
)
argument_scopes: st.SearchStrategy[ArgumentScope] = (
    st.just(AnyArguments()) | st.builds(PinnedArguments, pins) | st.builds(ExactArguments, arguments)
)


@st.composite
def grant_lists(draw: st.DrawFn) -> list[Grant]:
    """Grants of which most could be used."""
    count = draw(st.integers(0, 6))
    return [_grant(draw, f"grant-{number}") for number in range(count)]


def _grant(draw: st.DrawFn, name: str) -> Grant:
    tool = draw(tool_ids)
    return a_grant(
        name,
        tool=tool,
        holder=draw(holders),
        arguments=draw(argument_scopes),
        agent=draw(st.sampled_from((None, None, "chatgpt"))),
        technician_groups=draw(st.sets(st.sampled_from((TECHNICIANS, "security")))),
        manager=draw(st.booleans()),
        fingerprint=draw(st.sampled_from((a_definition(tool).fingerprint,) * 4 + ("another",))),
        giver=draw(st.sampled_from(("bob", "megan", "dora", "alice"))),
        ends=draw(ends | st.none()),
        uses_limit=draw(st.sampled_from((None, None, 2))),
        daily_limit=draw(st.sampled_from((None, None, 1))),
        uses=draw(st.integers(0, 2)),
        uses_today=draw(st.integers(0, 1)),
        used_on=draw(st.sampled_from((None, NOW.date(), date(2026, 11, 19)))),
        revoked=draw(st.sampled_from((None, None, None, NOW))),
        suspended=draw(st.sampled_from((False, False, False, True))),
    )


freeze_lists: st.SearchStrategy[list[Freeze]] = st.lists(
    st.sampled_from(
        (
            a_freeze(FreezeScope.CONNECTOR, "crm"),
            a_freeze(FreezeScope.TOOL, "acme-it:delete_user"),
            a_freeze(FreezeScope.PERSON, "carol"),
        )
    ),
    max_size=1,
)


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Calls of known tools, mostly as they were accepted."""
    call = a_call(draw(tool_ids), draw(arguments))
    tool = a_tool(
        call.tool,
        effect=draw(st.sampled_from(Effect)),
        drifted=draw(st.sampled_from((False, False, False, True))),
        enabled=draw(st.sampled_from((True, True, True, True, False))),
    )
    return a_situation(
        call=call,
        tool=tool,
        requester=draw(persons),
        agent=draw(st.sampled_from(("chatgpt", "countersign"))),
        surface=draw(st.sampled_from(("slack", "teams"))),
        spent=draw(st.sets(st.sampled_from(("grant-0", "grant-1")), max_size=1)),
    )
