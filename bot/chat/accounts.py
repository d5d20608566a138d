"""Ties accounts on a chat platform to persons, by an address that proves it or by the operator’s word."""

from datetime import datetime
from typing import Final

from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.people import Person, TenantId
from bot.flow.seams import Seams
from bot.ports.chat import ChatUser, Link, Proof
from bot.ports.records import Overtaken
from bot.ports.store import Store

_PUBLIC_MAIL: Final = frozenset(
    {
        "aol.com", "fastmail.com", "gmail.com", "gmx.de", "gmx.net", "googlemail.com", "hey.com",
        "hotmail.com", "icloud.com", "live.com", "mail.com", "mail.ru", "me.com", "msn.com", "outlook.com",
        "pm.me", "proton.me", "protonmail.com", "qq.com", "web.de", "yahoo.com", "yandex.ru",
        "ymail.com", "zoho.com",
    }
)  # fmt: skip
"""Domains where anybody gets an address, so that one proves nothing unless an admin allows the domain."""


class UnknownAccount(Refusal):
    """I do not know who you are: nobody in the directory has your address. Ask IT to link your account."""

    kind = "forbidden"


class ForeignAddress(UnknownAccount):
    """I do not know who you are: addresses at {domain} are not accepted here. Ask IT to link your account."""


class LinkedElsewhere(UnknownAccount):
    """{name} is tied to another account already. Ask IT which one is right."""


class Accounts:
    """The ties between accounts and persons."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def linked(self, user: ChatUser) -> Person | None:
        """Gives the person that the account is tied to, looked up now; None while it is tied to nobody.

        Raises:
            UnknownAccount: it is tied to somebody whom the directory does not know any more.
            DirectoryUnreachable: it cannot be found out at the moment.
        """
        async with self._seams.store.view(self._seams.tenant) as view:
            link = await view.links.of_user(user)
        if link is None:
            return None
        found = await self._seams.directory.afresh().person(link.person)
        if found is None:
            raise UnknownAccount
        return found

    async def of_address(self, email: str, *, is_sign_in_name: bool = False) -> Person:
        """Gives the person that an address, confirmed by the platform, would prove.

        The domain of the address itself has to be accepted. A sign-in name is vouched for by the organisation
        that the person is of, so that it is the domain of their main address that counts.

        Raises:
            UnknownAccount: nobody has it, or more than one.
            ForeignAddress: its domain is not accepted.
            DirectoryUnreachable: it cannot be found out at the moment.
        """
        person = await self._seams.directory.afresh().by_email(email) if email else None
        if person is None:
            raise UnknownAccount
        async with self._seams.store.view(self._seams.tenant) as view:
            domains = (await view.tenant()).email_domains
        domain = person.domain.lower() if is_sign_in_name else email.strip().rpartition("@")[2].lower()
        if (domain not in domains) if domains else (domain in _PUBLIC_MAIL):
            raise ForeignAddress(domain=domain)
        return person

    async def store(self, user: ChatUser, person: Person, proof: Proof) -> None:
        """Ties the account to the person; doing it twice leaves the same.

        Raises:
            LinkedElsewhere: the account, or the person on this surface, is tied to somebody else.
        """
        link = Link(user=user, person=person.id, proof=proof, at=self._seams.clock.now())
        try:
            async with self._seams.store.unit(self._seams.tenant) as unit:
                await unit.links.add(link)
                await unit.audit.append(entry_of("person.linked", link))
        except Overtaken:
            async with self._seams.store.view(self._seams.tenant) as view:
                stored = await view.links.of_user(user)
            if stored is None or stored.person != person.id:
                raise LinkedElsewhere(name=person.name) from None

    async def tie(self, user: ChatUser, person: Person) -> None:
        """Ties the account to the person because the operator says so; earlier ties of either are undone.

        Raises:
            Overtaken: one of both was tied by somebody else at this moment.
        """
        await tie(self._seams.store, self._seams.tenant, user, person, now=self._seams.clock.now())


async def tie(store: Store, tenant: TenantId, user: ChatUser, person: Person, *, now: datetime) -> None:
    """Ties the account to the person because the operator says so; earlier ties of either are undone.

    Doing it twice changes nothing.

    Raises:
        Overtaken: one of both was tied by somebody else at this moment.
    """
    link = Link(user=user, person=person.id, proof=Proof.OPERATOR, at=now)
    async with store.unit(tenant) as unit:
        current = await unit.links.of_user(user)
        if current is not None and (current.person, current.proof) == (person.id, Proof.OPERATOR):
            return
        for old in await unit.links.of_person(person.id, user.surface):
            if old.user.team == user.team:
                await unit.links.remove(old.user)
        await unit.links.remove(user)
        await unit.links.add(link)
        await unit.audit.append(entry_of("person.linked", link, agent=Proof.OPERATOR.value))


def entry_of(kind: str, link: Link, *, agent: str = "") -> AuditEntry:
    """Gives the entry of the audit log for a link that was made or undone, by the agent if it is named."""
    user = link.user
    return AuditEntry(
        at=link.at,
        kind=kind,
        actor=link.person,
        agent=agent,
        details={
            "surface": user.surface,
            "team": user.team,
            "user": user.id,
            "by": agent or link.proof.value,
        },
    )
