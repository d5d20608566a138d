import json
from datetime import UTC, datetime, timedelta

import jsonschema_rs
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.documents.tree import plain, read_tree
from bot.domain.actions import Action, Effect
from bot.domain.canonical import JsonValue, canonical
from bot.domain.conditions import checked
from bot.domain.errors import Refusal
from bot.domain.grants import (
    AnyArguments,
    ExactArguments,
    Grant,
    GrantId,
    HolderGroup,
    HolderPerson,
    PinnedArguments,
)
from bot.domain.people import TECHNICIANS, Person, PersonId
from bot.domain.policies import (
    EVERYONE,
    AllTools,
    Chosen,
    Condition,
    Defaults,
    NamedTools,
    Operator,
    Policy,
    PolicyId,
    PolicySource,
    Requirement,
    Skip,
    Standing,
)
from bot.domain.tools import CatalogTool, ToolDefinition, ToolId
from bot.flow.wanted import NOWHEN, bare, bare_grant, grant_words, policy_words
from bot.policyfile.read import read_wanted
from bot.policyfile.schema import schema_text
from bot.policyfile.write import document, write_text
from bot.ports.policy_files import Content, Wanted
from tests.fakes.directory import FakeDirectory

CONNECTORS = ("acme-it", "007", "true", "null", "a.b")
TOOLS = ("get", "yes", "1e3", "files/read", "a:b", "~x"[1:], "delete_user")
GROUPS = ("sales", "no", "0x1f", "ünï çødé", "- dash", "#hash", "a: b", "*", "&a", "{x}", "'q\"")
PEOPLE = {
    PersonId(f"p{number}"): address
    for number, address in enumerate(["alice@acme.test", "o'brien@acme.test", "null@acme.test"])
}
CATALOG = {
    ToolId(connector, tool): CatalogTool(
        definition=ToolDefinition(id=ToolId(connector, tool), input_schema={}),
        fingerprint="f",
        accepted="f",
        effect=Effect.WRITE,
        why="",
    )
    for connector in CONNECTORS
    for tool in TOOLS
}

