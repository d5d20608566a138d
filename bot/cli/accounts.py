"""Which account on a chat platform is whose; the same for every platform."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from bot.app import Deployment
from bot.chat.accounts import entry_of, tie
from bot.cli.frame import OPERATOR, Frame
from bot.domain.canonical import JsonValue
from bot.domain.errors import Refusal
from bot.domain.tools import shortened
from bot.flow.refusals import UnknownPerson
from bot.ports.chat import ChatUser

Scope = Callable[[Deployment], Awaitable[str]]
"""Gives the organisation on the platform that an account belongs to; raises a refusal where that is open."""


class NotLinked(Refusal):
    """{user} is tied to nobody. “countersign {surface} links” shows who is."""

    kind = "missing"


@dataclass(frozen=True, slots=True)
class PlatformAccounts:
    """The accounts on one platform."""

    surface: str
    platform: str
    """What people call it."""

    async def tie(self, use: Frame, email: str, user: str, scope: Scope) -> bool:
        """Ties the account to the person with this address; what either was tied to is undone.

        Raises:
            UnknownPerson: nobody has the address.
        """
        async with use.deployment() as deployment:
            person = await deployment.directory.by_email(email)
            if person is None:
                raise UnknownPerson(email=shortened(email))
            account = ChatUser(surface=self.surface, team=await scope(deployment), id=user)
            await tie(deployment.store, deployment.tenant, account, person, now=deployment.clock.now())
        use.answer(
            {"person": person.email, "user": user, "team": account.team}, f"{user} is {person.name} now."
        )
        return True

    async def untie(self, use: Frame, user: str, scope: Scope) -> bool:
        """Unties the account.

        Raises:
            NotLinked: it is tied to nobody.
        """
        async with use.deployment() as deployment:
            account = ChatUser(surface=self.surface, team=await scope(deployment), id=user)
            async with deployment.store.unit(deployment.tenant) as unit:
                link = await unit.links.of_user(account)
                if link is None:
                    raise NotLinked(user=shortened(user), surface=self.surface)
                await unit.links.remove(account)
                gone = replace(link, at=deployment.clock.now())
                await unit.audit.append(entry_of("person.unlinked", gone, agent=OPERATOR))
        use.answer({"user": user}, f"{user} is tied to nobody now.")
        return True

    async def list_ties(self, use: Frame) -> bool:
        """Lists which account is whose."""
        async with use.deployment() as deployment, deployment.store.view(deployment.tenant) as view:
            found = [link for link in await view.links.all() if link.user.surface == self.surface]
        rows: list[JsonValue] = [
            {"team": one.user.team, "user": one.user.id, "person": one.person, "by": one.proof.value}
            for one in found
        ]
        lines = [f"{one.user.team}  {one.user.id}  {one.person}  by {one.proof.value}" for one in found]
        nobody = f"No {self.platform} account is tied to anybody yet."
        use.answer({"links": rows}, "\n".join(lines) or nobody)
        return True
