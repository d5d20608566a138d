"""The grammar of commands."""

import pytest

from bot.chat.commands import (
    FORMS,
    LIMIT,
    CommandTooLong,
    NotUnderstood,
    SomethingMissing,
    UnknownCommand,
    parse_command,
)
from bot.domain.actions import Action
from bot.domain.errors import Refusal
from bot.domain.tools import ToolId
from bot.flow.commands.approvals import ApprovalsCommand
from bot.flow.commands.form import EmailRef, MentionRef
from bot.flow.commands.grants_list import GrantsListCommand
from bot.flow.commands.grants_revoke import GrantsRevokeCommand
from bot.flow.commands.help import HelpCommand
from bot.flow.commands.policy_list import PolicyListCommand
from bot.flow.commands.policy_set import PolicySetCommand
from bot.flow.commands.policy_show import PolicyShowCommand
from bot.flow.commands.policy_test import PolicyTestCommand
from bot.flow.commands.request import RequestCommand

RESET = ToolId("acme-it", "reset_password")
ALICE = EmailRef("alice@acme.test")


def test_a_list_takes_its_connector_and_flags_in_any_order() -> None:
    wanted = PolicyListCommand(connector="acme-it", action=Action.DISABLED, search="reset", page=2)
    assert parse_command("policy list acme-it --action disabled --search reset --page 2") == wanted
    assert parse_command("policy list --page=2 --search=reset --action=block acme-it") == wanted
    assert parse_command("/Policy LIST  --Page 2 acme-it\n--SEARCH reset —action deny") == wanted


def test_names_of_tools_and_connectors_are_taken_byte_for_byte() -> None:
    assert parse_command("policy set Acme-IT:Reset_Password auto") == PolicySetCommand(
        target="Acme-IT:Reset_Password", action="auto"
    )


@pytest.mark.parametrize("dash", ["--", "—", "–"])
def test_a_dash_that_a_keyboard_made_of_two_hyphens_begins_a_flag(dash: str) -> None:
    assert parse_command(f"policy list {dash}search vpn") == PolicyListCommand(search="vpn")


@pytest.mark.parametrize("marks", ['""', "“”", "„“", "””", "«»"])
def test_quotation_marks_of_every_keyboard_hold_words_together(marks: str) -> None:
    said = f"policy list --search {marks[0]}reset a password{marks[1]}"
    assert parse_command(said) == PolicyListCommand(search="reset a password")


def test_a_name_may_be_written_without_quotation_marks() -> None:
    wanted = PolicyShowCommand(name="Contractors never delete")
    assert parse_command("policy show Contractors  never delete") == wanted
    assert parse_command("policy show “Contractors never delete”") == wanted


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("auto", "auto"),
        ("Allow", "auto"),
        ("step up", "step_up"),
        ("Step-up", "step_up"),
        ("Request approval", "approval_needed"),
        ("approval_needed", "approval_needed"),
        ("review", "approval_needed"),
        ("Deny", "disabled"),
        ("BLOCK", "disabled"),
        ("default", "default"),
    ],
)
def test_an_action_is_understood_in_the_words_of_other_products(words: str, action: str) -> None:
    assert parse_command(f"policy set {RESET} {words}") == PolicySetCommand(target=str(RESET), action=action)


def test_what_follows_the_action_is_the_reason_and_flags_may_stand_in_it() -> None:
    assert parse_command(
        f'policy set {RESET} request approval it’s "risky" — as we saw --manager on Monday'
    ) == PolicySetCommand(
        target=str(RESET),
        action="approval_needed",
        manager=True,
        reason='it’s "risky" — as we saw on Monday',
    )
    assert parse_command(f"policy set {RESET} auto —no-manager “Monday, again”") == PolicySetCommand(
        target=str(RESET), action="auto", manager=False, reason="Monday, again"
    )


def test_a_reason_may_hold_a_quotation_mark_that_is_not_closed() -> None:
    command = parse_command(f'policy set {RESET} auto a 19" screen is "big')
    assert isinstance(command, PolicySetCommand)
    assert command.reason == 'a 19" screen is "big'


def test_setting_without_words_or_without_an_action_is_left_to_a_form() -> None:
    assert parse_command("policy set") == PolicySetCommand()
    assert parse_command(f"policy set {RESET}") == PolicySetCommand(target=str(RESET))


@pytest.mark.parametrize(
    ("written", "person"),
    [
        ("<@U0123>", MentionRef("U0123")),
        ("<@U0123|Alice Archer>", MentionRef("U0123")),
        ("alice@acme.test", ALICE),
        ("@alice@acme.test", ALICE),
        ("<mailto:alice@acme.test|alice@acme.test>", ALICE),
        ("<mailto:alice@acme.test>", ALICE),
    ],
)
def test_a_person_is_a_mention_or_an_address(written: str, person: EmailRef | MentionRef) -> None:
    assert parse_command(f"policy test {written} {RESET}") == PolicyTestCommand(person=person, tool=RESET)


@pytest.mark.parametrize(
    "written",
    [
        '{"user": "alice@acme.test", "when": {"days": [1, 2]}}',
        "{“user”: “alice@acme.test”, “when”: {“days”: [1,2]}}",
        '{ "user":"<mailto:alice@acme.test|alice@acme.test>",\n\u00a0"when": { "days": [1, 2] } }',
    ],
)
def test_arguments_are_one_object_with_spaces_and_curly_marks(written: str) -> None:
    wanted = PolicyTestCommand(
        person=ALICE,
        tool=RESET,
        arguments={"user": "alice@acme.test", "when": {"days": [1, 2]}},
        agent="chat gpt",
    )
    assert parse_command(f"policy test alice@acme.test {RESET} {written} --agent “chat gpt”") == wanted
    assert parse_command(f'policy test {written} alice@acme.test --agent "chat gpt" {RESET}') == wanted


