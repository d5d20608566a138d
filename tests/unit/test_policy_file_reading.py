import pytest

from bot.documents.findings import BadDocument
from bot.domain.actions import Action, Effect
from bot.domain.people import TECHNICIANS, Person, PersonId
from bot.domain.policies import EVERYONE, AllTools, Chosen, NamedTools, Skip, Standing
from bot.domain.tools import CatalogTool, ToolDefinition, ToolId
from bot.policyfile.read import read_wanted
from bot.ports.directory import DirectoryUnreachable
from bot.ports.policy_files import Wanted
from tests.fakes.directory import FakeDirectory

TOOLS = [ToolId("acme-it", name) for name in ("delete_user", "get_user", "reset_password")]
CATALOG = {
    tool: CatalogTool(
        definition=ToolDefinition(id=tool, input_schema={}),
        fingerprint="f",
        accepted="f",
        effect=Effect.WRITE,
        why="",
    )
    for tool in TOOLS
}
PEOPLE = [Person(id=PersonId(key), name=key, email=f"{key}@acme.test") for key in ("alice", "bob", "eve")]

SAMPLE = """\
version: 1
defaults:
  "*": approval_needed            # tenant default
  acme-it: auto                   # connector default
policies:
  - name: Contractors never delete
    description: Until the offboarding runbook is signed off.
    connector: acme-it
    tools: [delete_user]
    subjects: {persons: [eve@acme.test], groups: [contractors]}
    when:
      - {attribute: agent, operator: is, value: chatgpt}
      - {attribute: args.amount, operator: ">", value: 500}
    action: disabled
    otherwise: skip
    manager: false
    approvers: {group: technicians, quorum: 1}
    standing: allowed
    ends: 2027-01-31T00:00:00Z
    enabled: true
grants:
  - tool: acme-it:reset_password
    holder: {person: alice@acme.test}
    arguments: {exact: {user: alice@acme.test}}
    agent: any
    seats: [technician]
    giver: bob@acme.test
    ends: 2027-01-31T00:00:00Z
    uses: 10
"""


async def read(text: str, *, with_grants: bool = False, directory: FakeDirectory | None = None) -> Wanted:
    return await read_wanted(
        text,
        file="policies.yaml",
        catalog=CATALOG,
        connectors=["acme-it"],
        directory=directory or FakeDirectory(PEOPLE, groups=["contractors"]),
        with_grants=with_grants,
    )


async def problems(text: str, *, with_grants: bool = False) -> list[tuple[int, str]]:
    with pytest.raises(BadDocument) as caught:
        await read(text, with_grants=with_grants)
    return [(finding.line, finding.sentence) for finding in caught.value.findings]


def a_policy(**fields: str) -> str:
    given = {"name": "P", "connector": "acme-it", "tools": "all", "action": "auto", **fields}
    return "version: 1\npolicies:\n  -\n" + "".join(f"    {key}: {value}\n" for key, value in given.items())


async def test_every_field_of_the_documented_sample_is_understood() -> None:
    wanted = await read(SAMPLE, with_grants=True)
    assert wanted.defaults == {"*": Action.APPROVAL_NEEDED, "acme-it": Action.AUTO}
    (policy,) = wanted.policies
    assert policy.tools == NamedTools(frozenset({"delete_user"}))
    assert policy.subjects == Chosen(persons=frozenset({PersonId("eve")}), groups=frozenset({"contractors"}))
    assert [condition.value for condition in policy.conditions] == ["chatgpt", 500]
    assert policy.otherwise is Skip.SKIP
    assert policy.standing is Standing.ALLOWED
    assert policy.requirement.groups == {TECHNICIANS: 1}
    assert policy.ends is not None
    (grant,) = wanted.grants
    assert grant.giver == "bob"
    assert grant.uses_limit == 10
    assert grant.agent is None


async def test_standing_approvals_are_read_only_when_asked_for() -> None:
    assert (await read(SAMPLE)).grants == ()


async def test_what_is_left_out_means_everyone_always_and_disabled_otherwise() -> None:
    (policy,) = (await read(a_policy())).policies
    assert policy.subjects == EVERYONE
    assert policy.conditions == ()
    assert policy.otherwise is Action.DISABLED
    assert policy.enabled


@pytest.mark.parametrize(
    ("word", "action"),
    [
        ("auto", Action.AUTO),
        ("Allow", Action.AUTO),
        ("Step up", Action.STEP_UP),
        ("Request approval", Action.APPROVAL_NEEDED),
        ("review", Action.APPROVAL_NEEDED),
        ("Deny", Action.DISABLED),
        ("block", Action.DISABLED),
    ],
)
async def test_the_action_words_of_other_products_are_understood(word: str, action: Action) -> None:
    (policy,) = (await read(a_policy(action=word))).policies
    assert policy.action is action


@pytest.mark.parametrize(
    ("tools", "scope"),
    [
        ("all", AllTools()),
        ("{all: true, except: [get_user]}", AllTools(frozenset({"get_user"}))),
        ("[get_user, delete_user]", NamedTools(frozenset({"get_user", "delete_user"}))),
    ],
)
async def test_tools_are_names_or_all_or_all_except_some(tools: str, scope: AllTools | NamedTools) -> None:
    (policy,) = (await read(a_policy(tools=tools))).policies
    assert policy.tools == scope


