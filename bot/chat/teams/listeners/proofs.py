"""Accounts in Teams whose address proves nothing: they are given a link, and write the code that it shows."""

import hashlib

from bot.chat.accounts import LinkedElsewhere, UnknownAccount
from bot.chat.teams.account_refusals import GuestUnknown, NobodySigned
from bot.chat.teams.events import Kind, Turn
from bot.chat.teams.listeners.front import Front
from bot.chat.teams.shown.sign_in import sign_in_card
from bot.domain.people import Person
from bot.ports.signin import Asking, Purpose


class Proofs:
    """Finds out who wrote a message, by a sign-in if need be; links and codes are for personal chats only."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def took_code(self, turn: Turn, text: str, *, key: str) -> bool:
        """Takes a message that is a code, and answers it; False for every other one.

        Raises:
            Refusal: the code ties nothing.
            Unreachable, DirectoryUnreachable: it has to be taken up once more.
        """
        proving = self._front.proving
        if proving is None or turn.kind is not Kind.PERSONAL or not turn.user:
            return False
        user = self._front.people.user_of(turn)
        if not await proving.is_code(user, text):
            return False
        await self._front.people.colleague(turn)
        said = await proving.written(user, text, occasion=key)
        if said is None:
            return False
        await self._front.surface.say(turn.place, said, key=f"proven/{key}", thread=turn.thread)
        return True

    async def person(self, turn: Turn, *, key: str) -> Person | None:
        """Gives who wrote a message; None for somebody who was given a link to sign in instead.

        Raises:
            UnknownAccount: nobody known, and signing in is not for them, or not here.
            Refusal: an account that may not write, or something is away.
        """
        try:
            return await self._front.person(turn, action="message")
        except (LinkedElsewhere, GuestUnknown, NobodySigned):
            raise
        except UnknownAccount as refusal:
            if not await self._offered(turn, refusal, key):
                raise
            return None

    async def _offered(self, turn: Turn, refusal: UnknownAccount, key: str) -> bool:
        proving, seams = self._front.proving, self._front.seams
        if proving is None or turn.kind is not Kind.PERSONAL:
            return False
        member = await self._front.people.colleague(turn)
        async with seams.store.view(seams.tenant) as view:
            company = (await view.tenant()).name
        asking = Asking(
            user=self._front.people.user_of(turn),
            purpose=Purpose.LINK,
            name=f"{member.name} ({member.principal_name})",
            team_name=company,
        )
        offer = await proving.offer(refusal, asking, occasion=key)
        if offer is None:
            return False
        if offer.link:
            # Another try gives another link, which has to be said then.
            mark = hashlib.sha256(offer.link.encode()).hexdigest()[:16]
            await self._front.surface.show(
                turn.place,
                sign_in_card(offer.sentence, offer.link),
                summary=offer.sentence,
                key=f"link/{key}/{mark}@{turn.place}",
                thread=turn.thread,
            )
        else:
            await self._front.surface.say(turn.place, offer.sentence, key=f"linked/{key}", thread=turn.thread)
        return True