def test_marks_and_brackets_inside_a_string_end_nothing() -> None:
    written = r'{"note": "a “big” } \" one", "more": "\\"}'
    command = parse_command(f"policy test alice@acme.test {RESET} {written}")
    assert isinstance(command, PolicyTestCommand)
    assert command.arguments == {"note": 'a “big” } " one', "more": "\\"}


def test_an_address_that_a_surface_made_a_link_of_is_the_one_that_was_written() -> None:
    assert parse_command("policy list --search <http://acme.test|acme.test>") == PolicyListCommand(
        search="acme.test"
    )
    assert parse_command("policy list --search <https://acme.test/a|our page>") == PolicyListCommand(
        search="https://acme.test/a"
    )
    assert parse_command("policy show <http://acme.it|acme.it>:get_user") == PolicyShowCommand(
        name="acme.it:get_user"
    )


def test_what_is_asked_for_is_taken_as_it_was_written() -> None:
    assert parse_command('request I can’t open "Zendesk --now {') == RequestCommand(
        words='I can’t open "Zendesk --now {'
    )
    assert parse_command(" REQUEST ") == RequestCommand()


def test_the_shorter_forms_stand_for_the_longer_ones() -> None:
    assert parse_command("grants") == GrantsListCommand()
    assert parse_command("grants --unused") == GrantsListCommand(unused=True)
    assert parse_command("approvals") == ApprovalsCommand()
    assert parse_command("") == HelpCommand()
    assert parse_command("policy") == parse_command("policy help") == HelpCommand(topic="policy")


def test_a_holder_is_a_person_a_group_or_everyone() -> None:
    assert parse_command("grants list --holder <@U1>") == GrantsListCommand(holder=MentionRef("U1"))
    assert parse_command("grants list --holder alice@acme.test") == GrantsListCommand(holder=ALICE)
    assert parse_command('grants list --holder "vpn users"') == GrantsListCommand(holder="vpn users")
    assert parse_command("grants revoke 3F9A12") == GrantsRevokeCommand(start="3F9A12")


def refused(text: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse_command(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "understood", "rest", "form"),
    [
        ("policy lst acme-it", "policy", "lst", "policy list [CONNECTOR]"),
        ("policy list acme-it --acton auto", "policy list acme-it", "--acton", "policy list [CONNECTOR]"),
        ("policy list one two", "policy list one", "two", "policy list [CONNECTOR]"),
        ("policy list --page two", "policy list", "--page two", "policy list [CONNECTOR]"),
        ("policy list --page 1 --page 2", "policy list --page 1", "--page", "policy list"),
        ("grants revok 12", "grants", "revok", "grants revoke ID"),
        ("grants list --unused=yes", "grants list", "--unused=yes", "grants list"),
        (f"policy set {RESET} alow", "policy set", "alow", "policy set [TARGET]"),
        (f"policy test bob {RESET}", "policy test", "bob", "policy test @PERSON"),
        (f"policy test a@b.c {RESET} {{“user”: }}", f"a@b.c {RESET}", "{“user”:", "policy test"),
        (f"policy test a@b.c {RESET} {{", f"a@b.c {RESET}", "{", "policy test"),
        (f"policy test a@b.c {RESET} [1]", f"a@b.c {RESET}", "[1]", "policy test"),
        ("policy test a@b.c reset", "policy test", "reset", "policy test"),
        ('policy list --search "vpn users', "policy list --search", '"vpn', "policy list"),
        ("approvals now", "approvals", "now", "approvals [--page N]"),
    ],
)
def test_a_refusal_says_what_was_understood_what_was_not_and_what_to_write(
    text: str, understood: str, rest: str, form: str
) -> None:
    refusal = refused(text)
    assert isinstance(refusal, NotUnderstood)
    before, _, after = refusal.sentence.partition("”, but not “")
    assert understood in before
    assert rest in after
    assert form in refusal.sentence


def test_an_unknown_flag_is_answered_with_the_nearest_one() -> None:
    assert "--action" in refused("policy list --acton auto").sentence


def test_an_unknown_command_is_answered_with_the_nearest_one() -> None:
    refusal = refused("polcy list acme-it")
    assert isinstance(refusal, UnknownCommand)
    assert "“polcy”" in refusal.sentence
    assert "policy list [CONNECTOR]" in refusal.sentence


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("policy show", "NAME|TOOL"),
        ("policy list --page", "N behind --page"),
        ("policy list --search --page 2", "TEXT behind --search"),
        ("grants revoke", "ID"),
        ("policy test alice@acme.test", "CONNECTOR:TOOL"),
    ],
)
def test_what_is_missing_is_named(text: str, missing: str) -> None:
    refusal = refused(text)
    assert isinstance(refusal, SomethingMissing)
    assert f"but {missing} is missing" in refusal.sentence


def test_both_switches_about_the_manager_are_refused() -> None:
    assert "Choose one of them" in refused(f"policy set {RESET} review --manager --no-manager").sentence


def test_a_command_that_is_too_long_is_refused_unread() -> None:
    assert isinstance(refused("request " + "x" * LIMIT), CommandTooLong)


def test_every_example_in_the_help_is_a_command_of_its_form() -> None:
    for form in FORMS:
        for example in form.examples:
            command = parse_command(example)
            assert command.text.startswith(form.name)


def test_no_two_forms_begin_with_the_same_words() -> None:
    beginnings = [words for form in FORMS for words in (form.words, *form.also)]
    assert len(beginnings) == len(set(beginnings))
