import json
from pathlib import Path

import pytest

from bot.app import Deployment
from bot.domain.grants import ExactArguments
from bot.domain.policies import EVERYONE
from bot.domain.tools import ToolId
from tests.builders import a_grant
from tests.command_line import CommandLine, a_command_line, said

RESET = "acme-it:reset_password"
ALICE = ("--as", "alice@acme.test")


@pytest.fixture
def countersign(tmp_path: Path) -> CommandLine:
    return a_command_line(tmp_path)


def test_a_decision_is_explained_in_the_documented_form(countersign: CommandLine) -> None:
    assert countersign("policy", "set", RESET, "approval_needed", "--manager").code == 0
    answer = countersign("policy", "test", *ALICE, "--tool", RESET, "--args", '{"user": "x"}', "--json").json
    reason = answer.pop("reason")
    assert RESET in reason
    assert answer == {
        "action": "approval_needed",
        "seats": [
            {"seat": "technician", "group": "technicians", "quorum": 1, "filled_by": None},
            {"seat": "manager", "person": "megan@acme.test", "filled_by": None},
        ],
        "runs": False,
        "policies": [{"name": RESET, "version": 1, "said": "approval_needed", "won": True}],
        "default": None,
    }


def test_a_manager_who_cannot_be_asked_is_replaced_and_the_answer_says_so(countersign: CommandLine) -> None:
    countersign("policy", "set", RESET, "approval_needed", "--manager")
    answer = countersign("policy", "test", "--as", "eve@acme.test", "--tool", RESET, "--json").json
    seat = answer["seats"][1]
    assert seat["group"] == "it-admins"
    assert seat["person"] is None
    assert "Grace" in seat["explanation"]


def test_what_only_a_default_decides_names_the_default(countersign: CommandLine) -> None:
    def default() -> object:
        return countersign("policy", "test", *ALICE, "--tool", RESET, "--json").json["default"]

    assert default() == "tenant"
    countersign("policy", "set", "acme-it:*", "auto")
    assert default() == "connector"
    countersign("policy", "set", "acme-it:*", "default")
    assert default() == "tenant"


def test_a_standing_approval_fills_the_seat_and_is_named(countersign: CommandLine) -> None:
    arguments = {"user": "alice@acme.test"}

    async def give(deployment: Deployment) -> None:
        async with deployment.store.unit(deployment.tenant) as unit:
            tool = (await unit.connections.catalog())[ToolId.parse(RESET)]
            grant = a_grant(
                "grant-1",
                holder=EVERYONE,
                arguments=ExactArguments(arguments),
                fingerprint=tool.fingerprint,
                giver="u-bob",
                ends=None,
            )
            await unit.grants.add(grant)

    countersign.within(give)
    words = ("policy", "test", *ALICE, "--tool", RESET, "--args", json.dumps(arguments), "--json")
    answer = countersign(*words).json
    assert answer["seats"][0]["filled_by"] == "grant-1"
    assert answer["runs"] is True


def test_a_condition_sees_agent_surface_and_time(countersign: CommandLine) -> None:
    file = countersign.data / "p.yaml"
    file.write_text(
        "version: 1\npolicies:\n  - name: Guarded\n    connector: acme-it\n    tools: all\n"
        "    action: disabled\n"
        "    otherwise: skip\n    when:\n"
        "      - {attribute: agent, operator: is, value: chatgpt}\n"
        "      - {attribute: surface, operator: is, value: slack}\n"
        "      - {attribute: time.weekday, operator: is, value: monday}\n"
    )
    assert countersign("policy", "apply", str(file)).code == 0
    matching = ("--agent", "chatgpt", "--surface", "slack", "--at", "2026-11-16T09:00:00Z")
    asked = ("policy", "test", *ALICE, "--tool", RESET, "--json")
    assert countersign(*asked, *matching).json["action"] == "disabled"
    assert countersign(*asked, *matching, "--at", "2026-11-17T09:00:00").json["action"] == "approval_needed"
    assert countersign(*asked).json["action"] == "approval_needed"


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--as", "mallory@acme.test", "--tool", RESET), "mallory@acme.test"),
        ((*ALICE, "--tool", "reset"), "connector:tool"),
        ((*ALICE, "--tool", RESET, "--args", "{"), "not valid JSON"),
        ((*ALICE, "--tool", RESET, "--args", "[]"), "object"),
        ((*ALICE, "--tool", RESET, "--at", "soon"), "soon"),
    ],
)
def test_a_wrong_question_is_refused_with_a_sentence(
    countersign: CommandLine, words: tuple[str, ...], part: str
) -> None:
    answer = countersign("policy", "test", *words, "--json")
    assert answer.code == 1
    assert answer.out == ""
    assert part in answer.err


def test_a_question_without_person_or_tool_is_wrong_usage(countersign: CommandLine) -> None:
    assert countersign("policy", "test", "--tool", RESET).code == 2


def test_a_batch_answers_each_line_and_a_bad_line_fails_only_itself(countersign: CommandLine) -> None:
    good = {"as": "alice@acme.test", "tool": RESET, "args": {}}
    bad = [{**good, "tols": 1}, {**good, "as": "x"}]
    lines = [json.dumps(good), "", "{", *(json.dumps(question) for question in bad), json.dumps(good)]
    answer = countersign("policy", "test", "--batch", "-", typed="\n".join(lines))
    assert answer.code == 1
    assert [sorted(line) == ["error"] for line in answer.lines] == [False, True, True, True, False]
    assert answer.lines[0] == answer.lines[-1]
    assert countersign("policy", "test", "--batch", "-", typed=lines[0]).code == 0


