"""The `IdentityProvider` port over a people file (`bot/directory/people.py` has its format)."""

import asyncio
import os
import stat
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Self

from typing_extensions import override

from bot.directory.people import People, email_key, read_people
from bot.documents.findings import BadDocument, listed
from bot.domain.availability import Availability
from bot.domain.people import Person, PersonId
from bot.ports.directory import DirectoryUnreachable, Gap, IdentityProvider

SETTLED_S: Final = 0.02
"""Seconds for which a file has to stay as it was read."""


class PeopleFileMissing(DirectoryUnreachable):
    """The people file {file} cannot be read ({why}), so nobody's manager or role can be checked."""


class PeopleFileBroken(DirectoryUnreachable):
    """The people file {file} has a mistake, so nobody's manager or role can be checked.{problems}."""


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What changes when a file is written or replaced."""

    changed_ns: int
    moved_ns: int
    bytes: int
    inode: int

    @classmethod
    def of(cls, found: os.stat_result) -> Self:
        return cls(found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)


class FileDirectory(IdentityProvider):
    """People from a file that is read again whenever it changes.

    A broken or missing file is never answered from memory: every question is refused until it is mended, so
    that nobody decides by a role or a manager that the file may just have taken away.
    """

    def __init__(self, path: Path) -> None:
        """Reads nothing yet, so that a missing file is refused where somebody asks."""
        self._path = path
        self._read_last: tuple[_Stamp, People | DirectoryUnreachable] | None = None

    @override
    async def person(self, person: PersonId) -> Person | None:
        return (await self._people()).persons.get(person)

    @override
    async def entry(self, person: PersonId) -> Person | None:
        return await self.person(person)

    @override
    async def by_email(self, email: str) -> Person | None:
        return (await self._people()).by_email.get(email_key(email))

    @override
    async def members(self, group: str) -> tuple[Person, ...]:
        persons = (await self._people()).persons.values()
        return tuple(person for person in persons if person.sits_in(group))

    @override
    async def has_group(self, group: str) -> bool:
        return group in (await self._people()).groups

    async def everyone(self) -> tuple[Person, ...]:
        """Gives all persons, by name."""
        return tuple((await self._people()).persons.values())

    @property
    @override
    def has_unique_names(self) -> bool:
        return True

    @override
    async def is_in(self, person: PersonId, group: str) -> bool:
        found = await self.person(person)
        return found is not None and group in found.groups

    @override
    async def search_people(self, typed: str, *, limit: int) -> tuple[Person, ...]:
        wanted = typed.strip().casefold()
        persons = (await self._people()).persons.values()
        found = (
            one
            for one in persons
            if one.enabled and (wanted in one.name.casefold() or wanted in one.email.casefold())
        )
        return tuple(islice(found, limit))

    @override
    async def search_groups(self, typed: str, *, limit: int) -> tuple[str, ...]:
        wanted = typed.strip().casefold()
        groups = (await self._people()).groups
        return tuple(islice((one for one in sorted(groups) if wanted in one.casefold()), limit))

    @override
    async def fallback_group(self) -> str:
        return (await self._people()).fallback_group

    @override
    async def availability(self, person: PersonId) -> Availability | None:
        _ = person
        return None

    @override
    async def gaps(self) -> tuple[Gap, ...]:
        return ()

    async def _people(self) -> People:
        answer = await asyncio.to_thread(self._look)
        if isinstance(answer, DirectoryUnreachable):
            raise type(answer)(**answer.facts)
        return answer

    def _look(self) -> People | DirectoryUnreachable:
        try:
            found = self._path.stat()
            stamp, last = _Stamp.of(found), self._read_last
            if last is not None and last[0] == stamp:
                return last[1]
            # A pipe or a device could keep us waiting for ever.
            if not stat.S_ISREG(found.st_mode):
                return PeopleFileMissing(file=self._path, why="it is no ordinary file")
            text = self._path.read_text(encoding="utf-8")
            # The beginning of a file that is still being written would be one with fewer people.
            time.sleep(SETTLED_S)
            if _Stamp.of(self._path.stat()) != stamp:
                return PeopleFileMissing(file=self._path, why="it is being written")
        except UnicodeDecodeError:
            return PeopleFileMissing(file=self._path, why="it is not UTF-8 text")
        except OSError as error:
            return PeopleFileMissing(file=self._path, why=error.strerror or "it cannot be opened")
        answer = self._read(text)
        self._read_last = (stamp, answer)
        return answer

    def _read(self, text: str) -> People | DirectoryUnreachable:
        try:
            return read_people(text, file=str(self._path))
        except BadDocument as bad:
            problems = listed(bad.findings).removesuffix(".")
            return PeopleFileBroken(file=self._path, problems=problems)
