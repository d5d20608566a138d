"""No input trips the grammar of commands, and every command reads back as it was written."""

from typing import Final

from hypothesis import example, given
from hypothesis import strategies as st

from bot.chat.commands import LIMIT, parse_command
from bot.domain.actions import Action
from bot.domain.canonical import JsonValue
from bot.domain.errors import Refusal
from bot.domain.policies import FreezeScope
from bot.domain.tools import ToolId
from bot.flow.commands.approvals import ApprovalsCommand
from bot.flow.commands.form import Command, EmailRef, Entry, MentionRef
from bot.flow.commands.freeze import FreezeCommand
from bot.flow.commands.freezes import FreezesCommand
from bot.flow.commands.grants_give import GrantsGiveCommand
from bot.flow.commands.grants_list import GrantsListCommand
from bot.flow.commands.grants_resume import GrantsResumeCommand
from bot.flow.commands.grants_revoke import GrantsRevokeCommand
from bot.flow.commands.grants_show import GrantsShowCommand
from bot.flow.commands.grants_suggestions import GrantsSuggestionsCommand
from bot.flow.commands.help import HelpCommand
from bot.flow.commands.policy_apply import PolicyApplyCommand
from bot.flow.commands.policy_connector import PolicyConnectorCommand
from bot.flow.commands.policy_export import PolicyExportCommand
from bot.flow.commands.policy_list import PolicyListCommand
from bot.flow.commands.policy_set import PolicySetCommand
from bot.flow.commands.policy_show import PolicyShowCommand
from bot.flow.commands.policy_switch import SwitchCommand
from bot.flow.commands.policy_test import PolicyTestCommand
from bot.flow.commands.request import RequestCommand
from bot.flow.commands.table import TABLE
from bot.flow.commands.tools_answer import ToolsAcceptCommand, ToolsAskCommand, ToolsDisableCommand
from bot.flow.commands.tools_changed import ToolsChangedCommand
from bot.flow.commands.unfreeze import UnfreezeCommand

