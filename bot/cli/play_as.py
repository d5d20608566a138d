"""Who plays which person of the demo company in Slack."""

import re
from collections.abc import Iterable
from typing import Final

from bot.domain.errors import Refusal

DOMAIN: Final = "acme.test"

_WHO: Final = re.compile(r"[A-Za-z0-9._%+-]{1,64}(@[A-Za-z0-9.-]{1,253})?", re.ASCII)
_ACCOUNT: Final = re.compile(r"[UW][A-Z0-9_]{1,40}", re.ASCII)
_PERSON_ID: Final = "p-"
"""What the ids of the demo company's people begin with."""


class BadPart(Refusal):
    """“{text}” does not say who plays whom. Write it like --play-as alice=U0123456789."""


class NotAnAccount(Refusal):
    """“{account}” is no member’s ID in Slack. It begins with U or W; your profile has it: Copy member ID."""


class PartTwice(Refusal):
    """{who} is played by two members. Give one of them another part."""


class AccountTwice(Refusal):
    """{account} cannot be two people at once. Start the demo again to be somebody else."""


def read_play_as(words: Iterable[str]) -> dict[str, str]:
    """Gives the members' IDs by e-mail address, or by the person's id where that was given.

    Raises:
        BadPart: a word is not NAME=ID.
        NotAnAccount: the ID is none of a member's.
        PartTwice, AccountTwice: a person or a member stands in two of them.
    """
    parts: dict[str, str] = {}
    for word in words:
        name, found, account = (one.strip() for one in word.partition("="))
        if not found or not _WHO.fullmatch(name):
            raise BadPart(text=word[:80])
        if not _ACCOUNT.fullmatch(account):
            raise NotAnAccount(account=account[:80])
        who = _spelled(name)
        if who in parts:
            raise PartTwice(who=who)
        if account in parts.values():
            raise AccountTwice(account=account)
        parts[who] = account
    return parts


def _spelled(name: str) -> str:
    if name.startswith(_PERSON_ID):
        return name
    return name.lower() if "@" in name else f"{name.lower()}@{DOMAIN}"
