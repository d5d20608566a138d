import json
import re
from pathlib import Path

import jsonschema_rs
import pytest

from bot.documents.findings import BadDocument
from bot.documents.tree import plain, read_tree
from bot.domain.actions import Action
from bot.domain.attributes import ATTRIBUTES
from bot.domain.policies import Operator, Skip, Standing
from bot.policyfile import grant_fields, policy_fields
from bot.policyfile.read import read_entries
from bot.policyfile.schema import schema_text

SCHEMA = json.loads(schema_text())
VALIDATOR = jsonschema_rs.validator_for(SCHEMA)

POLICY = {"name": "P", "connector": "acme-it", "tools": "all", "action": "auto"}
GRANT = {
    "tool": "acme-it:reset_password",
    "holder": "everyone",
    "arguments": "any",
    "seats": "[technician]",
    "giver": "bob@acme.test",
    "ends": "never",
}


def a_file(key: str, fields: dict[str, str]) -> str:
    return f"version: 1\n{key}:\n  -\n" + "".join(f"    {name}: {value}\n" for name, value in fields.items())


def a_policy(**fields: str) -> str:
    return a_file("policies", {**POLICY, **fields})


def a_condition(attribute: str, operator: str, value: str) -> str:
    return a_policy(when=f"[{{attribute: {attribute}, operator: '{operator}', value: {value}}}]")


def a_grant(**fields: str) -> str:
    return a_file("grants", {**GRANT, **fields})


def is_read(text: str) -> bool:
    try:
        return not read_entries(text, file="policies.yaml").notes.findings
    except BadDocument:
        return False


def is_valid(text: str) -> bool:
    return VALIDATOR.is_valid(plain(read_tree(text, file="policies.yaml")))


def test_the_schema_is_one_of_its_draft() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert jsonschema_rs.meta.is_valid(SCHEMA)


def test_the_schema_names_every_key_and_word_that_the_reader_knows() -> None:
    defined = SCHEMA["$defs"]
    assert set(defined["policy"]["properties"]) == set(policy_fields._KEYS)
    assert set(defined["grant"]["properties"]) == set(grant_fields._KEYS)
    assert defined["action"]["anyOf"][0]["enum"] == list(Action)
    assert {Action.parse(word) for word in defined["action"]["anyOf"][1]["enum"]} == set(Action)
    assert defined["condition"]["properties"]["operator"]["enum"] == list(Operator)
    assert defined["attribute"]["anyOf"][0]["enum"] == list(ATTRIBUTES)
    assert defined["policy"]["properties"]["otherwise"]["anyOf"][0]["const"] == Skip.SKIP
    assert {*defined["policy"]["properties"]["standing"]["enum"], "unsaid"} == set(Standing)


def test_every_key_is_described_for_editors() -> None:
    for name in ("policy", "grant"):
        for key, field in SCHEMA["$defs"][name]["properties"].items():
            described = field.get("description") or SCHEMA["$defs"][field["$ref"].split("/")[-1]]
            assert described, key


def test_the_schema_is_in_the_package() -> None:
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    assert re.search(r'module-name = "bot"', project)
    assert not re.search(r"(source|wheel)-exclude", project)


@pytest.mark.parametrize(
    "text",
    [
        "version: 1",
        "version: 1\ndefaults: {'*': auto, acme-it: deny}",
        a_policy(tools="[get_user, delete_user]", subjects="everyone", otherwise="skip", enabled="false"),
        a_policy(
            tools="{all: true, except: [get_user]}", subjects="{groups: [sales]}", ends="2027-01-31T00:00:00Z"
        ),
        a_policy(approvers="{group: technicians, quorum: 2}", manager="true", standing="forbidden"),
        a_policy(approvers="[{group: a}, {group: b, quorum: 100}]", description=f"'{'x' * 160}'"),
        a_condition("args.amount", ">", "500"),
        a_condition("args.user", "same_as", "requester.email"),
        a_condition("time.weekday", "in", "[monday, 2]"),
        a_condition("agent", "exists", "true"),
        a_grant(),
        a_grant(
            holder="{person: a@acme.test}", arguments="{pinned: {user: '*'}}", uses="10", uses_per_day="1"
        ),
        a_grant(
            holder="{group: sales}", arguments="{exact: {}}", seats="[manager]", reason="''", agent="any"
        ),
    ],
)
def test_what_is_right_is_right_for_both(text: str) -> None:
    assert is_read(text)
    assert is_valid(text)


