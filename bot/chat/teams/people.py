"""Who is behind a Teams account: a stored link by `aadObjectId`, or a sign-in name that proves one."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from bot.chat.accounts import Accounts, UnknownAccount
from bot.chat.teams.access import Access
from bot.chat.teams.account_refusals import AddMeFirst, GuestHere, GuestUnknown, NobodySigned, StrangerHere
from bot.chat.teams.connector.calls import Connector, Member, NotHere
from bot.chat.teams.conversations import TEAMS, KnownConversations
from bot.chat.teams.events import Turn
from bot.chat.teams.graph import NotPermitted
from bot.chat.teams.ids import is_object_id
from bot.documents.json_reading import text_at
from bot.domain.errors import Refusal
from bot.domain.people import Person, PersonId
from bot.flow.seams import Seams
from bot.ports.chat import ChatUser, Proof
from bot.ports.outside import Gone, Unreachable

FRESH: Final = timedelta(minutes=1)
"""How old what Teams said of an account may be for a decision."""
KEPT: Final = 10_000
"""Accounts of which that is remembered."""
ASKED_AGAIN: Final = timedelta(minutes=10)
"""How long it is remembered that somebody has no account, or that nobody may look."""

log = structlog.get_logger()


class Lookup(Protocol):
    """Finds accounts of people who never wrote, and has the bot installed for them."""

    async def account_of(self, principal_name: str) -> str | None:
        """Gives the `aadObjectId` of the enabled member with this sign-in name; None when there is none.

        Raises:
            Unreachable: it cannot be found out at the moment, or the bot may not look.
        """
        ...

    async def install_for(self, user: str) -> None:
        """Has the bot installed for a user; repeating it changes nothing.

        Raises:
            Unreachable: it cannot be installed at the moment, or the bot may not.
        """
        ...


class TeamsPeople:
    """Finds the person of an account, and the account of a person."""

    def __init__(
        self,
        seams: Seams,
        *,
        access: Access,
        connector: Connector,
        conversations: KnownConversations,
        lookup: Lookup | None,
    ) -> None:
        """Takes what it works with.

        Args:
            seams: the directory, the links and the audit log.
            access: whose people may come in.
            connector: asks Teams about a member.
            conversations: where the bot is.
            lookup: finds accounts of people who never wrote; None where that is not to be had.
        """
        self._seams = seams
        self._access = access
        self._connector = connector
        self._conversations = conversations
        self._lookup = lookup
        self._accounts = Accounts(seams)
        self._missing: dict[PersonId, datetime] = {}
        self._at_home: dict[ChatUser, datetime] = {}

    def scope(self, turn: Turn) -> str:
        """Gives the organisation in which something was done.

        Raises:
            StrangerHere: it is not served.
        """
        found = self._access.scope(turn.tenant)
        if found is None:
            raise StrangerHere
        return found

    def user_of(self, turn: Turn) -> ChatUser:
        """Gives the account that did something.

        Raises:
            NobodySigned: it has no id of the organisation's.
            StrangerHere: it is of an organisation that is not served.
        """
        if not turn.user:
            raise NobodySigned
        return ChatUser(surface=TEAMS, team=self.scope(turn), id=turn.user)

    async def known(self, turn: Turn) -> Person | None:
        """Gives who did something, as far as they are linked; None for anybody else.

        Raises:
            DirectoryUnreachable: it cannot be found out at the moment.
        """
        try:
            return await self._accounts.linked(self.user_of(turn))
        except UnknownAccount:
            return None

    async def person(self, turn: Turn, *, deciding: bool = False) -> Person:
        """Gives who did something; one that is new here is linked if their sign-in name proves them.

        Args:
            turn: what was done.
            deciding: whether it decides something; then Teams is asked of the account within the last minute.

        Raises:
            StrangerHere, GuestHere, NobodySigned: such an account may do nothing here.
            UnknownAccount: nobody that the directory knows.
            AddMeFirst: it can be found out only once the bot is added.
            DirectoryUnreachable, Unreachable: it cannot be found out at the moment.
        """
        user = self.user_of(turn)
        linked = await self._accounts.linked(user)
        if linked is None:
            return await self._proven(user, await self._account(turn, user))
        if deciding:
            await self._check_at_home(turn, user)
        return linked

    async def colleague(self, turn: Turn) -> Member:
        """Gives what Teams says of whoever did something, now; guests and strangers are no colleagues.

        Raises:
            StrangerHere, GuestUnknown, NobodySigned, UnknownAccount: nobody of this organisation.
            AddMeFirst: it can be found out only once the bot is added.
            Unreachable: it cannot be found out at the moment.
        """
        user = self.user_of(turn)
        member = await self._account(turn, user)
        self._check_member(user, member, GuestUnknown())
        return member

    async def _account(self, turn: Turn, user: ChatUser) -> Member:
        """Gives what Teams says of whoever did something; the bot is installed for them if need be."""
        try:
            member = await self._anywhere(turn, user.team, self._name_of(turn))
        except NotHere:
            member = await self._once_installed(turn, user)
        except Gone as refusal:
            raise UnknownAccount from refusal
        if member is None or member.object_id.lower() != user.id:
            raise UnknownAccount
        return member

    def _name_of(self, turn: Turn) -> str:
        """Gives the id to ask for an account by; Microsoft's playground knows its people by the other one."""
        return turn.account if self._access.is_open else turn.user

    async def _once_installed(self, turn: Turn, user: ChatUser) -> Member | None:
        if self._lookup is None:
            raise AddMeFirst
        try:
            await self._lookup.install_for(user.id)
            return await self._anywhere(turn, user.team, self._name_of(turn))
        except (NotHere, NotPermitted) as refusal:
            raise AddMeFirst from refusal
        except Gone as refusal:
            raise UnknownAccount from refusal

    async def _check_at_home(self, turn: Turn, user: ChatUser) -> None:
        """Lets nobody decide whose account is a guest's, or another organisation's, by now."""
        now, checked = self._seams.clock.now(), self._at_home.get(user)
        if checked is not None and now < checked + FRESH:
            return
        self._check_member(user, await self._account(turn, user), GuestHere())
        if len(self._at_home) > KEPT:
            self._at_home.clear()
        self._at_home[user] = now

    def _check_member(self, user: ChatUser, member: Member, refusal: Refusal) -> None:
        """Passes for members of the organisation itself; for guests, the refusal."""
        if member.is_guest or "#ext#" in member.principal_name.lower():
            raise refusal
        if not self._access.is_open and self._access.scope(member.tenant) != user.team:
            raise StrangerHere

    async def mentioned(self, turn: Turn, account: str) -> Person | None:
        """Gives the person whom a message mentions; None for nobody known.

        Args:
            turn: the message.
            account: the bot's own id of them, or their `aadObjectId`.

        Raises:
            DirectoryUnreachable, Unreachable: it cannot be found out at the moment.
        """
        try:
            scope = self.user_of(turn).team
            if is_object_id(account):
                known = await self._accounts.linked(ChatUser(surface=TEAMS, team=scope, id=account.lower()))
                if known is not None:
                    return known
            member = await self._anywhere(turn, scope, account)
            if member is None or not member.object_id:
                return None
            user = ChatUser(surface=TEAMS, team=scope, id=member.object_id.lower())
            return await self._accounts.linked(user) or await self._proven(user, member)
        except Gone:
            return None
        except Unreachable:
            raise
        except Refusal as refusal:
            if refusal.kind == "unavailable":
                raise
            return None

    async def _anywhere(self, turn: Turn, scope: str, account: str) -> Member | None:
        """Gives what Teams says of an account that need not be where something was done.

        Raises:
            Gone: nothing, since the bot is not installed for them either.
        """
        with suppress(NotHere):
            member = await self._connector.member(turn.reference, account)
            if member is not None or self._access.is_open:
                return member
        own = await self._connector.open_personal(
            service_url=text_at(turn.reference, "serviceUrl"), tenant=scope, user=account
        )
        return await self._connector.member(own, account)

    async def _proven(self, user: ChatUser, member: Member) -> Person:
        self._check_member(user, member, GuestUnknown())
        person = await self._accounts.of_address(member.principal_name, is_sign_in_name=True)
        await self._accounts.store(user, person, Proof.EMAIL)
        return person

    async def account_of(self, person: Person) -> ChatUser | None:
        """Gives the account that is tied to the person, or that their address proves; None for none.

        Raises:
            Unreachable: it cannot be found out at the moment.
        """
        return next(iter(await self.accounts_of(person)), None)

    async def accounts_of(self, person: Person) -> tuple[ChatUser, ...]:
        """Gives every account that is tied to the person, or else the one that their address proves.

        Raises:
            Unreachable: it cannot be found out at the moment.
        """
        async with self._seams.store.view(self._seams.tenant) as view:
            links = await view.links.of_person(person.id, TEAMS)
        mine = [link.user for link in links if self._access.scope(link.user.team) == link.user.team]
        if mine:
            return tuple(mine)
        found = await self._looked_up(person)
        return () if found is None else (found,)

    async def _looked_up(self, person: Person) -> ChatUser | None:
        now, since = self._seams.clock.now(), self._missing.get(person.id)
        if self._lookup is None or (since is not None and now < since + ASKED_AGAIN):
            return None
        found = await self._lookup.account_of(person.email)
        scope = self._access.scope(self._access.tenant)
        if found is None or scope is None:
            self._missing[person.id] = now
            return None
        user = ChatUser(surface=TEAMS, team=scope, id=found.lower())
        try:
            proven = await self._accounts.of_address(person.email, is_sign_in_name=True)
            await self._accounts.store(user, proven, Proof.EMAIL)
        except UnknownAccount as refusal:
            log.info("account.unproven", why=type(refusal).__name__)
            self._missing[person.id] = now
            return None
        return user if proven.id == person.id else None

    async def tie(self, user: ChatUser, person: Person) -> None:
        """Ties an account to a person because the operator says so; what either was tied to is undone."""
        await self._accounts.tie(user, person)
