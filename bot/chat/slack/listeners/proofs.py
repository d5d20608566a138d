"""Accounts in Slack whose address proves nothing: they are given a link, and write the code that it shows."""

import hashlib

from bot.chat.accounts import LinkedElsewhere, UnknownAccount
from bot.chat.slack.listeners.front import Front, Who
from bot.chat.slack.listeners.heard import Heard
from bot.chat.slack.people import Account
from bot.chat.slack.workspaces import Workspace, place_of
from bot.domain.people import Person
from bot.ports.signin import Asking, Purpose


class Proofs:
    """Finds out who wrote a message, by a sign-in if need be; links and codes are for direct messages."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def took_code(self, found: Heard, workspace: Workspace) -> bool:
        """Takes a message that is a code, and answers it; False for every other one.

        Raises:
            Refusal: the code ties nothing.
            Unreachable, DirectoryUnreachable: it has to be taken up once more.
        """
        proving = self._front.proving
        if proving is None or not found.is_direct:
            return False
        user = workspace.user(found.user)
        if not await proving.is_code(user, found.text):
            return False
        account = await self._front.people.account(workspace, found.user)
        if not _may_sign_in(account):
            return False
        place = place_of(workspace, found.channel)
        key = f"{place}/{found.ts}"
        said = await proving.written(user, found.text, occasion=key)
        if said is None:
            return False
        await self._front.surface.say(place, said, key=f"proven/{key}", thread=found.thread or found.ts)
        return True

    async def person(self, found: Heard, workspace: Workspace) -> Person | None:
        """Gives who wrote a message; None for somebody who was given a link to sign in instead.

        Raises:
            UnknownAccount: nobody known, and signing in is not for them, or not here.
            Refusal: an account that may not write, or something is away.
        """
        try:
            return await self._front.person(Who(workspace=workspace, user=found.user), action="message")
        except LinkedElsewhere:
            raise
        except UnknownAccount as refusal:
            if not await self._offered(found, workspace, refusal):
                raise
            return None

    async def _offered(self, found: Heard, workspace: Workspace, refusal: UnknownAccount) -> bool:
        proving = self._front.proving
        if proving is None or not found.is_direct:
            return False
        account = await self._front.people.account(workspace, found.user)
        if not _may_sign_in(account):
            return False
        place, thread = place_of(workspace, found.channel), found.thread or found.ts
        key = f"{place}/{found.ts}"
        asking = Asking(
            user=workspace.user(account.id), purpose=Purpose.LINK, name=account.name, team_name=workspace.name
        )
        offer = await proving.offer(refusal, asking, occasion=key)
        if offer is None:
            return False
        if offer.link:
            # Another try gives another link, which has to be said then.
            mark = hashlib.sha256(offer.link.encode()).hexdigest()[:16]
            await self._front.surface.say_link(
                place, offer.sentence, offer.link, key=f"link/{key}/{mark}", thread=thread
            )
        else:
            await self._front.surface.say(place, offer.sentence, key=f"linked/{key}", thread=thread)
        return True


def _may_sign_in(account: Account) -> bool:
    return not (account.is_bot or account.is_gone or account.is_guest or account.is_stranger)
