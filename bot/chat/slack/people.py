"""Who is behind a Slack account: a stored link, or a confirmed address that proves one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.chat.accounts import Accounts, UnknownAccount
from bot.chat.slack.api import answer
from bot.chat.slack.workspaces import SLACK, Workspace
from bot.documents.json_reading import object_at, object_of, text_at
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.people import Person, PersonId
from bot.flow.seams import Seams
from bot.ports.chat import Proof
from bot.ports.outside import Gone

WRITTEN_TO: Final = timedelta(minutes=1)
"""How old what Slack said of an account may be to write to it; for a decision it is always asked anew."""
KEPT: Final = 10_000
"""Accounts of which that is remembered."""
log = structlog.get_logger()


class UnconfirmedAddress(UnknownAccount):
    """I do not know who you are: Slack has not confirmed your address. Confirm it, or ask IT to link you."""


class StrangerHere(Refusal):
    """You are from another organisation, so nothing can be asked or decided from your account here."""

    kind = "forbidden"


class GuestHere(Refusal):
    """You are a guest in this workspace, and guests decide nothing here. Somebody else has to."""

    kind = "forbidden"


class NoPerson(Refusal):
    """Bots and deactivated accounts neither ask nor decide here."""

    kind = "forbidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What Slack says of a user at this moment."""

    id: str
    team: str
    enterprise: str
    name: str
    """In the words of whoever has the account."""
    email: str
    confirmed: bool | None
    """None where Slack says nothing of it."""
    is_gone: bool
    is_bot: bool
    is_guest: bool
    is_stranger: bool


class SlackPeople:
    """Finds the person of an account, and the account of a person; always looks at Slack anew."""

    def __init__(self, seams: Seams, *, is_strict: bool) -> None:
        """Takes the tenant's seams.

        Args:
            seams: the directory, the links and the audit log.
            is_strict: whether an address counts only where it is said to be confirmed. Slack always says it;
                a stand-in for Slack on the same machine may know nothing of it.
        """
        self._seams = seams
        self._accounts = Accounts(seams)
        self._is_strict = is_strict
        self._reached: dict[tuple[str, PersonId], tuple[datetime, Account]] = {}

    async def person(self, workspace: Workspace, user: str, *, deciding: bool = False) -> Person:
        """Gives who this account belongs to; one that is new here is linked if its address proves it.

        Raises:
            StrangerHere, GuestHere, NoPerson: such an account may not do this.
            UnknownAccount: nobody that the directory knows.
            DirectoryUnreachable, Unreachable: it cannot be found out at the moment.
        """
        account = await self.account(workspace, user)
        if account.is_bot or account.is_gone:
            raise NoPerson
        if account.is_stranger:
            raise StrangerHere
        if account.is_guest and deciding:
            raise GuestHere
        linked = await self._accounts.linked(workspace.user(account.id))
        return linked if linked is not None else await self._newly_linked(workspace, account)

    async def account(self, workspace: Workspace, user: str) -> Account:
        """Gives what Slack says of the user now.

        Raises:
            Gone: there is no such user.
            Unreachable: Slack does not answer.
        """
        told = await answer("users.info", lambda: workspace.client.users_info(user=user))
        return _account(object_at(told, "user"), workspace)

    async def account_of(self, workspace: Workspace, person: Person) -> Account | None:
        """Gives the account in this workspace that is tied to the person, or that their address proves.

        It is for writing to them only, so it may be a minute old.

        Raises:
            Gone: there is one, and it cannot be written to.
            Unreachable: Slack does not answer.
        """
        now = self._seams.clock.now()
        kept = self._reached.get((workspace.scope, person.id))
        if kept is not None and now < kept[0] + WRITTEN_TO:
            return kept[1]
        found = await self._account_of(workspace, person)
        if found is not None:
            if len(self._reached) > KEPT:
                self._reached.clear()
            self._reached[workspace.scope, person.id] = (now, found)
        return found

    async def _account_of(self, workspace: Workspace, person: Person) -> Account | None:
        async with self._seams.store.view(self._seams.tenant) as view:
            links = await view.links.of_person(person.id, SLACK)
        own = next((link for link in links if link.user.team == workspace.scope), None)
        if own is not None:
            account = await self.account(workspace, own.user.id)
            if account.is_gone or account.is_stranger:
                raise Gone(name=person.name, surface="Slack", why="the account is deactivated")
            return account
        try:
            told = await answer(
                "users.lookupByEmail", lambda: workspace.client.users_lookupByEmail(email=person.email)
            )
            account = _account(object_at(told, "user"), workspace)
            if account.is_bot or account.is_gone or account.is_stranger:
                return None
            found = await self._newly_linked(workspace, account)
        except (Gone, UnknownAccount):
            return None
        return account if found.id == person.id else None

    async def _newly_linked(self, workspace: Workspace, account: Account) -> Person:
        person = await self._accounts.of_address(account.email)
        if account.confirmed is False or (account.confirmed is None and self._is_strict):
            raise UnconfirmedAddress
        await self._accounts.store(workspace.user(account.id), person, Proof.EMAIL)
        return person

    async def link(self, workspace: Workspace, user: str, person: Person) -> None:
        """Ties an account to a person because the operator says so; what either was tied to before is undone.

        Raises:
            Gone: there is no such user.
            Unreachable: Slack does not answer.
        """
        await self.account(workspace, user)
        await self._accounts.tie(workspace.user(user), person)


def _account(user: JsonObject, workspace: Workspace) -> Account:
    above = object_of(user.get("enterprise_user"))
    team = text_at(user, "team_id") or workspace.team
    enterprise = text_at(above, "enterprise_id")
    at_home = team == workspace.team or (bool(enterprise) and enterprise == workspace.enterprise)
    confirmed = user.get("is_email_confirmed")
    return Account(
        id=text_at(user, "id"),
        team=team,
        enterprise=enterprise,
        name=_name_of(user),
        email=text_at(user, "profile", "email"),
        confirmed=confirmed if isinstance(confirmed, bool) else None,
        is_gone=user.get("deleted") is True,
        is_bot=user.get("is_bot") is True or text_at(user, "id") == "USLACKBOT",
        is_guest=user.get("is_restricted") is True or user.get("is_ultra_restricted") is True,
        is_stranger=user.get("is_stranger") is True or not at_home,
    )


def _name_of(user: JsonObject) -> str:
    full, short = text_at(user, "profile", "real_name"), text_at(user, "name")
    return f"{full} (@{short})" if full and short else full or short
