"""Answers of the directory are used again for as long as the tenant allows, and no longer."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from typing_extensions import override

from bot.directory.managers import known_as, name_in
from bot.directory.recent import KEPT, RecentDirectory, each_time
from bot.domain.people import Person, PersonId
from bot.ports.directory import DirectoryUnreachable
from tests.directories.stage import someone
from tests.fakes.clock import MovedClock
from tests.fakes.directory import FakeDirectory

ALICE = PersonId("u-alice")
MINUTE = timedelta(minutes=1)


class CountingDirectory(FakeDirectory):
    """Counts what it is asked, and answers when it may."""

    def __init__(self, *people: Person) -> None:
        super().__init__(people)
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    @override
    async def person(self, person: PersonId) -> Person | None:
        self.asked += 1
        found = await super().person(person)
        await self.may_answer.wait()
        return found


class Desk:
    """A directory that remembers, over one that counts."""

    def __init__(self) -> None:
        self.provider = CountingDirectory(someone("alice", "it"))
        self.clock = MovedClock()
        self.limit = MINUTE
        self.directory = RecentDirectory(self.provider, clock=self.clock, limit=self._limit)

    async def _limit(self) -> timedelta:
        return self.limit


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_the_same_is_asked_once_within_the_limit(desk: Desk) -> None:
    first = await desk.directory.person(ALICE)
    desk.clock.advance(timedelta(seconds=59))
    assert await desk.directory.person(ALICE) is first
    assert desk.provider.asked == 1


async def test_what_is_as_old_as_the_limit_is_asked_again(desk: Desk) -> None:
    await desk.directory.person(ALICE)
    desk.clock.advance(MINUTE)
    await desk.directory.person(ALICE)
    assert desk.provider.asked == 2


async def test_a_tenant_that_allows_nothing_old_has_everything_asked(desk: Desk) -> None:
    desk.limit = timedelta()
    await desk.directory.person(ALICE)
    await desk.directory.person(ALICE)
    assert desk.provider.asked == 2


async def test_what_somebody_does_now_is_decided_by_nothing_from_before(desk: Desk) -> None:
    before = await desk.directory.person(ALICE)
    desk.provider.put(someone("alice"))
    now = desk.directory.afresh()
    found = await now.person(ALICE)
    assert found != before
    assert await now.person(ALICE) is found
    assert desk.provider.asked == 2


async def test_what_one_looked_up_afresh_all_others_know(desk: Desk) -> None:
    await desk.directory.person(ALICE)
    desk.provider.put(someone("alice"))
    found = await desk.directory.afresh().person(ALICE)
    assert await desk.directory.person(ALICE) is found


async def test_of_equal_questions_at_the_same_time_one_is_asked(desk: Desk) -> None:
    found = await asyncio.gather(*(desk.directory.person(ALICE) for _ in range(50)))
    assert len(found) == 50
    assert desk.provider.asked == 1


async def test_a_question_that_is_under_way_is_too_old_for_what_somebody_does_now(desk: Desk) -> None:
    desk.provider.may_answer.clear()
    slow = asyncio.create_task(desk.directory.person(ALICE))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert desk.provider.asked == 1
    desk.provider.put(someone("alice"))
    now = asyncio.create_task(desk.directory.afresh().person(ALICE))
    await asyncio.sleep(0)
    desk.provider.may_answer.set()
    assert await slow == someone("alice", "it")
    assert await now == someone("alice")
    assert await desk.directory.person(ALICE) == someone("alice")


async def test_whoever_gives_up_waiting_takes_no_answer_from_others(desk: Desk) -> None:
    desk.provider.may_answer.clear()
    impatient = asyncio.create_task(desk.directory.person(ALICE))
    patient = asyncio.create_task(desk.directory.person(ALICE))
    await asyncio.sleep(0)
    impatient.cancel()
    desk.provider.may_answer.set()
    assert await patient == someone("alice", "it")


async def test_a_refusal_is_not_remembered(desk: Desk) -> None:
    desk.provider.unreachable = True
    for _ in range(2):
        with pytest.raises(DirectoryUnreachable):
            await desk.directory.person(ALICE)
    desk.provider.unreachable = False
    assert await desk.directory.person(ALICE) == someone("alice", "it")


async def test_an_old_answer_stands_in_for_no_refusal(desk: Desk) -> None:
    await desk.directory.person(ALICE)
    desk.provider.unreachable = True
    desk.clock.advance(MINUTE)
    with pytest.raises(DirectoryUnreachable):
        await desk.directory.person(ALICE)
    with pytest.raises(DirectoryUnreachable):
        await desk.directory.afresh().person(ALICE)


async def test_who_was_seen_last_is_shown_with_the_moment(desk: Desk) -> None:
    assert desk.directory.last_seen(ALICE) is None
    at = desk.clock.now()
    await desk.directory.person(ALICE)
    desk.provider.unreachable = True
    desk.clock.advance(timedelta(days=3))
    seen = desk.directory.afresh().last_seen(ALICE)
    assert seen is not None
    assert (seen.person, seen.at) == (someone("alice", "it"), at)


async def test_a_clock_that_goes_back_makes_nothing_younger(desk: Desk) -> None:
    await desk.directory.person(ALICE)
    desk.clock.advance(-timedelta(hours=1))
    await desk.directory.person(ALICE)
    assert desk.provider.asked == 2


async def test_what_is_remembered_has_an_end(desk: Desk) -> None:
    await desk.directory.person(ALICE)
    for number in range(KEPT):
        await desk.directory.person(PersonId(f"u-{number}"))
    await desk.directory.person(ALICE)
    assert desk.provider.asked == KEPT + 2


async def test_a_manager_known_by_a_name_is_given_by_their_id() -> None:
    provider = NamingDirectory(
        [someone("alice", manager="megan"), someone("megan"), someone("tom", manager="x")]
    )
    directory = RecentDirectory(provider, clock=MovedClock(), limit=each_time)
    alice, tom = await directory.person(ALICE), await directory.by_email("tom@acme.test")
    assert alice is not None
    assert alice.manager == "u-megan"
    assert directory.last_seen(ALICE) is not None
    assert tom is not None
    assert tom.manager == known_as("u-x"), "nobody has the name, and it stays one that nobody has"


async def test_a_manager_who_cannot_be_looked_up_makes_nobody_without_one() -> None:
    provider = NamingDirectory([someone("alice", manager="megan")])
    provider.is_away_for_names = True
    directory = RecentDirectory(provider, clock=MovedClock(), limit=each_time)
    with pytest.raises(DirectoryUnreachable):
        await directory.person(ALICE)


class NamingDirectory(FakeDirectory):
    """Names managers by something else than their ids."""

    is_away_for_names = False

    @override
    async def person(self, person: PersonId) -> Person | None:
        if name := name_in(person):
            if self.is_away_for_names:
                raise DirectoryUnreachable
            return await super().person(PersonId(name))
        found = await super().person(person)
        manager = found.manager if found else None
        return replace(found, manager=known_as(manager)) if found and manager else found

    @override
    async def by_email(self, email: str) -> Person | None:
        found = await super().by_email(email)
        return None if found is None else await self.person(found.id)


async def test_a_question_that_is_too_old_by_now_is_not_joined(desk: Desk) -> None:
    desk.provider.may_answer.clear()
    slow = asyncio.create_task(desk.directory.person(ALICE))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    desk.clock.advance(MINUTE)
    desk.provider.put(someone("alice"))
    late = asyncio.create_task(desk.directory.person(ALICE))
    await asyncio.sleep(0)
    desk.provider.may_answer.set()
    assert await slow == someone("alice", "it")
    assert await late == someone("alice")
    assert await desk.directory.person(ALICE) == someone("alice")


class NamedDirectory(CountingDirectory):
    """Knows entries by a name as well as by an id, and answers each question when it may."""

    def __init__(self, *people: Person) -> None:
        super().__init__(*people)
        self.named = people[0].id

    @override
    async def entry(self, person: PersonId) -> Person | None:
        self.asked += 1
        found = self._persons.get(self.named if person == BY_NAME else person)
        await self.may_answer.wait()
        return found


BY_NAME = known_as("boss@acme.test")


async def test_whoever_was_looked_up_by_a_name_is_known_by_their_id() -> None:
    provider = NamedDirectory(someone("alice"))
    directory = RecentDirectory(provider, clock=MovedClock(), limit=a_minute)
    assert await directory.entry(BY_NAME) == await directory.entry(ALICE) == someone("alice")
    assert provider.asked == 1


async def test_an_older_answer_by_a_name_replaces_no_newer_one_by_the_id() -> None:
    provider = NamedDirectory(someone("alice"))
    directory = RecentDirectory(provider, clock=MovedClock(), limit=a_minute)
    provider.may_answer.clear()
    slow = asyncio.create_task(directory.entry(BY_NAME))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    provider.put(someone("alice", enabled=False))
    newer = asyncio.create_task(directory.entry(ALICE))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    provider.may_answer.set()
    assert await slow == someone("alice")
    assert await newer == someone("alice", enabled=False)
    assert await directory.entry(ALICE) == someone("alice", enabled=False)


async def test_nobody_is_known_by_the_id_of_somebody_else() -> None:
    """The name becomes another's while the first question is under way."""
    provider = NamedDirectory(someone("alice"), someone("mallory"))
    directory = RecentDirectory(provider, clock=MovedClock(), limit=a_minute)
    provider.may_answer.clear()
    slow = asyncio.create_task(directory.entry(BY_NAME))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    provider.named = PersonId("u-mallory")
    newer = asyncio.create_task(directory.afresh().entry(BY_NAME))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    provider.may_answer.set()
    await asyncio.gather(slow, newer)
    alice, mallory = await directory.entry(ALICE), await directory.entry(PersonId("u-mallory"))
    assert (alice, mallory) == (someone("alice"), someone("mallory"))


async def a_minute() -> timedelta:
    return MINUTE
