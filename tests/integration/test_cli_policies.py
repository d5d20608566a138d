import json
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.app import Deployment
from bot.cards.answer import Answer, AnswerButton, AnswerRow, AnswerSelect, Press
from bot.cards.model import Fact, Option
from bot.chat.commands import FORMS, parse_command
from bot.cli.answer_text import answer_text
from bot.cli.shell_words import one_line, to_type
from bot.domain.events import AuditEntry
from bot.domain.people import Role
from bot.flow.commands.form import Form
from bot.flow.commands.policy_set import PolicySetCommand
from bot.flow.commands.policy_test import PolicyTestCommand
from tests.command_line import CommandLine, a_command_line, said

RESET = "acme-it:reset_password"
DELETE = "acme-it:delete_user"


@pytest.fixture
def countersign(tmp_path: Path) -> CommandLine:
    return a_command_line(tmp_path)


def actions(countersign: CommandLine) -> dict[str, str]:
    listed = countersign("policy", "list", "--json").json["policies"]
    return {policy["name"]: policy["action"] for policy in listed}


async def audited(deployment: Deployment) -> Sequence[AuditEntry]:
    async with deployment.store.view(deployment.tenant) as view:
        return [sealed.entry for sealed in await view.audit.read()]


def test_the_operator_changes_at_once_and_needs_no_second_admin(countersign: CommandLine) -> None:
    assert countersign("policy", "set", DELETE, "approval_needed").code == 0
    answer = countersign("policy", "disable", DELETE, "--reason", "the list is being made anew")
    assert answer.out.startswith(f"Saved as change 2: {DELETE}\n")
    assert "In the last 30 days: no calls that this touches were decided." in answer.out
    assert "→ countersign policy undo 2" in answer.out
    newest = countersign.within(audited)[-1]
    assert (newest.kind, newest.actor, newest.agent) == ("policy.changed", None, "operator")
    assert newest.details["reason"] == "the list is being made anew"


@pytest.mark.parametrize(
    "words",
    [
        ("policy", "set", RESET, "disabled"),
        ("policy", "undo", "1"),
        ("policy", "disable", RESET),
        ("policy", "delete", RESET),
        ("policy", "switch", RESET, "off"),
    ],
)
def test_a_dry_run_shows_what_would_change_and_saves_nothing(
    countersign: CommandLine, words: tuple[str, ...]
) -> None:
    countersign("policy", "set", RESET, "auto")
    answer = countersign(*words, "--dry-run")
    assert answer.code == 0
    assert RESET in answer.out
    assert "In the last 30 days" in answer.out
    assert "Nothing is saved." in answer.out
    assert actions(countersign) == {RESET: "auto"}
    assert countersign("policy", "history", "--json").json["title"] == "1 change"


def test_an_answer_is_also_one_json_document_with_the_commands_of_its_buttons(
    countersign: CommandLine,
) -> None:
    countersign("policy", "set", RESET, "auto")
    answer = countersign("policy", "history", "--json").json
    assert answer["rows"][0]["commands"] == ["policy undo 1"]
    assert (answer["page"], answer["pages"], answer["next"]) == (1, 1, "")


def test_words_that_say_nothing_are_refused_with_the_nearest_form(countersign: CommandLine) -> None:
    answer = countersign("policy", "histroy")
    assert (answer.code, answer.out) == (1, "")
    assert "I understood “policy”, but not “histroy”" in answer.err
    assert "policy history [NAME] [--page N]" in answer.err
    answer = countersign("policy", "switch", "acme-itt", "off")
    assert answer.code == 1
    assert "Did you mean “acme-it”?" in answer.err


@pytest.mark.parametrize("words", [("policy", "new"), ("policy", "set"), ("policy", "set", RESET)])
def test_what_opens_a_form_in_chat_points_to_policy_files(
    countersign: CommandLine, words: tuple[str, ...]
) -> None:
    answer = countersign(*words)
    assert answer.code == 1
    assert "policy apply FILE" in answer.err


def test_a_standing_approval_is_given_by_a_person_not_by_the_operator(countersign: CommandLine) -> None:
    answer = countersign("grants", "give", "0123456789ab")
    assert answer.code == 1
    assert "in somebody’s name" in answer.err


def test_commands_that_were_there_before_take_the_words_of_the_chat_too(countersign: CommandLine) -> None:
    countersign("policy", "set", RESET, "auto")
    answer = countersign("policy", "test", "alice@acme.test", RESET, '{"user": "a b"}')
    assert answer.code == 0
    assert "Decision: auto" in answer.out
    assert countersign("policy", "list", "--page", "1").out.startswith("1 policy")
    assert countersign("policy", "list", "--bogus").code == 2


def test_words_that_are_nearly_the_chats_are_answered_with_what_was_understood(
    countersign: CommandLine,
) -> None:
    answer = countersign("policy", "test", "alice@acme.test", "reset_password")
    assert answer.code == 1
    assert answer.err.startswith("I understood “policy test”, but not “alice@acme.test reset_password”")
    assert "policy test @PERSON CONNECTOR:TOOL" in answer.err


