"""`policy export`: what is laid down as a policy file, in pages to be copied."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer
from bot.cards.offer import shown_scope
from bot.cards.visible import visible
from bot.domain.errors import Refusal
from bot.domain.grants import Grant
from bot.domain.people import Role
from bot.domain.terminal import in_terminal
from bot.domain.tools import Catalog, shortened
from bot.flow.commands.form import Asker, Command, Flag, Form, Given, Slot, entry
from bot.flow.commands.grant_words import named_in
from bot.flow.commands.pages import counted, hint, page_of, paged_answer
from bot.flow.commands.people import people_of
from bot.flow.commands.policy_words import emails_of, subjects_of
from bot.flow.commands.refusals import NoSuchThing
from bot.flow.commands.spelling import on_page, quoted, spelled
from bot.flow.seams import Seams
from bot.flow.wanted import standing
from bot.ports.policy_files import Content

PAGE: Final = 7_500
"""Characters of a page. Ours: so many fit into the fields of the form of `policy apply`."""
LINE: Final = 1_400
"""Characters of a line. Ours: a text with longer ones could not be divided at the ends of lines."""
MOST: Final = 20
"""Pages that are copied by hand, at most."""
_NAMED: Final = 5
_ALL: Final = "Change it, and paste it into the form of “policy apply”."
_NOT_ALL: Final = "Apply it without --prune, which would remove what it does not name."


class TooLongForChat(Refusal):
    """The policy file takes {pages} pages, too many for chat. {narrower}Print it in the terminal: {terminal}"""  # noqa: D415, E501 - one sentence, as it is read; the command ends it

    kind = "too_large"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyExportCommand(Command):
    """Whose part of the file is wanted, and which page of it; everything where nothing is named."""

    connector: str = ""
    with_grants: bool = False
    page: int = 1

    @property
    @override
    def text(self) -> str:
        return spelled(
            "policy export",
            quoted(self.connector),
            "--with-grants" if self.with_grants else "",
            on_page(self.page),
        )

    @property
    @override
    def about(self) -> str:
        return self.connector


class ExportPolicies:
    """Writes what is laid down as a policy file."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, command: PolicyExportCommand, _: Asker) -> Answer:
        """Gives one page, which is a policy file of its own.

        Raises:
            NoSuchThing: no connector has the name.
            TooLongForChat: there are too many pages to be copied.
        """
        seams, only = self._seams, command.connector
        async with seams.store.view(seams.tenant) as view:
            connectors = [one.name for one in await view.connections.all()]
            policies = [one for one in await view.policies.all() if only in {"", one.connector}]
            defaults = await view.policies.defaults()
            catalog = await view.connections.catalog()
            stored = standing(await view.grants.all(), seams.clock.now())
        if only and only not in connectors:
            raise NoSuchThing(what="connector", name=shortened(only), hint=hint(only, connectors))
        wanted = [one for one in stored if command.with_grants and only in {"", one.tool.connector}]
        grants = [one for one in wanted if not _holds_a_secret(one, catalog)]
        people = await people_of(seams.directory, subjects_of(policies) | named_in(grants))
        content = Content(defaults=defaults, policies=policies, grants=grants, connector=only)
        found = await seams.policy_files.pages(content, emails_of(people), page=PAGE, line=LINE)
        terminal = in_terminal(" ".join(filter(None, ("policy export", only))), seams.tenant)
        if len(found.texts) > MOST:
            one = PolicyExportCommand(connector=connectors[0]).text if connectors else ""
            narrower = f"Write “{one}” for one connector’s part. " if one and not only else ""
            raise TooLongForChat(pages=len(found.texts), narrower=narrower, terminal=terminal)
        page = page_of(found.texts, command.page, per_page=1)
        note = _left_out(found.left_out, len(wanted) - len(grants), terminal)
        note += ["Each page is a policy file of its own."] if page.pages > 1 else []
        note += [_NOT_ALL] if page.pages > 1 or only or note else [_ALL]
        of = f" of {only}" if only else ""
        answer = paged_answer(
            f"Policy file{of}: {counted(len(policies), 'policy', 'policies')}",
            page,
            (),
            command=lambda number: replace(command, page=number).text,
            note=" ".join(note),
        )
        return replace(answer, text=page.items[0])


def _holds_a_secret(grant: Grant, catalog: Catalog) -> bool:
    """Whether a card would mask something of it; a file has to say it in full."""
    tool = catalog.get(grant.tool)
    schema = tool.definition.input_schema if tool else {}
    return shown_scope(grant.arguments, schema) != grant.arguments


def _left_out(names: Sequence[str], secret: int, terminal: str) -> list[str]:
    found = []
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        told = ", ".join(f"“{visible(shortened(name), set())}”" for name in names[:_NAMED])
        found.append(f"Left out, because it is too long for chat: {told}{more}.")
    if secret:
        found.append(f"Left out, because of secrets: {counted(secret, 'standing approval')}.")
    if found:
        found.append(f"The whole file is printed in the terminal: {terminal}.")
    return found


def _read(given: Given) -> PolicyExportCommand:
    return PolicyExportCommand(
        connector=given.word("CONNECTOR"), with_grants=given.switch("with-grants"), page=given.page()
    )


ENTRY: Final = entry(
    Form(
        words=("policy", "export"),
        slots=(Slot(name="CONNECTOR", required=False),),
        flags=(Flag(name="with-grants"), Flag(name="page", takes="N")),
        needs=Role.ADMIN,
        may="export policies",
        purpose="Show the policies as a policy file, to be copied.",
        examples=("policy export", "policy export acme-it --with-grants"),
        read=_read,
    ),
    PolicyExportCommand,
    ExportPolicies,
)
