"""Which messages are commands, where people also write to the bot in plain words."""

import pytest

from bot.chat.command_in_chat import command_in, is_command_for
from bot.chat.commands import NotUnderstood, SomethingMissing
from tests.builders import a_person, a_technician


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("policy list", "policy list"),
        ("/policy list", "policy list"),
        ("Policy  Show  acme-it:reset_password", "policy show acme-it:reset_password"),
        ("approvals", "approvals"),
        ("grants", "grants list"),
        ("request", "request"),
        ("request a new keyboard", "request a new keyboard"),
        ("help", "help"),
        ("help policy set", 'help "policy set"'),
    ],
)
def test_a_line_in_the_grammar_is_a_command(text: str, command: str) -> None:
    found = command_in(text)
    assert found is not None
    assert found.text == command


@pytest.mark.parametrize(
    "text",
    [
        "",
        "reset my password",
        "policy question: may I install Zoom on my own laptop?",
        "help me with my laptop, it does not start",
        "approvals are slow today, can you look why that is?",
        "grants me access to nothing, this new account of mine",
        "I need help",
    ],
)
def test_words_that_only_begin_like_a_command_are_a_message(text: str) -> None:
    assert command_in(text) is None


@pytest.mark.parametrize(
    "text", ["policy lst", "/approvals now", "policy set acme-it:x maybe", "policy show --all"]
)
def test_a_command_with_a_mistake_is_told_and_never_taken_for_a_request(text: str) -> None:
    with pytest.raises((NotUnderstood, SomethingMissing)):
        command_in(text)


@pytest.mark.parametrize("text", ["policy list", "/policy list", "approvals", "grants"])
def test_a_command_is_one_for_whoever_may_use_it(text: str) -> None:
    assert is_command_for(a_technician(), text)


@pytest.mark.parametrize("text", ["help", "request a keyboard", "policy lisst", "freeze tenant", "policy?"])
def test_asking_and_mistakes_and_what_others_may_are_no_commands_of_ones_own(text: str) -> None:
    assert not is_command_for(a_technician(), text)
    assert not is_command_for(a_person("alice", manager=None), text)