@pytest.mark.parametrize(
    ("fields", "line", "part"),
    [
        ({"tols": "all"}, 8, "Did you mean “tools”?"),
        ({"action": "maybe"}, 7, "maybe"),
        ({"action": "7"}, 7, "must be a text"),
        ({"connector": "acme-itt"}, 5, "Did you mean “acme-it”?"),
        ({"tools": "[delete_usr]"}, 6, "Did you mean “delete_user”?"),
        ({"tools": "[]"}, 6, "empty"),
        ({"tools": "some"}, 6, "the word all"),
        ({"subjects": "{persons: [mallory@acme.test]}"}, 8, "mallory@acme.test"),
        ({"subjects": "{groups: [ghosts]}"}, 8, "ghosts"),
        ({"subjects": "{}"}, 8, "nobody"),
        ({"approvers": "{group: ghosts}"}, 8, "ghosts"),
        ({"approvers": "{quorum: 0}"}, 8, "whole number"),
        ({"approvers": "{quorum: true}"}, 8, "whole number"),
        ({"when": "[{attribute: agnt, operator: is, value: x}]"}, 8, "agnt"),
        ({"when": "[{attribute: agent, operator: equals, value: x}]"}, 8, "equals"),
        ({"when": "[{attribute: agent, operator: is, value: 5}]"}, 8, "a text"),
        ({"when": "[{attribute: agent, operator: is}]"}, 8, "needs “value”"),
        ({"ends": "2027-01-31"}, 8, "zone"),
        ({"manager": "yes"}, 8, "true or false"),
        ({"standing": "perhaps"}, 8, "perhaps"),
        ({"description": "x" * 161}, 8, "160"),
        ({"name": "' '"}, 4, "visible text"),
    ],
)
async def test_a_mistake_is_told_with_its_line(fields: dict[str, str], line: int, part: str) -> None:
    ((at, sentence),) = await problems(a_policy(**fields))
    assert at == line
    assert part in sentence


async def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    text = SAMPLE.replace("eve@", "mallory@").replace("acme-it: auto", "acme: auto").replace("skip", "skipp")
    assert [line for line, _ in await problems(text + "more: 1\n")] == [4, 10, 15, 30]


async def test_a_name_that_stands_twice_is_refused_with_both_lines() -> None:
    ((line, sentence),) = await problems(a_policy() + a_policy().partition("policies:\n")[2])
    assert line == 9
    assert "line 4" in sentence


async def test_a_key_that_stands_twice_is_refused() -> None:
    ((line, sentence),) = await problems(a_policy() + "    action: disabled\n")
    assert line == 8
    assert "twice" in sentence


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("acme-it:reset_password", "acme-it:reset", "reset"),
        ("acme-it:reset_password", "reset_password", "connector:tool"),
        ("{person: alice@acme.test}", "{person: mallory@acme.test}", "mallory"),
        ("{person: alice@acme.test}", "nobody", "holder"),
        ("{exact: {user: alice@acme.test}}", "{exact: 5}", "arguments with their values"),
        ("{exact: {user: alice@acme.test}}", "{pinned: {}}", "arguments with their values"),
        ("[technician]", "[janitor]", "janitor"),
        ("giver: bob", "giver: mallory", "mallory"),
        ("uses: 10", "uses: -1", "whole number"),
    ],
)
async def test_a_mistake_in_a_standing_approval_is_told(old: str, new: str, part: str) -> None:
    found = await problems(SAMPLE.replace(old, new), with_grants=True)
    assert part in " ".join(sentence for _, sentence in found)


async def test_a_standing_approval_without_its_end_is_refused_and_never_is_an_end() -> None:
    without = SAMPLE.replace(
        "    giver: bob@acme.test\n    ends: 2027-01-31T00:00:00Z\n", "    giver: bob@acme.test\n"
    )
    assert "needs “ends”" in (await problems(without, with_grants=True))[0][1]
    endless = without.replace("    uses: 10\n", "    ends: never\n")
    assert (await read(endless, with_grants=True)).grants[0].ends is None


@pytest.mark.parametrize(
    "text",
    ["", "[", "a: *b", "\x00", "policies: []", "version: 2", "version: true", "- 1",
     "version: 1\n---\nversion: 1",
     "x: &a [*a]", "[" * 5000, "version: 1\ndefaults: !!python/object:os.system {}", "version: 0x1"],
)  # fmt: skip
async def test_no_text_does_more_than_being_refused(text: str) -> None:
    assert await problems(text)


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("version: 1\npolicies:\n\t- name: P\n", 3, "column 1: a tab stands here; indent with spaces"),
        ("version: 1\npolicies:\n  - name: a: b\n", 3, "column 12"),
        ("version: 1\n---\nversion: 1\n", 2, "a second document begins"),
        ("- version: 1\n", 1, "the policy file must be names with values"),
    ],
)
async def test_what_is_no_yaml_is_told_with_line_and_column(text: str, line: int, part: str) -> None:
    ((at, sentence),) = await problems(text)
    assert at == line
    assert part in sentence


async def test_aliases_that_multiply_are_refused_quickly() -> None:
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12))
    assert "aliases" in " ".join(sentence for _, sentence in await problems(f"a0: &a0 [x]\n{levels}"))


async def test_a_directory_that_is_away_refuses_the_file() -> None:
    directory = FakeDirectory(PEOPLE)
    directory.unreachable = True
    with pytest.raises(DirectoryUnreachable):
        await read(SAMPLE, directory=directory)
