"""Which word of a tool's name says what the tool does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.actions import Effect
from bot.domain.tool_names import vocabulary
from bot.domain.verbs import MAYBE_WRITES, READS, WRITES, Sense, sense_of

_CONJUNCTIONS = vocabulary("and n or then")
_TIES = vocabulary(
    """
    access assignee assignees block blocks bookmark bookmarks collaborator collaborators dependencies
    dependency favorite favorites favourite favourites follower followers from guest guests label labels
    licence licences license licenses link links member members membership memberships parent
    participant participants permission permissions pin reaction reactions relation relations reviewer
    reviewers role roles star subscriber subscribers tag tags vote watcher watchers
    """
)
"""Behind `remove`: what the next call can tie again."""
_PASSING = vocabulary(
    """
    breakpoint breakpoints cache caches cookie cookies dns filter filters search selection session
    sessions
    """
)
"""Behind `clear`, `flush` or `drop`: what comes back by itself."""
_TELLING = vocabulary(
    """
    content contents count counts definitions detail details diff fields history info information limit
    limits list metrics overview schema statistics stats status statuses summaries summary tree type
    types usage
    """
)
"""Behind a noun: the tool tells about it."""
_ON_SCREEN = vocabulary("alert banner dialog message notification notifications popup toast")
"""Behind `show`: put before somebody's eyes."""
_POINTERS = vocabulary("address dns host hostname hosts id ids name names url urls")
"""Behind `resolve`: looked up, not settled."""
_SAVED = vocabulary("report reports search")
"""Behind `run`: worked out, not set going."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameReading:
    """What a tool's name says."""

    effect: Effect | None
    """None where the name says nothing, or too little."""
    word: str
    """The word that says it; empty where none does."""
    leads: bool
    """That word is the name's first."""
    doubtful: bool = False
    """The word may be a changing verb or a noun (`log_time`); a hint alone does not settle it."""


_NOTHING: Final = NameReading(effect=None, word="", leads=False)


def read_name(name: Sequence[str]) -> NameReading:
    """Gives what the words of a name say.

    A plainly changing verb counts wherever it stands. A verb that is a noun as well counts unless a reading
    verb leads the name (`get_deploy_status` reads). A reading verb that is a noun as well (`search`, `list`)
    counts only at the beginning: behind an unknown word it may be that word's object (`frobnicate_list`).
    """
    senses = [sense_of(word) for word in name]
    plain = _plain_write(name, senses)
    if plain is not None:
        lasting = senses[plain] is Sense.DESTROY and not _comes_back(name[plain], name[plain + 1 :])
        effect = Effect.DESTROY if lasting else Effect.WRITE
        return NameReading(effect=effect, word=name[plain], leads=plain == 0)
    reading = next((place for place, sense in enumerate(senses) if sense in READS), None)
    changing = _changing(name, senses)
    if reading is not None and name[reading] == "show" and _ON_SCREEN.intersection(name[reading + 1 :]):
        return NameReading(effect=Effect.WRITE, word="show", leads=reading == 0)
    if reading is None:
        return _without_reading_verb(name, senses, changing)
    if _only_reads(name, senses, reading):
        return NameReading(effect=Effect.READ, word=name[reading], leads=reading == 0)
    if changing is None:
        return _NOTHING
    return NameReading(effect=None, word=name[changing], leads=changing == 0, doubtful=True)


def _plain_write(name: Sequence[str], senses: Sequence[Sense | None]) -> int | None:
    places = [place for place, sense in enumerate(senses) if sense in WRITES]
    lasting = [p for p in places if senses[p] is Sense.DESTROY and not _comes_back(name[p], name[p + 1 :])]
    return next(iter(lasting or places), None)


def _comes_back(verb: str, after: Sequence[str]) -> bool:
    if verb == "remove":
        return bool(_TIES.intersection(after))
    return verb in {"clear", "flush", "drop"} and bool(_PASSING.intersection(after))


def _changing(name: Sequence[str], senses: Sequence[Sense | None]) -> int | None:
    for place, sense in enumerate(senses):
        looks = {"run": _SAVED, "resolve": _POINTERS}.get(name[place], frozenset())
        if sense is Sense.WRITE_OR_NOUN and name[-1] not in looks:
            return place
    return None


def _without_reading_verb(
    name: Sequence[str], senses: Sequence[Sense | None], changing: int | None
) -> NameReading:
    if changing is not None:
        return NameReading(effect=Effect.WRITE, word=name[changing], leads=changing == 0)
    if name[-1] == "request":
        return NameReading(effect=None, word="request", leads=len(name) == 1, doubtful=True)
    if len(name) > 1 and senses[0] is Sense.NOUN_OR_WRITE and name[-1] not in _TELLING:
        return NameReading(effect=None, word=name[0], leads=True, doubtful=True)
    return _NOTHING


def _only_reads(name: Sequence[str], senses: Sequence[Sense | None], place: int) -> bool:
    if _joins_another_verb(name, senses, place):
        return False
    if senses[place] is Sense.READ_OR_NOUN:
        return place == 0 and senses[-1] is not Sense.WRITE_OR_NOUN
    if not any(sense in MAYBE_WRITES for sense in senses[:place]):
        return True
    return place == len(name) - 1 and name[place] not in {"read", "is", "has", "exists"}


def _joins_another_verb(name: Sequence[str], senses: Sequence[Sense | None], place: int) -> bool:
    """`get_or_register`, `register_and_get`, `find_users_and_update`; but not `get_users_and_groups`."""
    for p, word in enumerate(name[:-1]):
        if word not in _CONJUNCTIONS:
            continue
        beside = p + 1 == place or (p == place + 1 and senses[p + 1] not in READS)
        if beside or senses[p + 1] is Sense.WRITE_OR_NOUN:
            return True
    return False
