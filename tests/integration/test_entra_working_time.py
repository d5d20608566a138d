"""When somebody works, as their mailbox and their presence in Teams say."""

from collections.abc import AsyncIterator
from datetime import time
from zoneinfo import ZoneInfo

import pytest

from bot.directory.calls import ProviderAway
from bot.directory.entra.permissions import MAILBOXES, PRESENCE
from bot.domain.availability import Availability, Presence, WorkingHours
from bot.domain.canonical import JsonObject
from bot.domain.people import PersonId
from bot.ports.directory import IdentityProvider
from tests.directories.entra import Company, entra_company
from tests.directories.stage import someone
from tests.servers.graph_directory import GraphServer, PartFault

ALICE = PersonId("u-alice")


@pytest.fixture
async def company() -> AsyncIterator[Company]:
    async with entra_company() as made:
        made.graph.holds([someone("alice"), someone("bob")])
        yield made


@pytest.fixture
async def provider(company: Company) -> AsyncIterator[IdentityProvider]:
    async with company.provider() as made:
        yield made


@pytest.fixture
def graph(company: Company) -> GraphServer:
    return company.graph


BERLIN = ZoneInfo("Europe/Berlin")
HOURS: JsonObject = {
    "daysOfWeek": ["monday", "tuesday", "friday"],
    "startTime": "08:30:00.0000000",
    "endTime": "17:00:00.0000000",
    "timeZone": {"name": "W. Europe Standard Time"},
}
READ = WorkingHours(zone=BERLIN, weekdays=frozenset({1, 2, 5}), starts=time(8, 30), ends=time(17))


def works(graph: GraphServer, **changed: object) -> None:
    hours = {**HOURS, **changed}
    graph.more.mailboxes = {"u-alice": {"timeZone": "W. Europe Standard Time", "workingHours": hours}}  # type: ignore[dict-item]  # tests say strange things
    graph.more.presences = {"u-alice": {"availability": "DoNotDisturb", "activity": "Presenting"}}


@pytest.mark.parametrize(
    ("denied", "known"),
    [
        (set[str](), Availability(zone=BERLIN, hours=READ, presence=Presence.BUSY)),
        ({MAILBOXES}, Availability(presence=Presence.BUSY)),
        ({PRESENCE}, Availability(zone=BERLIN, hours=READ)),
        ({MAILBOXES, PRESENCE}, None),
    ],
)
async def test_working_time_is_as_much_as_is_permitted(
    graph: GraphServer, provider: IdentityProvider, denied: set[str], known: Availability | None
) -> None:
    works(graph)
    graph.faults.denied = frozenset(denied)
    assert await provider.availability(ALICE) == known
    assert len(graph.asked) == 1


async def test_somebody_without_a_mailbox_still_has_a_presence(
    graph: GraphServer, provider: IdentityProvider
) -> None:
    graph.more.presences = {"u-alice": {"availability": "Away", "activity": "BeRightBack"}}
    assert await provider.availability(ALICE) == Availability(presence=Presence.AWAY)
    assert await provider.availability(PersonId("u-bob")) is None
    assert await provider.availability(PersonId("u-nobody")) is None


async def test_working_time_that_does_not_come_is_refused(
    graph: GraphServer, provider: IdentityProvider
) -> None:
    graph.part_faults = [PartFault("presence", 503)]
    with pytest.raises(ProviderAway):
        await provider.availability(ALICE)


@pytest.mark.parametrize(
    "changed",
    [
        {"timeZone": {"@odata.type": "#microsoft.graph.customTimeZone", "name": "Customized Time Zone"}},
        {"timeZone": {"name": "tzone://Microsoft/Custom"}},
        {"timeZone": {"name": "../../etc/passwd"}},
        {"timeZone": {"name": "Europe"}},
        {"timeZone": {"name": "x\0"}},
        {"timeZone": "UTC"},
        {"daysOfWeek": []},
        {"daysOfWeek": ["monday", "funday"]},
        {"daysOfWeek": "monday"},
        {"startTime": "25:00:00"},
        {"startTime": "17:00:00.0000000"},
        {"endTime": None},
    ],
)
async def test_strange_working_hours_are_not_known(
    graph: GraphServer, provider: IdentityProvider, changed: dict[str, object]
) -> None:
    works(graph, **changed)
    assert await provider.availability(ALICE) == Availability(zone=BERLIN, presence=Presence.BUSY)


@pytest.mark.parametrize(
    ("name", "zone"),
    [("Pacific Standard Time", "America/Los_Angeles"), ("Asia/Kolkata", "Asia/Kolkata"), ("UTC", "Etc/UTC")],
)
async def test_zones_are_read_in_both_spellings(
    graph: GraphServer, provider: IdentityProvider, name: str, zone: str
) -> None:
    graph.more.mailboxes = {"u-alice": {"timeZone": name}}
    assert await provider.availability(ALICE) == Availability(zone=ZoneInfo(zone))


@pytest.mark.parametrize(
    "said",
    [
        {"availability": "Away", "activity": "OutOfOffice"},
        {
            "availability": "Available",
            "activity": "Available",
            "outOfOfficeSettings": {"isOutOfOffice": True},
        },
    ],
)
async def test_whoever_is_out_of_office_is_so_whatever_their_programs_do(
    graph: GraphServer, provider: IdentityProvider, said: JsonObject
) -> None:
    graph.more.presences = {"u-alice": said}
    assert await provider.availability(ALICE) == Availability(presence=Presence.OUT_OF_OFFICE)
