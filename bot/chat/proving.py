"""Accounts whose address proves nothing sign in once: they get a link, and write the code that it shows.

Signing in alone ties nothing: somebody could have sent their own link to a colleague. The code has to come
from the account that asked for the link, in private.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.chat.accounts import Accounts, UnknownAccount
from bot.chat.refusing import note_refused
from bot.domain.errors import Refusal
from bot.domain.people import PersonId
from bot.domain.signing_in import TRIES
from bot.flow.refusals import DisabledPerson
from bot.flow.seams import Seams
from bot.ports.chat import ChatUser, Proof
from bot.ports.signin import Asking, CodeAnswer, CodeHeard, Purpose, SignIns

_CODE: Final = re.compile(r"\s*(\d{4}) ?(\d{4})\s*", re.ASCII)


class WrongCode(Refusal):
    """That is not the code; {left} left. It stands on the page where you signed in."""


class NoTryLeft(Refusal):
    """That is not the code, and no try is left. Write to me in a minute, and I give you a new link."""


class CodeTooLate(Refusal):
    """It is too late for this code. Write to me again, and I give you a new link."""


class CodeTooEarly(Refusal):
    """There is no code yet. Open the link that I gave you; after you signed in, the page shows one."""


class CodeUsed(Refusal):
    """This code has been used already."""


class NobodyThere(UnknownAccount):
    """You signed in, but I do not know who you are: nobody in the directory has this account. Ask IT."""


_REFUSALS: Final[dict[CodeAnswer, type[Refusal]]] = {
    CodeAnswer.SPENT: NoTryLeft,
    CodeAnswer.TOO_LATE: CodeTooLate,
    CodeAnswer.TOO_EARLY: CodeTooEarly,
    CodeAnswer.USED: CodeUsed,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What is said to an account that may sign in; without a link it has one already."""

    sentence: str
    link: str = ""


class Proving:
    """Has accounts prove who they are, on any surface."""

    def __init__(self, seams: Seams, sign_ins: SignIns, *, link_to: Callable[[str], str]) -> None:
        """Takes what it works with.

        Args:
            seams: the tenant's, where people can sign in.
            sign_ins: those under way.
            link_to: gives the link with a code.
        """
        self._seams = seams
        self._sign_ins = sign_ins
        self._accounts = Accounts(seams)
        self._link_to = link_to

    async def offer(self, refusal: UnknownAccount, asking: Asking, *, occasion: str) -> Offer | None:
        """Gives what is said to an account that is nobody known; None where signing in would not help.

        Args:
            refusal: why it is nobody known.
            asking: the account; neither a guest nor a stranger, and only ever told in private.
            occasion: what it is asked at; for the same one a link is given again.
        """
        async with self._seams.store.view(self._seams.tenant) as view:
            if await view.links.of_user(asking.user) is not None:
                return None
        now = self._seams.clock.now()
        code = await self._sign_ins.ask(self._seams.tenant, asking, occasion=occasion, now=now)
        if code is None:
            return Offer(
                sentence=f"{refusal.sentence} Or use the link to sign in that I gave you a moment ago."
            )
        return Offer(
            sentence=f"{refusal.sentence} Or sign in once, so that I know who you are. The link is for you "
            "alone, and good for 10 minutes:",
            link=self._link_to(code),
        )

    async def is_code(self, user: ChatUser, text: str) -> bool:
        """Whether the text is nothing but eight digits, and its writer has asked for a link."""
        if _CODE.fullmatch(text) is None:
            return False
        return await self._sign_ins.of_user(self._seams.tenant, user, Purpose.LINK) is not None

    async def written(self, user: ChatUser, text: str, *, occasion: str) -> str | None:
        """Gives what is said to a code that was written in private; None where the text is none.

        A text is a code where nothing else is in it, and the account has asked for a link.

        Args:
            user: who wrote it; neither a guest nor a stranger.
            text: all that was written.
            occasion: what was written; the same one again counts no further.

        Raises:
            Refusal: it ties nothing.
            DirectoryUnreachable: it cannot be found out at the moment; the code stays good for this occasion.
        """
        found = _CODE.fullmatch(text)
        if found is None:
            return None
        now = self._seams.clock.now()
        heard = await self._sign_ins.answer(
            self._seams.tenant, user, Purpose.LINK, found[1] + found[2], occasion=occasion, now=now
        )
        if heard is None or (heard.answer is CodeAnswer.USED and heard.sign_in.until <= now):
            # Whoever has been known for a while may well write a number of eight digits.
            return None
        try:
            return await self._tied(user, heard)
        except Refusal as refusal:
            if refusal.kind != "unavailable":
                await note_refused(self._seams, refusal, surface=user.surface, user=user.id, action="sign_in")
            raise

    async def _tied(self, user: ChatUser, heard: CodeHeard) -> str:
        signed = heard.sign_in.signed
        if heard.answer is CodeAnswer.WRONG:
            left = TRIES - heard.sign_in.tries
            raise WrongCode(left="1 try is" if left == 1 else f"{left} tries are")
        if heard.answer is not CodeAnswer.RIGHT or signed is None:
            raise _REFUSALS.get(heard.answer, CodeTooLate)
        person = await self._seams.directory.afresh().person(PersonId(signed.subject))
        # What a directory may be asked with besides an id proves nobody.
        if person is None or person.id != signed.subject:
            raise NobodyThere
        if not person.enabled:
            raise DisabledPerson(name=person.name)
        await self._accounts.store(user, person, Proof.SIGN_IN)
        return f"You are {person.name} now. Tell me what you need."