texts = st.text(st.characters(codec="utf-8"), max_size=30)
visible = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"])
names = st.text(visible, min_size=1, max_size=30).map(str.strip).filter(bool)
moments = st.integers(0, 10**15).map(
    lambda past: datetime(2027, 1, 31, tzinfo=UTC) + timedelta(microseconds=past)
)
scalars: st.SearchStrategy[JsonValue] = (
    texts | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
)
values: st.SearchStrategy[JsonValue] = st.recursive(
    scalars | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
persons = st.frozensets(st.sampled_from(sorted(PEOPLE)), max_size=2)
groups = st.frozensets(st.sampled_from(GROUPS), max_size=2)
tool_names = st.frozensets(st.sampled_from(TOOLS), min_size=1, max_size=3)


def _valid(condition: Condition) -> bool:
    try:
        checked(condition)
    except Refusal:
        return False
    return True


conditions = (
    st.builds(
        Condition,
        attribute=st.sampled_from(["agent", "args.x", "args.a b: c", "requester.email", "time.hour"]),
        operator=st.sampled_from(Operator),
        value=scalars | st.lists(scalars, min_size=1, max_size=3) | st.just("requester.email"),
    )
    .filter(_valid)
    .map(checked)
)
policies = st.builds(
    Policy,
    id=st.just(PolicyId("")),
    name=names,
    description=texts,
    connector=st.sampled_from(CONNECTORS),
    tools=st.builds(NamedTools, tool_names) | st.builds(AllTools, tool_names) | st.just(AllTools()),
    subjects=st.just(EVERYONE)
    | st.builds(Chosen, persons=persons, groups=groups).filter(lambda chosen: chosen != Chosen()),
    conditions=st.lists(conditions, max_size=2).map(tuple),
    action=st.sampled_from(Action),
    requirement=st.builds(
        Requirement,
        groups=st.dictionaries(
            st.sampled_from([*GROUPS, TECHNICIANS]), st.integers(1, 9), min_size=1, max_size=2
        ),
        manager=st.booleans(),
    ),
    otherwise=st.sampled_from([*Action, Skip.SKIP]),
    standing=st.sampled_from(Standing),
    enabled=st.booleans(),
    source=st.just(PolicySource.IMPORT),
    version=st.just(0),
    created=st.just(NOWHEN),
    updated=st.just(NOWHEN),
    ends=moments | st.none(),
)
people = st.sampled_from(sorted(PEOPLE))
arguments = st.dictionaries(texts, values, max_size=3)
seats = st.sampled_from([frozenset[str](), frozenset({TECHNICIANS}), frozenset({"sales", TECHNICIANS})])
grants = st.builds(
    Grant,
    id=st.just(GrantId("")),
    tool=st.builds(ToolId, st.sampled_from(CONNECTORS), st.sampled_from(TOOLS)),
    holder=st.just(EVERYONE)
    | st.builds(HolderPerson, people)
    | st.builds(HolderGroup, st.sampled_from(GROUPS)),
    arguments=st.just(AnyArguments())
    | st.builds(ExactArguments, arguments)
    | st.builds(PinnedArguments, arguments.filter(bool)),
    agent=names.filter(lambda name: name != "any") | st.none(),
    technician_groups=seats,
    manager=st.booleans(),
    fingerprint=st.just(""),
    giver=people,
    reason=texts,
    created=st.just(NOWHEN),
    ends=moments | st.none(),
    uses_limit=st.integers(1, 1000) | st.none(),
    daily_limit=st.integers(1, 1000) | st.none(),
).filter(lambda grant: grant.manager or bool(grant.technician_groups))
SCHEMA = jsonschema_rs.validator_for(json.loads(schema_text()))


def directory() -> FakeDirectory:
    found = [Person(id=key, name=key, email=address) for key, address in PEOPLE.items()]
    return FakeDirectory(found, groups=GROUPS)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(policies, max_size=4, unique_by=lambda policy: policy.name),
    st.lists(grants, max_size=3),
    st.dictionaries(st.sampled_from(CONNECTORS), st.sampled_from(Action), max_size=3),
    st.sampled_from(Action),
)
async def test_every_exported_file_reads_back_as_what_was_exported(
    some: list[Policy], given_ahead: list[Grant], per_connector: dict[str, Action], tenant: Action
) -> None:
    defaults = Defaults(tenant=tenant, connectors=per_connector)
    content = document(Content(defaults=defaults, policies=some, grants=given_ahead), PEOPLE)
    text = write_text(content)
    assert [error.message for error in SCHEMA.iter_errors(plain(read_tree(text, file="policies.yaml")))] == []
    wanted = await read_wanted(
        text,
        file="policies.yaml",
        catalog=CATALOG,
        connectors=CONNECTORS,
        directory=directory(),
        with_grants=True,
    )
    assert wanted.defaults == {"*": tenant, **per_connector}
    by_name = sorted(some, key=lambda policy: policy.name)
    assert list(wanted.policies) == [bare(policy) for policy in by_name]
    assert [policy_words(policy) for policy in wanted.policies] == [policy_words(one) for one in by_name]
    key = [canonical(grant_words(grant)) for grant in wanted.grants]
    assert key == sorted(canonical(grant_words(bare_grant(grant))) for grant in given_ahead)
    again = Content(
        defaults=Defaults(tenant=tenant, connectors=connectors_of(wanted)),
        policies=reversed(wanted.policies),
        grants=reversed(wanted.grants),
    )
    assert write_text(document(again, PEOPLE)) == text


def connectors_of(wanted: Wanted) -> dict[str, Action]:
    return {name: action for name, action in reversed(list(wanted.defaults.items())) if name != "*"}