PIECES: Final = (
    "freeze", "unfreeze", "tenant", "person",
    "policy", "list", "connector", "show", "set", "test", "switch", "off", "grants", "revoke",
    "give", "suggestions", "--unused", "approvals", "request", "help",
    "acme-it:*", "auto", "request approval", "a@b.c", "--action", "—page", "–search", "--manager",
    "--holder=", "<@U1|x y>", "<mailto:a@b.c|a@b.c>", "<@", "<http://", '{"a": “b”}', "{", "[", "}",
    '"', "“", "”", "«", "\\", '\\"', "\\<", "<", ">", "|", " ", "\n", "\u00a0", "=", "*", "1",
    "\x00", "\ud83d", "😀",
)  # fmt: skip
ODD: Final = ("vpn users", '"', "\\", "--page", "<@U1>", "<mailto:a>", "{}", "a“b”", "—x", "/y", "a@b.c")

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
names = st.one_of(texts, st.sampled_from(ODD))
pages = st.integers(min_value=1, max_value=999)
tools = st.builds(
    ToolId,
    st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,8}\Z"),
    st.from_regex(r"\A[A-Za-z0-9_.:/-]{1,9}\Z"),
)
addresses = st.from_regex(r"\A[a-z0-9.+_]{1,9}@[a-z0-9.-]{1,9}\Z")
persons = st.one_of(
    st.builds(EmailRef, addresses), st.builds(MentionRef, st.from_regex(r"\A[A-Z0-9]{1,12}\Z"))
)
values: st.SearchStrategy[JsonValue] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**60), 2**60), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
targets = st.one_of(st.just("*"), st.just("acme-it:*"), tools.map(str), names)
reasons = st.one_of(st.just(""), names)
freezings = st.one_of(
    st.tuples(st.just(FreezeScope.TENANT), st.just(""), reasons),
    st.tuples(st.just(FreezeScope.CONNECTOR), names, reasons),
    st.tuples(st.just(FreezeScope.TOOL), st.one_of(tools.map(str), names), reasons),
    st.tuples(st.just(FreezeScope.PERSON), persons, reasons),
)
commands: st.SearchStrategy[Command] = st.one_of(
    freezings.map(lambda said: FreezeCommand(scope=said[0], target=said[1], reason=said[2])),
    freezings.map(lambda said: UnfreezeCommand(scope=said[0], target=said[1], reason=said[2])),
    st.builds(FreezesCommand, page=pages),
    st.builds(
        PolicyListCommand,
        connector=st.one_of(st.just(""), names),
        action=st.one_of(st.none(), st.sampled_from(Action)),
        search=st.one_of(st.just(""), names),
        sort=st.sampled_from(["name", "action", "changed"]),
        page=pages,
    ),
    st.builds(PolicyConnectorCommand, search=st.one_of(st.just(""), names), page=pages),
    st.builds(
        PolicyConnectorCommand,
        connector=names,
        action=st.one_of(st.none(), st.sampled_from(Action)),
        search=st.one_of(st.just(""), names),
        page=pages,
    ),
    st.builds(
        SwitchCommand,
        target=st.one_of(tools.map(str), names),
        is_on=st.booleans(),
        reason=st.one_of(st.just(""), names),
    ),
    st.builds(PolicyShowCommand, name=names),
    st.builds(ToolsChangedCommand, page=pages),
    *(
        st.builds(kind, tool=st.one_of(tools.map(str), names), definition=st.sampled_from(("", "3f9a12")))
        for kind in (ToolsAcceptCommand, ToolsAskCommand, ToolsDisableCommand)
    ),
    st.builds(
        PolicyExportCommand, connector=st.one_of(st.just(""), names), with_grants=st.booleans(), page=pages
    ),
    st.builds(
        PolicyApplyCommand,
        dry_run=st.booleans(),
        prune=st.booleans(),
        with_grants=st.booleans(),
        reason=st.one_of(st.just(""), names),
    ),
    st.just(PolicySetCommand()),
    st.builds(PolicySetCommand, target=targets),
    st.builds(
        PolicySetCommand,
        target=targets,
        action=st.sampled_from([*(action.value for action in Action), "default"]),
        manager=st.sampled_from([True, False, None]),
        reason=st.one_of(st.just(""), names),
    ),
    st.builds(
        PolicyTestCommand,
        person=persons,
        tool=tools,
        arguments=st.dictionaries(texts, values, max_size=3),
        agent=st.one_of(st.just(""), names),
        surface=st.one_of(st.just(""), names),
        at=st.one_of(st.just(""), names),
    ),
    st.builds(ApprovalsCommand, page=pages),
    st.builds(
        GrantsListCommand,
        holder=st.one_of(st.none(), persons, texts.filter(lambda text: "@" not in text)),
        tool=st.one_of(st.none(), tools),
        unused=st.booleans(),
        page=pages,
    ),
    st.builds(GrantsShowCommand, start=names),
    st.builds(GrantsRevokeCommand, start=names),
    st.builds(GrantsResumeCommand, start=names),
    st.builds(GrantsSuggestionsCommand, page=pages),
    st.builds(GrantsGiveCommand, suggestion=names),
    st.builds(RequestCommand, words=texts.map(str.strip).filter(lambda text: "<" not in text)),
    st.builds(HelpCommand, topic=st.one_of(st.just(""), names)),
)


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@example("policy list --search=")
@example('policy test <@U1> a:b {"a": "\\')
def test_pieces_of_commands_are_read_or_refused_in_a_sentence(text: str) -> None:
    read_or_refused(text)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    read_or_refused(text)


@given(st.sampled_from(TABLE), st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join))
def test_whatever_follows_a_command_is_read_or_refused_in_a_sentence(line: Entry, text: str) -> None:
    read_or_refused(f"{line.form.name} {text}")


def read_or_refused(text: str) -> None:
    try:
        command = parse_command(text)
    except Refusal as refusal:
        sentence = refusal.sentence
    else:
        sentence = command.text or "nothing"
        # Somebody's own words may hold brackets that are a link when they are read a second time.
        if not isinstance(command, RequestCommand):
            assert parse_command(command.text) == command
    assert 0 < len(sentence) <= 2 * LIMIT


@given(commands)
def test_every_command_reads_back_as_it_was_written(command: Command) -> None:
    assert parse_command(command.text) == command


@given(st.sampled_from(PIECES), st.sampled_from(["policy list ", "policy set a:b auto ", "policy test ", ""]))
def test_a_long_run_of_one_piece_is_read_or_refused(piece: str, before: str) -> None:
    most = LIMIT // 3
    read_or_refused((before + piece * most)[:most])
    read_or_refused((before + f"{piece} " * most)[:most])
