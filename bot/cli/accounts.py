"""Which account and which person the command line means; the same for every platform."""

from dataclasses import dataclass
from typing import Final

from bot.app import Deployment
from bot.chat.slack.workspaces import SLACK
from bot.chat.teams.conversations import TEAMS
from bot.cli.slack_account import slack_account
from bot.cli.teams_account import teams_account
from bot.domain.errors import Refusal
from bot.domain.people import Person, PersonId
from bot.domain.tools import shortened
from bot.ports.chat import ChatUser
from bot.ports.directory import Directory

GATEWAY: Final = "gateway"
"""The surface of tokens with which other agents come in; their issuer is the team, their subject the user."""

KINDS: Final = {SLACK: "Slack account", TEAMS: "Teams account", GATEWAY: "subject"}
"""What people call an account, by its surface."""

_SUBJECT: Final = 255
"""Characters of a subject. Source: https://openid.net/specs/openid-connect-core-1_0.html#IDToken"""
_ISSUER: Final = 2000


class WhichAccount(Refusal):
    """Name one account, with --slack MEMBER-ID, --teams OBJECT-ID, or --gateway SUBJECT --issuer ISSUER."""


class OddOptions(Refusal):
    """--issuer goes with --gateway; --team goes with --slack and --teams."""


class NoIssuer(Refusal):
    """Say with --issuer who issues tokens for this subject: what they have as “iss”."""


class NotInAToken(Refusal):
    """“{text}” stands in no token. Copy issuer and subject as the token has them, “iss” and “sub”."""


class NobodyNamed(Refusal):
    """Nobody in the directory has the address or the id “{said}”. Check the spelling."""

    kind = "missing"


class TwoNamed(Refusal):
    """“{said}” is {one}’s address and {other}’s id. Write the address of whom you mean."""

    kind = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAccount:
    """An account as it was named; None and empty for what was not."""

    slack: str | None = None
    teams: str | None = None
    gateway: str | None = None
    issuer: str = ""
    team: str = ""

    async def to_tie(self, deployment: Deployment) -> ChatUser:
        """Gives the account, which may be tied to somebody.

        Raises:
            Refusal: none is named, or no such one can be tied.
        """
        return await self._found(deployment, is_new=True)

    async def tied(self, deployment: Deployment) -> ChatUser:
        """Gives the account, which may be tied already.

        Raises:
            Refusal: none is named.
        """
        return await self._found(deployment, is_new=False)

    async def _found(self, deployment: Deployment, *, is_new: bool) -> ChatUser:
        if sum(one is not None for one in (self.slack, self.teams, self.gateway)) != 1:
            raise WhichAccount
        if self.team if self.gateway is not None else self.issuer:
            raise OddOptions
        if self.slack is not None:
            return await slack_account(deployment, self.slack, self.team, is_new=is_new)
        if self.teams is not None:
            return await teams_account(deployment, self.teams, self.team, is_new=is_new)
        return self._subject(self.gateway or "")

    def _subject(self, subject: str) -> ChatUser:
        if not self.issuer:
            raise NoIssuer
        for text, most in ((self.issuer, _ISSUER), (subject, _SUBJECT)):
            if not 0 < len(text) <= most or not text.isprintable() or text != text.strip():
                raise NotInAToken(text=shortened(text))
        return ChatUser(surface=GATEWAY, team=self.issuer, id=subject)


async def person_named(directory: Directory, said: str) -> Person:
    """Gives the person with this address, or with this id of the provider's own.

    Raises:
        NobodyNamed: nobody has it.
        TwoNamed: it is one's address and another one's id.
        DirectoryUnreachable: it cannot be found out at the moment.
    """
    by_email = await directory.by_email(said)
    known = await directory.person(PersonId(said))
    # A directory may be asked with something else than an id, which nobody at a terminal means.
    by_id = known if known is not None and known.id == said else None
    if by_email is not None and by_id is not None and by_email.id != by_id.id:
        raise TwoNamed(said=shortened(said), one=by_email.name, other=by_id.name)
    found = by_email or by_id
    if found is None:
        raise NobodyNamed(said=shortened(said))
    return found
