"""`grants revoke`: ends a standing approval for good."""

from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer
from bot.cards.model import Fact
from bot.flow.commands.form import Asker, ChangingCommand, Form, Given, Slot, entry
from bot.flow.commands.grant_words import in_words, may_revoke, named_in
from bot.flow.commands.grants_show import grant_seen
from bot.flow.commands.people import people_of, shown_name
from bot.flow.commands.refusals import NotYoursToRevoke
from bot.flow.commands.spelling import quoted, spelled
from bot.flow.revoke import RevokeGrant
from bot.flow.seams import Seams


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantsRevokeCommand(ChangingCommand):
    """Which standing approval is to end, by its id or the beginning of it."""

    start: str

    @property
    @override
    def text(self) -> str:
        return spelled("grants revoke", quoted(self.start))

    @property
    @override
    def about(self) -> str:
        return self.start


class RevokeByChat:
    """Revokes a standing approval in the name of an admin or of its giver."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._revoke = RevokeGrant(store=seams.store, tenant=seams.tenant, clock=seams.clock)

    async def __call__(self, command: GrantsRevokeCommand, asker: Asker) -> Answer:
        """Gives what is revoked now.

        Raises:
            NoSuchGrant: there is none of this id that the person may see.
            SeveralGrants: more than one id begins so.
            NotYoursToRevoke: the person neither gave it nor is an admin.
            RevokedAlready: somebody did it before.
        """
        async with self._seams.store.view(self._seams.tenant) as view:
            grant = await grant_seen(view, command.start, asker.person)
            catalog = await view.connections.catalog()
            zone = (await view.tenant()).zone
        people = await people_of(self._seams.directory, named_in([grant]))
        if not may_revoke(asker.person, grant):
            raise NotYoursToRevoke(name=shown_name(people, grant.giver))
        await self._revoke(grant.id, by=asker.person.id, actor=asker.person.id)
        self._seams.bell.ring()
        return Answer(
            title="Revoked",
            facts=(Fact("Standing approval", in_words(grant, people, catalog, zone)), Fact("Id", grant.id)),
            note="It holds from the next decision on, also for requests that wait to be carried out.",
        )


def _read(given: Given) -> GrantsRevokeCommand:
    return GrantsRevokeCommand(start=given.word("ID"))


ENTRY: Final = entry(
    Form(
        words=("grants", "revoke"),
        slots=(Slot(name="ID"),),
        purpose="Revoke a standing approval, by its id or the beginning of it.",
        examples=("grants revoke 3f9a12",),
        read=_read,
    ),
    GrantsRevokeCommand,
    RevokeByChat,
)