@pytest.mark.parametrize("word", ["auto", "Allow", "deny", "request-approval"])
def test_every_product_s_word_sets_a_policy(countersign: CommandLine, word: str) -> None:
    assert countersign("policy", "set", RESET, word).code == 0


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ((RESET, "maybe"), "maybe"),
        (("acme-it:nothing", "auto"), "acme-it:nothing"),
        (("nowhere:*", "auto"), "nowhere"),
        (("acme-it", "auto"), "connector:tool"),
        ((RESET, "auto", "--manager"), "approval_needed"),
        (("*", "auto", "--standing", "allowed"), "tool by tool"),
    ],
)
def test_a_wrong_setting_is_refused_and_changes_nothing(
    countersign: CommandLine, words: tuple[str, ...], part: str
) -> None:
    before = countersign("policy", "list", "--json").json
    answer = countersign("policy", "set", *words)
    assert answer.code == 1
    assert part in answer.err
    assert countersign("policy", "list", "--json").json == before


def test_setting_again_keeps_what_is_not_said_and_raises_the_version(countersign: CommandLine) -> None:
    countersign("policy", "set", RESET, "approval_needed", "--manager", "--standing", "forbidden")
    countersign("policy", "set", RESET, "approval_needed", "--reason", "Still so.")
    (policy,) = countersign("policy", "list", "--json").json["policies"]
    assert (policy["version"], policy["manager"], policy["standing"]) == (2, True, "forbidden")
    assert policy["source"] == "admin"
    assert policy["description"] == "Still so."
    countersign("policy", "set", RESET, "default")
    assert countersign("policy", "list", "--json").json["policies"] == []


def test_an_export_applies_again_without_any_change(countersign: CommandLine) -> None:
    countersign("policy", "set", RESET, "approval_needed", "--manager")
    countersign("policy", "set", "*", "disabled")
    text = countersign("policy", "export").out
    answer = countersign("policy", "apply", "-", "--prune", "--with-grants", "--json", typed=text)
    assert answer.json == {"applied": True, "changes": []}
    assert countersign("policy", "export").out == text


def test_one_connectors_part_is_exported_alone(countersign: CommandLine) -> None:
    countersign("policy", "set", RESET, "auto")
    countersign("policy", "set", "acme-it:*", "step_up")
    part = countersign("policy", "export", "acme-it", "--json").json
    assert {entry["connector"] for entry in part["policies"]} == {"acme-it"}
    assert part["defaults"] == {"acme-it": "step_up"}
    text = countersign("policy", "export", "acme-it").out
    assert countersign("policy", "apply", "-", "--json", typed=text).json["changes"] == []
    refused = countersign("policy", "export", "acme")
    assert (refused.code, "There is no connector “acme”" in refused.err) == (1, True)


def test_applying_replaces_what_is_named_and_keeps_the_rest_unless_pruned(countersign: CommandLine) -> None:
    countersign("policy", "set", RESET, "auto")
    countersign("policy", "set", "acme-it:get_user", "auto")
    text = (
        "version: 1\npolicies:\n"
        f"  - {{name: '{RESET}', connector: acme-it, tools: [reset_password], action: deny}}\n"
    )
    answer = countersign("policy", "apply", "-", "--json", typed=text).json
    assert [(change["kind"], change["name"]) for change in answer["changes"]] == [("replace", RESET)]
    assert answer["changes"][0]["fields"] == ["action: auto → disabled"]
    names = [policy["name"] for policy in countersign("policy", "list", "--json").json["policies"]]
    assert names == ["acme-it:get_user", RESET]
    countersign("policy", "apply", "-", "--prune", typed=text)
    (policy,) = countersign("policy", "list", "--json").json["policies"]
    assert (policy["name"], policy["action"], policy["source"]) == (RESET, "disabled", "import")


def test_a_file_with_a_mistake_changes_nothing_at_all(countersign: CommandLine) -> None:
    text = (
        "version: 1\ndefaults: {'*': auto}\npolicies:\n"
        "  - {name: Good, connector: acme-it, tools: all, action: auto}\n"
        "  - {name: Bad, connector: acme-it, tools: [nothing], action: auto}\n"
    )
    before = countersign("policy", "export").out
    answer = countersign("policy", "apply", "-", typed=text)
    assert answer.code == 1
    assert "line 5" in answer.err
    assert "nothing" in answer.err
    assert countersign("policy", "export").out == before


def test_a_dry_run_tells_the_difference_and_changes_nothing(countersign: CommandLine) -> None:
    before = countersign("policy", "export").out
    text = "version: 1\ndefaults: {'*': disabled}\n"
    answer = countersign("policy", "apply", "-", "--dry-run", "--json", typed=text).json
    assert answer["applied"] is False
    assert [change["name"] for change in answer["changes"]] == ["*"]
    assert answer["effect"]["calls"] == 0
    assert countersign("policy", "export").out == before


def test_a_file_that_is_not_there_is_refused(countersign: CommandLine) -> None:
    answer = countersign("policy", "apply", "/nowhere/policies.yaml")
    assert answer.code == 1
    assert "/nowhere/policies.yaml" in answer.err


def test_the_data_directory_may_stand_before_the_command_and_json_too(countersign: CommandLine) -> None:
    answer = said("--data", str(countersign.data), "--json", "policy", "list")
    assert answer.json["defaults"] == {"*": "approval_needed"}


def test_text_for_people_names_them_by_address(countersign: CommandLine) -> None:
    text = (
        "version: 1\npolicies:\n  - {name: Eve, connector: acme-it, tools: all, action: deny,\n"
        "     subjects: {persons: [eve@acme.test]}}\n"
    )
    assert "subjects: eve@acme.test" in countersign("policy", "apply", "-", typed=text).out
    assert "eve@acme.test" in countersign("policy", "list").out