def test_every_command_of_the_chat_about_rules_stands_in_the_help() -> None:
    for root in ("policy", "grants"):
        helped = said(root, "--help").out
        for form in FORMS:
            if form.words[0] == root and form.words != ("policy", "save"):
                assert f"  {form.words[1]} " in helped
    top = said("--help").out
    for form in FORMS:
        if form.needs is Role.ADMIN:
            assert f"  {form.words[0]} " in top, form.name


def test_a_commands_help_shows_how_it_is_written() -> None:
    assert "Write: policy undo VERSION [REASON]" in said("policy", "undo", "--help").out


def test_no_command_of_the_chat_has_a_flag_that_the_terminal_takes_for_itself() -> None:
    taken = {"data", "json", "dry-run", "help"}
    # The terminal has an `apply` of its own, in which it means the same.
    bridged = [form for form in FORMS if form.words != ("policy", "apply")]
    assert {flag.name for form in bridged for flag in form.flags} & taken == set()


def test_applying_without_a_file_is_told_what_to_write(countersign: CommandLine) -> None:
    answer = countersign("policy", "apply", "--dry-run")
    assert answer.code == 1
    assert "countersign policy apply FILE --dry-run" in answer.err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["policy", "set", "*", "disabled", "until the audit is over"], "until the audit is over"),
        (["policy", "set", "*", "disabled", "until", "the", "audit"], "until the audit"),
        (["policy", "set", "*", "disabled", 'say "no" <now>'], 'say "no" <now>'),
    ],
)
def test_words_of_a_shell_stay_words(words: list[str], reason: str) -> None:
    command = parse_command(one_line(words))
    assert isinstance(command, PolicySetCommand)
    assert command.reason == reason


def test_arguments_stay_json_on_the_way_to_the_grammar() -> None:
    arguments = {"user": "<a@b.test>", "note": 'he said "no"', "days": [1, {"x": None}]}
    command = parse_command(one_line(["policy", "test", "a@b.test", RESET, json.dumps(arguments, indent=2)]))
    assert isinstance(command, PolicyTestCommand)
    assert command.arguments == arguments


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_what_is_printed_to_type_is_the_same_command(form: Form) -> None:
    for example in form.examples:
        typed = shlex.split(to_type(example))
        assert typed[0] == "countersign"
        if "<@" not in example:
            assert parse_command(one_line(typed[1:])) == parse_command(example)


def test_an_answer_obeys_nobody_elses_signs_and_prints_buttons_as_commands() -> None:
    options = tuple(Option(f"policy set {RESET} {action}", action) for action in ("auto", "disabled"))
    shown = AnswerButton(label="Show", press=Press.RUN, value='policy show "Eve’s policy"')
    answer = Answer(
        title="One\x1b[2Jtool",
        facts=(Fact("What", "first\nsecond"),),
        lines=(
            AnswerRow(
                label="x",
                badge="auto",
                button=shown,
                more=(AnswerButton(label="Card", press=Press.OPEN, value="card-1"),),
                select=AnswerSelect(label="Action", options=options),
            ),
        ),
        note="Look.",
        page=1,
        pages=2,
        command_for_next="policy list --page 2",
    )
    assert answer_text(answer).splitlines() == [
        "One [2Jtool",
        "  What: first",
        "    second",
        "",
        "x  [auto]",
        "    → countersign policy show 'Eve’s policy'",
        f"    → countersign policy set {RESET} auto | disabled",
        "",
        "Look. Page 1 of 2.",
        "→ countersign policy list --page 2",
    ]


def test_a_list_is_searched_and_put_in_order(countersign: CommandLine) -> None:
    for target, action in ((RESET, "auto"), (DELETE, "disabled"), ("acme-it:get_user", "auto")):
        countersign("policy", "set", target, action, "--reason", f"Why {action}.")

    def names(*words: str) -> list[str]:
        listed = countersign("policy", "list", *words, "--json").json["policies"]
        return [policy["name"] for policy in listed]

    assert names() == [DELETE, "acme-it:get_user", RESET]
    assert names("--search", "WHY AUTO") == ["acme-it:get_user", RESET]
    assert names("--sort", "action") == [DELETE, "acme-it:get_user", RESET]
    assert names("--sort", "changed") == ["acme-it:get_user", DELETE, RESET]
    assert countersign("policy", "list", "--sort", "colour").code == 2


def test_setting_says_what_it_means_for_the_last_30_days(countersign: CommandLine) -> None:
    answer = countersign("policy", "set", RESET, "auto")
    assert answer.out.splitlines()[1] == "In the last 30 days: no calls that this touches were decided."
    assert set(countersign("policy", "set", RESET, "disabled", "--json").json) == {
        "target", "action", "sentence"
    }  # fmt: skip


def test_a_file_is_applied_for_a_reason_that_its_history_keeps(countersign: CommandLine) -> None:
    text = "version: 1\ndefaults: {'*': disabled}\n"
    assert countersign("policy", "apply", "-", "--reason", "the yearly review", typed=text).code == 0
    assert "Reason: the yearly review" in countersign("policy", "history").out
    dry = countersign("policy", "apply", "-", "--dry-run", typed="version: 1\ndefaults: {'*': auto}\n").out
    assert "In the last 30 days: no calls that this touches were decided." in dry


def test_the_schema_is_printed_as_it_is_kept() -> None:
    assert json.loads(said("policy", "schema").out)["title"] == "Countersign policy file"
