"""The permissions that the bot needs of Microsoft Graph, and how to find out which are missing.

Source: https://learn.microsoft.com/graph/permissions-reference
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from bot.directory.calls import Missing, segment
from bot.directory.entra.graph import GONE, NO_MAILBOX, GraphCalls, Question
from bot.directory.entra.odata import path
from bot.documents.json_reading import rows_at, text_at
from bot.ports.directory import Gap

USERS: Final = "User.Read.All"
GROUPS: Final = "GroupMember.Read.All"
MAILBOXES: Final = "MailboxSettings.Read"
PRESENCE: Final = "Presence.Read.All"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    gap: Gap
    instead: frozenset[str]
    """Permissions that allow more than this one, and this too."""


_WANTED: Final = (
    _Wanted(
        gap=Gap(
            permission=USERS,
            without="Nobody can be looked up, so nothing can be asked or decided.",
            is_needed=True,
        ),
        instead=frozenset({"User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}),
    ),
    _Wanted(
        gap=Gap(permission=GROUPS, without="Nobody has a role, so nothing can be approved.", is_needed=True),
        instead=frozenset(
            {
                "Group.Read.All",
                "Group.ReadWrite.All",
                "GroupMember.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            }
        ),
    ),
    _Wanted(
        gap=Gap(
            permission=MAILBOXES, without="Nobody’s time zone and working hours are known.", is_needed=False
        ),
        instead=frozenset({"MailboxSettings.ReadWrite"}),
    ),
    _Wanted(
        gap=Gap(
            permission=PRESENCE, without="It is not known who is away or out of office.", is_needed=False
        ),
        instead=frozenset({"Presence.ReadWrite.All"}),
    ),
)
PERMISSIONS: Final = frozenset(one.gap.permission for one in _WANTED)
"""Everything that the bot can make use of."""


def gaps_of(granted: Collection[str]) -> tuple[Gap, ...]:
    """Gives what is missing where only these permissions were granted."""
    return tuple(one.gap for one in _WANTED if not ({one.gap.permission} | one.instead) & set(granted))


async def gaps_tried(graph: GraphCalls) -> tuple[Gap, ...]:
    """Gives what is missing, found out by asking for something of each kind.

    Whether somebody's working time may be read is only found out where there is somebody.
    """
    some = [
        _question(path("users", select="id", top="1"), USERS),
        _question(path("groups", select="id", top="1"), GROUPS),
    ]
    users, groups = await graph.answers(some)
    denied = _denied(some, [users.status, groups.status])
    ids = [text_at(user, "id") for user in rows_at(users.found, "value")]
    if ids:
        somebody = _segment(graph, ids[0])
        theirs = [
            _question(f"users/{somebody}/mailboxSettings/timeZone", MAILBOXES),
            _question(f"users/{somebody}/presence", PRESENCE),
        ]
        denied |= _denied(theirs, [answer.status for answer in await graph.answers(theirs)])
    return gaps_of(PERMISSIONS - denied)


def _denied(questions: Iterable[Question], statuses: Iterable[int]) -> set[str]:
    asked = zip(questions, statuses, strict=True)
    return {question.permission for question, status in asked if status == 403}


def _segment(graph: GraphCalls, said: str) -> str:
    try:
        return segment(said)
    except Missing:
        raise graph.away("its answer is not what was asked for") from None


def _question(asked: str, permission: str) -> Question:
    return Question(path=asked, what="see what it lets me do", permission=permission, gone=GONE | NO_MAILBOX)