@pytest.mark.parametrize(
    "text",
    [
        "policies: []",
        "version: 2",
        "version: true",
        "[]",
        "version: 1\nmore: 1",
        "version: 1\npolicies: {}",
        "version: 1\ndefaults: []",
        "version: 1\ndefaults: {'*': maybe}",
        "version: 1\ndefaults: {a: 5}",
        "version: 1\npolicies: [x]",
        "version: 1\ngrants: {}",
        *[
            a_file("policies", {key: value for key, value in POLICY.items() if key != left})
            for left in POLICY
        ],
        *[a_file("grants", {key: value for key, value in GRANT.items() if key != left}) for left in GRANT],
        a_policy(tols="all"),
        a_policy(name="''"),
        a_policy(name="' x'"),
        a_policy(name='"a\\nb"'),
        a_policy(name="5"),
        a_policy(name="x" * 401),
        a_policy(description="x" * 161),
        a_policy(description="5"),
        a_policy(tools="[]"),
        a_policy(tools="some"),
        a_policy(tools="[a, a]"),
        a_policy(tools="[5]"),
        a_policy(tools="{all: false}"),
        a_policy(tools="{except: [a]}"),
        a_policy(tools="{all: true, but: [a]}"),
        a_policy(subjects="nobody"),
        a_policy(subjects="{}"),
        a_policy(subjects="{persons: []}"),
        a_policy(subjects="{persons: eve}"),
        a_policy(subjects="{people: [eve]}"),
        a_policy(action="maybe"),
        a_policy(action="7"),
        a_policy(otherwise="skipp"),
        a_policy(manager="yes"),
        a_policy(enabled="1"),
        a_policy(approvers="{quorum: 0}"),
        a_policy(approvers="{quorum: 101}"),
        a_policy(approvers="{quorum: 1.5}"),
        a_policy(approvers="{quorum: true}"),
        a_policy(approvers="technicians"),
        a_policy(approvers="{n: 1}"),
        a_policy(standing="unsaid"),
        a_policy(ends="2027-01-31"),
        a_policy(ends="2027-01-31T00:00:00"),
        a_policy(ends="soon"),
        a_policy(ends="5"),
        a_policy(when="{}"),
        a_policy(when="[x]"),
        a_policy(when="[{attribute: agent, operator: is}]"),
        a_policy(when="[{attribute: agent, operator: is, value: x, note: y}]"),
        a_policy(when="[" + "{attribute: agent, operator: is, value: x}, " * 33 + "]"),
        a_condition("agnt", "is", "x"),
        a_condition("args.", "is", "x"),
        a_condition("agent", "equals", "x"),
        a_condition("agent", "exists", "yes"),
        a_condition("agent", "in", "x"),
        a_condition("agent", "in", "[]"),
        a_condition("agent", "is", "{}"),
        a_condition("agent", "is", "[x]"),
        a_condition("agent", "matches", "5"),
        a_condition("args.n", "<", "true"),
        a_condition("args.u", "same_as", "5"),
        a_condition("args.u", "same_as", "user"),
        a_condition("agent", "is", "x" * 1001),
        a_grant(tool="reset_password"),
        a_grant(holder="alice"),
        a_grant(holder="{person: a, group: b}"),
        a_grant(arguments="some"),
        a_grant(arguments="{exact: 5}"),
        a_grant(arguments="{pinned: {}}"),
        a_grant(arguments="{exact: {}, pinned: {a: 1}}"),
        a_grant(seats="[]"),
        a_grant(seats="[janitor]"),
        a_grant(ends="tomorrow"),
        a_grant(uses="0"),
        a_grant(uses="1000001"),
        a_grant(uses_per_day="-1"),
        a_grant(reason="5"),
        a_grant(id="x"),
    ],
)
def test_what_the_reader_refuses_for_its_shape_the_schema_refuses_too(text: str) -> None:
    assert not is_read(text)
    assert not is_valid(text)
