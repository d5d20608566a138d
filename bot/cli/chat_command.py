"""The commands of the chat in the terminal: the same words and grammar, done by the operator."""

from collections.abc import Callable, Iterable
from typing import Annotated, Final

import typer
from typer._click.core import Command, Context
from typer._click.exceptions import UsageError
from typer.core import TyperGroup
from typing_extensions import override

from bot.cards.answer import Answer
from bot.cards.form import FormPage
from bot.chat.commands import FORMS, parse_command
from bot.cli.answer_text import answer_document, answer_text
from bot.cli.frame import Frame, frame, run
from bot.cli.operator import operator, operator_seams
from bot.cli.options import DataOption, JsonOption, group
from bot.cli.shell_words import one_line
from bot.domain.errors import Refusal
from bot.domain.terminal import in_terminal
from bot.flow.commands.dispatch import Dispatch
from bot.flow.commands.form import Form
from bot.flow.commands.grants_give import GrantsGiveCommand
from bot.flow.commands.grants_resume import GrantsResumeCommand
from bot.flow.commands.grants_revoke import GrantsRevokeCommand

_ROOTS: Final = ("freeze", "unfreeze", "freezes", "tools")
"""First words of commands that have no group of their own on the command line."""
_OF_BUTTONS: Final = (("policy", "save"),)
"""What only a button in chat needs; the operator's changes are written at once."""
_SETTINGS: Final = {"ignore_unknown_options": True, "allow_extra_args": True}


class FormsAreInChat(Refusal):
    """Forms are for chat. Write it into a policy file and run “{apply}”; “{export}” prints one to begin with, and “policy schema” what it can say."""  # noqa: E501 - one sentence, as it is read


class OnlyInChat(Refusal):
    """This is for chat, where the bot knows who you are. “countersign policy --help” lists what there is here."""  # noqa: E501 - one sentence, as it is read


class NothingToForesee(Refusal):
    """This has no dry run, and nothing was changed. Look with: {show}."""


class GiversArePeople(Refusal):
    """A standing approval is given in somebody’s name. An admin gives it in chat, or you write it into a policy file and run “{apply}”."""  # noqa: E501 - one sentence, as it is read


async def command_in_terminal(use: Frame, words: Iterable[str], *, dry_run: bool) -> bool:
    """Does what the words say and prints the answer.

    Raises:
        Refusal: they are no command, or what they say cannot be done.
    """
    command = parse_command(one_line(tuple(words)))
    if isinstance(command, GrantsGiveCommand):
        raise GiversArePeople(apply=in_terminal("policy apply FILE --with-grants", use.tenant))
    if dry_run and isinstance(command, GrantsRevokeCommand | GrantsResumeCommand):
        raise NothingToForesee(show=in_terminal("grants show ID", use.tenant))
    async with use.deployment() as deployment:
        outcome = await Dispatch(operator_seams(deployment))(command, operator(only_looks=dry_run))
    if not isinstance(outcome, Answer):
        if not isinstance(outcome, FormPage):
            raise OnlyInChat
        raise FormsAreInChat(
            apply=in_terminal("policy apply FILE --dry-run", use.tenant),
            export=in_terminal("policy export", use.tenant),
        )
    use.answer(answer_document(outcome), answer_text(outcome, use.tenant))
    return True


WordsArgument = Annotated[list[str] | None, typer.Argument(metavar="WORDS", show_default=False)]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Only show what would change, and what it would mean.")
]


def _bridge(first: tuple[str, ...]) -> Callable[..., None]:
    def bridge(
        context: typer.Context,
        words: WordsArgument = None,
        *,
        dry_run: DryRunOption = False,
        data: DataOption = None,
        as_json: JsonOption = False,
    ) -> None:
        use = frame(context, data, as_json=as_json)
        run(command_in_terminal(use, [*first, *(words or ())], dry_run=dry_run))

    return bridge


def _help(forms: Iterable[Form]) -> str:
    """Gives what the forms are for, and how they are written."""
    return "\n\n".join(f"{form.purpose}\n\nWrite: {form.usage}" for form in forms)


def bridged(*first: str) -> Command:
    """Gives the command for what begins with these words."""
    forms = [form for form in FORMS if form.words[: len(first)] == first]
    one = group("")
    one.command(first[-1], help=_help(forms), context_settings=_SETTINGS)(_bridge(first))
    return typer.main.get_command(one)


class SameWords(TyperGroup):
    """A group that also takes the chat's commands about its topic, in the very same words."""

    def _forms(self) -> list[Form]:
        return [form for form in FORMS if form.words[0] == self.name and form.words not in _OF_BUTTONS]

    @override
    def list_commands(self, ctx: Context) -> list[str]:
        known = super().list_commands(ctx)
        return [*known, *(form.words[1] for form in self._forms() if form.words[1] not in known)]

    @override
    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        return super().get_command(ctx, cmd_name) or bridged(self.name or "", cmd_name)

    @override
    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        name, *rest = args
        own = self.commands.get(name)
        other = bridged(self.name or "", name)
        if own is None or (not _takes(own, ctx, name, rest) and self._is_chats(other, ctx, name, rest)):
            return name, other, rest
        return name, own, rest

    def _is_chats(self, other: Command, ctx: Context, name: str, args: list[str]) -> bool:
        """Whether these words are the chat's, or nearer to it: its refusals say what was understood."""
        return bool(args) and (not args[0].startswith("-") or self._reads(other, ctx, name, args))

    def _reads(self, other: Command, ctx: Context, name: str, args: list[str]) -> bool:
        """Whether the chat's grammar takes these words."""
        try:
            words = other.make_context(name, [*args], parent=ctx).params["words"]
            parse_command(one_line([self.name or "", name, *(words or ())]))
        except (UsageError, Refusal):
            return False
        return True


def _takes(command: Command, ctx: Context, name: str, args: list[str]) -> bool:
    """Whether the command's own options and arguments are these; nothing is done yet."""
    try:
        command.make_context(name, [*args], parent=ctx)
    except UsageError:
        return False
    return True


app = group("The commands of the chat, in the terminal.")
for _root in _ROOTS:
    app.command(
        _root, help=_help(form for form in FORMS if form.words[0] == _root), context_settings=_SETTINGS
    )(_bridge((_root,)))
