"""Who plays which person of the demo company, in Slack or in Teams."""

import re
from collections.abc import Iterable
from typing import Final

from bot.chat.slack.workspaces import SLACK
from bot.chat.teams.conversations import TEAMS
from bot.chat.teams.ids import is_object_id
from bot.demo.parts import Part
from bot.domain.errors import Refusal

DOMAIN: Final = "acme.test"

_WHO: Final = re.compile(r"[A-Za-z0-9._%+-]{1,64}(@[A-Za-z0-9.-]{1,253})?", re.ASCII)
_MEMBER: Final = re.compile(r"[UW][A-Z0-9_]{1,40}", re.ASCII)
_PERSON_ID: Final = "p-"
"""What the ids of the demo company's people begin with."""


class BadPart(Refusal):
    """“{text}” does not say who plays whom. Write it like --play-as alice=U0123456789."""


class NotAnAccount(Refusal):
    """“{account}” is no member’s ID of Slack (U0123456789) and no object id of Entra (a GUID)."""


class PartTwice(Refusal):
    """{who} is played by two members. Give one of them another part."""


class AccountTwice(Refusal):
    """{account} cannot be two people at once. Start the demo again to be somebody else."""


def read_play_as(words: Iterable[str]) -> tuple[Part, ...]:
    """Gives the parts in the order of the words; a person may be played once on each surface.

    Raises:
        BadPart: a word is not NAME=ID.
        NotAnAccount: the ID is none of Slack's and none of Entra's.
        PartTwice, AccountTwice: a person or a member stands in two of them.
    """
    parts: list[Part] = []
    for word in words:
        name, found, account = (one.strip() for one in word.partition("="))
        if not found or not _WHO.fullmatch(name):
            raise BadPart(text=word[:80])
        part = _part(_spelled(name), account)
        if any((one.person, one.surface) == (part.person, part.surface) for one in parts):
            raise PartTwice(who=part.person)
        if any(one.account == part.account for one in parts):
            raise AccountTwice(account=part.account)
        parts.append(part)
    return tuple(parts)


def _part(person: str, account: str) -> Part:
    if _MEMBER.fullmatch(account):
        return Part(person, SLACK, account)
    if is_object_id(account):
        return Part(person, TEAMS, account.lower())
    raise NotAnAccount(account=account[:80])


def _spelled(name: str) -> str:
    if name.startswith(_PERSON_ID):
        return name
    return name.lower() if "@" in name else f"{name.lower()}@{DOMAIN}"
