"""What is Microsoft's own: batches, guests, groups within groups, and permissions."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from bot.directory.calls import ProviderAway, ProviderRefuses
from bot.directory.entra.permissions import GROUPS, MAILBOXES, PRESENCE, USERS
from bot.directory.opened import opened_provider
from bot.directory.roles import RoleGroups
from bot.domain.people import TECHNICIANS, Person, PersonId, Role
from bot.ports.directory import DirectoryUnreachable, IdentityProvider
from tests.directories.entra import Company, entra_company
from tests.directories.http import ROLES
from tests.directories.stage import someone
from tests.fakes.clock import MovedClock
from tests.servers.graph_directory import GraphServer, PartFault

ALICE, BOB = PersonId("u-alice"), PersonId("u-bob")
GONE = "Request_ResourceNotFound"
PEOPLE = (
    someone("alice", "sales", manager="bob"),
    someone("bob", "it", "sales"),
    someone("ada", "it-admins"),
)


@pytest.fixture
async def company() -> AsyncIterator[Company]:
    async with entra_company() as made:
        made.graph.holds(PEOPLE)
        yield made


@pytest.fixture
async def provider(company: Company) -> AsyncIterator[IdentityProvider]:
    async with company.provider() as made:
        yield made


@pytest.fixture
def graph(company: Company) -> GraphServer:
    return company.graph


async def found(provider: IdentityProvider, person: str) -> Person:
    made = await provider.person(PersonId(person))
    assert made is not None
    return made


async def test_person_manager_and_groups_are_one_call(graph: GraphServer, provider: IdentityProvider) -> None:
    assert await provider.person(ALICE) == PEOPLE[0]
    assert graph.asked == ["POST /v1.0/$batch"]
    assert graph.batches == [2]


async def test_an_entry_asks_for_no_groups(graph: GraphServer, provider: IdentityProvider) -> None:
    found = await provider.entry(BOB)
    assert found == replace(PEOPLE[1], groups=frozenset(), roles=frozenset({Role.EMPLOYEE}))
    assert graph.batches == [1]
    assert await provider.entry(PersonId("bob@acme.test")) is None
    assert len(graph.asked) == 1


async def test_the_settings_open_it(company: Company) -> None:
    async with opened_provider(company.access, ROLES, clock=MovedClock()) as provider:
        assert await provider.person(BOB) == PEOPLE[1]


@pytest.mark.parametrize("path", ["u-alice", "transitiveMemberOf"])
@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_part_that_passes_is_asked_for_again_with_the_whole_batch(
    graph: GraphServer, provider: IdentityProvider, path: str, status: int
) -> None:
    graph.part_faults = [PartFault(path, status, times=1)]
    assert await provider.person(ALICE) == PEOPLE[0]
    assert graph.batches == [2, 2]


@pytest.mark.parametrize("path", ["u-alice", "transitiveMemberOf"])
@pytest.mark.parametrize("status", [400, 409, 424, 429, 500, 503])
async def test_a_part_that_stays_without_an_answer_is_no_answer_to_any(
    graph: GraphServer, provider: IdentityProvider, path: str, status: int
) -> None:
    graph.part_faults = [PartFault(path, status)]
    with pytest.raises(ProviderAway, match=str(status)):
        await provider.person(ALICE)


async def test_a_part_that_is_to_wait_for_an_hour_is_waited_for_as_the_whole(
    graph: GraphServer, provider: IdentityProvider
) -> None:
    graph.part_faults = [PartFault("transitiveMemberOf", 429, retry_after="3600")]
    for person in (ALICE, BOB):
        with pytest.raises(ProviderAway):
            await provider.person(person)
    assert len(graph.batches) == 1


async def test_a_part_for_which_the_token_is_too_old_is_asked_for_with_a_new_one(
    company: Company, graph: GraphServer, provider: IdentityProvider
) -> None:
    graph.part_faults = [PartFault("transitiveMemberOf", 401, times=1)]
    assert await provider.person(ALICE) == PEOPLE[0]
    assert len(company.entra.asked) == 2


@pytest.mark.parametrize(("path", "permission"), [("u-alice", USERS), ("transitiveMemberOf", GROUPS)])
async def test_a_part_that_is_not_permitted_is_said_by_its_own_name(
    graph: GraphServer, provider: IdentityProvider, path: str, permission: str
) -> None:
    graph.part_faults = [PartFault(path, 403)]
    with pytest.raises(ProviderRefuses, match=permission):
        await provider.person(ALICE)


async def test_groups_whose_names_graph_keeps_to_itself_are_not_overlooked(
    graph: GraphServer, provider: IdentityProvider
) -> None:
    graph.faults.denied = frozenset({GROUPS})
    with pytest.raises(ProviderRefuses, match=GROUPS):
        await provider.person(BOB)


async def test_members_whom_graph_keeps_to_itself_are_not_overlooked(
    graph: GraphServer, provider: IdentityProvider
) -> None:
    graph.faults.denied = frozenset({USERS})
    with pytest.raises(ProviderRefuses, match=USERS):
        await provider.members("sales")


async def test_somebody_whose_groups_are_nowhere_is_not_somebody_without_groups(
    graph: GraphServer, provider: IdentityProvider
) -> None:
    graph.part_faults = [PartFault("transitiveMemberOf", 404, code=GONE)]
    with pytest.raises(ProviderAway):
        await provider.person(BOB)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"responses": []}', id="no answers"),
        pytest.param(
            b'{"responses": [{"id": "0", "status": 200, "body": {"id": "u-bob"}}]}', id="one of two"
        ),
        pytest.param(b'{"responses": [{"id": "0"}, {"id": "1"}]}', id="no status"),
        pytest.param(
            b'{"responses": [{"id": "0", "status": 200,'
            b' "body": {"id": "u-ada", "accountEnabled": true, "userType": null}},'
            b' {"id": "1", "status": 200, "body": {"value": []}}]}',
            id="somebody else",
        ),
        pytest.param(
            b'{"responses": [{"id": "0", "status": 200, "body": {"id": "u-bob"}},'
            b' {"id": "1", "status": 200, "body": {"value": [{"id": "g-it", "displayName": "it"}]}}]}',
            id="no kind",
        ),
        pytest.param(
            b'{"responses": [{"id": "0", "status": 200, "body": {"id": "u-bob"}},'
            b' {"id": "1", "status": 200, "body": {"value": []}}]}',
            id="not said whether enabled",
        ),
    ],
)
async def test_a_batch_that_does_not_answer_everything_is_no_answer(
    graph: GraphServer, provider: IdentityProvider, body: bytes
) -> None:
    graph.faults.body = body
    with pytest.raises(DirectoryUnreachable):
        await provider.person(BOB)


async def test_a_further_page_of_groups_is_a_further_call(
    graph: GraphServer, provider: IdentityProvider
) -> None:
    graph.page = 2
    graph.holds([someone("bob", "a", "b", "c")])
    assert (await found(provider, "u-bob")).groups == {"a", "b", "c"}
    assert len(graph.asked) == 2


@pytest.mark.parametrize("link", ["", "https://graph.microsoft.evil.test/v1.0/x", "users/u-ada"])
async def test_a_next_page_elsewhere_is_not_looked_at(
    graph: GraphServer, provider: IdentityProvider, link: str
) -> None:
    graph.page = 1
    graph.faults.next_page = link or "http://127.0.0.1:9/"
    with pytest.raises(ProviderAway, match="next page"):
        await provider.person(BOB)
    assert len(graph.asked) == 1


async def test_a_principal_name_is_nobodys_id(graph: GraphServer, provider: IdentityProvider) -> None:
    """Graph takes one in the place of an id; whoever gets the name later would be taken for them."""
    assert await provider.person(PersonId("bob@acme.test")) is None
    assert await provider.availability(PersonId("bob@acme.test")) is None
    assert graph.asked == []


async def test_a_guest_is_found_and_decides_nothing(graph: GraphServer, provider: IdentityProvider) -> None:
    graph.more.users = {one: {"userType": "Guest"} for one in ("u-bob", "u-ada")}
    graph.changed()
    ada, bob = await found(provider, "u-ada"), await found(provider, "u-bob")
    assert ada.enabled
    assert ada.roles == {Role.EMPLOYEE}
    assert bob.groups == {"it", "sales"}
    assert not bob.sits_in("sales")
    assert await provider.members(TECHNICIANS) == ()
    assert [person.name for person in await provider.members("sales")] == ["Alice"]


async def test_a_guest_is_nobodys_manager(graph: GraphServer, provider: IdentityProvider) -> None:
    assert (await found(provider, "u-alice")).manager == BOB
    graph.more.users = {"u-bob": {"userType": "Guest"}}
    graph.changed()
    assert (await found(provider, "u-alice")).manager is None


async def test_an_account_from_before_there_were_kinds_is_no_guest(
    graph: GraphServer, provider: IdentityProvider
) -> None:
    graph.more.users = {"u-bob": {"userType": None}}
    graph.changed()
    assert await found(provider, "u-bob") == PEOPLE[1]


async def test_whoever_is_in_a_group_within_a_group_is_in_both(
    graph: GraphServer, provider: IdentityProvider
) -> None:
    graph.adds_group("g-desk", "desk", ["u-alice"])
    graph.more.groups_in = {"g-it-admins": {"g-desk"}, "g-desk": {"g-it-admins"}}
    graph.changed()
    alice = await found(provider, "u-alice")
    assert alice.groups == {"sales", "desk", "it-admins"}
    assert alice.is_admin
    assert [one.name for one in await provider.members("it-admins")] == ["Ada", "Alice"]
    assert [one.name for one in await provider.members(TECHNICIANS)] == ["Ada", "Alice", "Bob"]


async def test_a_directory_role_is_no_group(graph: GraphServer, provider: IdentityProvider) -> None:
    graph.more.units = {"u-alice": {"g-it-admins"}}
    graph.changed()
    assert await found(provider, "u-alice") == PEOPLE[0]


async def test_the_settings_may_name_a_group_by_its_id(company: Company) -> None:
    desk = "01234567-89ab-cdef-0123-456789abcdef"
    company.graph.adds_group(desk, "IT Desk", ["u-alice"])
    company.graph.adds_group("g-other", "IT Desk", ["u-bob"])
    async with company.provider(RoleGroups(technician=frozenset({desk}))) as provider:
        assert [one.name for one in await provider.members(TECHNICIANS)] == ["Alice"]
        assert (await found(provider, "u-alice")).roles == {Role.EMPLOYEE, Role.TECHNICIAN}
        assert (await found(provider, "u-bob")).roles == {Role.EMPLOYEE}


async def test_more_role_groups_than_a_batch_holds_are_all_asked_for(company: Company) -> None:
    names = [f"desk {number:02}" for number in range(23)]
    company.graph.holds([someone(f"p{number:02}", name) for number, name in enumerate(names)])
    async with company.provider(RoleGroups(technician=frozenset(names))) as provider:
        assert len(await provider.members(TECHNICIANS)) == 23
    assert max(company.graph.batches) == 20


async def test_members_whom_the_list_does_not_describe_are_read_by_id(
    graph: GraphServer, provider: IdentityProvider
) -> None:
    graph.holds([*PEOPLE, someone("ted", "sales", enabled=False)])
    graph.describes_members = False
    assert [one.name for one in await provider.members("sales")] == ["Alice", "Bob"]


async def test_whoever_left_while_the_index_lags_behind_has_lost_the_role(
    graph: GraphServer, provider: IdentityProvider
) -> None:
    graph.holds([PEOPLE[0], someone("bob", "sales"), PEOPLE[2]])
    graph.faults.lags = True
    assert (await found(provider, "u-bob")).roles == {Role.EMPLOYEE}
    assert [one.name for one in await provider.members(TECHNICIANS)] == ["Ada"]
    assert [one.name for one in await provider.search_people("bob", limit=5)] == ["Bob"]


@pytest.mark.parametrize(
    ("path", "code"),
    [("u-alice", "Fault"), ("u-alice", "NotFound"), ("u-alice", ""), ("transitiveMemberOf", "Fault")],
)
async def test_a_part_that_is_not_found_by_somebody_else_than_graph_says_nothing_of_anybody(
    graph: GraphServer, provider: IdentityProvider, path: str, code: str
) -> None:
    graph.part_faults = [PartFault(path, 404, code=code)]
    with pytest.raises(ProviderAway, match="404"):
        await provider.person(ALICE)
    with pytest.raises(ProviderAway, match="404"):
        await provider.by_email("alice@acme.test")


async def test_only_graph_itself_can_say_that_a_group_is_gone(
    graph: GraphServer, provider: IdentityProvider
) -> None:
    graph.part_faults = [PartFault("transitiveMembers", 404)]
    for group in ("sales", TECHNICIANS):
        with pytest.raises(ProviderAway, match="404"):
            await provider.members(group)
    graph.part_faults = [PartFault("g-sales/transitiveMembers", 404, code=GONE)]
    assert await provider.members("sales") == ()


@pytest.mark.parametrize("body", [b"", b'{"error": {"code": "Request_ResourceNotFound"}}'])
async def test_lists_and_batches_that_are_nowhere_are_an_answer_to_nothing(
    company: Company, provider: IdentityProvider, body: bytes
) -> None:
    company.entra.roles = None
    company.graph.faults.missing = body
    questions = (
        provider.person(ALICE),
        provider.entry(ALICE),
        provider.by_email("alice@acme.test"),
        provider.members("sales"),
        provider.members(TECHNICIANS),
        provider.has_group("sales"),
        provider.search_people("al", limit=5),
        provider.search_groups("sa", limit=5),
        provider.availability(ALICE),
        provider.gaps(),
    )
    for question in questions:
        with pytest.raises(ProviderAway, match="404"):
            await question


async def test_an_id_that_is_none_is_no_answer(company: Company, provider: IdentityProvider) -> None:
    company.entra.roles = None
    company.graph.holds([replace(PEOPLE[0], id=PersonId(".."))])
    with pytest.raises(ProviderAway):
        await provider.gaps()


async def test_an_address_within_a_text_is_only_text(graph: GraphServer, provider: IdentityProvider) -> None:
    graph.holds([replace(someone("alice"), name="http://evil.test/ Alice"), someone("bob", "a://b")])
    assert await provider.by_email("http://x@acme.test") is None
    assert [one.id for one in await provider.search_people("http://evil.test/", limit=5)] == [ALICE]
    assert await provider.search_groups("a://", limit=5) == ("a://b",)
    assert await provider.has_group("a://b")


async def test_attack_9_an_alias_proves_nobody_and_a_main_address_or_sign_in_name_does(
    graph: GraphServer, provider: IdentityProvider
) -> None:
    graph.more.users = {
        "u-alice": {
            "mail": "Alice.O'Hara@acme.test",
            "userPrincipalName": "a17@acme.test",
            "proxyAddresses": ["SMTP:Alice.O'Hara@acme.test", "smtp:ally@acme.test", "SIP:chat@acme.test"],
        }
    }
    graph.changed()
    for address in ("alice.o'hara@ACME.test", "A17@acme.test"):
        person = await provider.by_email(address)
        assert person is not None
        assert (person.id, person.email) == (ALICE, "Alice.O'Hara@acme.test")
    for address in ("ally@acme.test", "chat@acme.test", "smtp:ally@acme.test"):
        assert await provider.by_email(address) is None


async def test_an_address_that_somebody_had_until_now_is_not_theirs(
    graph: GraphServer, provider: IdentityProvider
) -> None:
    graph.holds([replace(PEOPLE[0], email="married@acme.test"), *PEOPLE[1:]])
    graph.faults.lags = True
    assert await provider.by_email("alice@acme.test") is None


async def test_an_address_that_two_have_is_nobodys(graph: GraphServer, provider: IdentityProvider) -> None:
    graph.more.users = {"u-bob": {"userPrincipalName": "alice@acme.test"}}
    graph.changed()
    assert await provider.by_email("alice@acme.test") is None


async def test_somebody_without_a_mailbox_has_their_principal_name(
    graph: GraphServer, provider: IdentityProvider
) -> None:
    graph.more.users = {"u-bob": {"mail": None}}
    graph.changed()
    assert (await found(provider, "u-bob")).email == "bob@acme.test"


async def test_type_ahead_finds_surnames_and_what_holds_a_quote(
    graph: GraphServer, provider: IdentityProvider
) -> None:
    graph.holds([replace(someone("alice"), name="Alice O'Hara"), someone("bob", 'a\'b \\ "c" & d')])
    assert [one.name for one in await provider.search_people("o'h", limit=5)] == ["Alice O'Hara"]
    assert await provider.search_groups("a'b \\ \"", limit=5) == ('a\'b \\ "c" & d',)
    assert await provider.has_group('a\'b \\ "c" & d')
    assert await provider.search_people("x" * 300, limit=5) == ()


async def missing(provider: IdentityProvider) -> list[tuple[str, bool]]:
    return [(gap.permission, gap.is_needed) for gap in await provider.gaps()]


async def test_a_permission_that_allows_more_will_do(company: Company, provider: IdentityProvider) -> None:
    company.entra.roles = lambda: ["Directory.Read.All", "MailboxSettings.ReadWrite"]
    assert await missing(provider) == [(PRESENCE, False)]
    company.entra.roles = list
    assert await missing(provider) == [(USERS, True), (GROUPS, True), (MAILBOXES, False), (PRESENCE, False)]


def nothing(_: GraphServer) -> None:
    """Changes nothing."""


def nobody(graph: GraphServer) -> None:
    graph.holds([])


@pytest.mark.parametrize(
    ("changes", "denied", "gaps"),
    [
        (nothing, set[str](), []),
        (nothing, {GROUPS, PRESENCE}, [(GROUPS, True), (PRESENCE, False)]),
        (nothing, {MAILBOXES}, [(MAILBOXES, False)]),
        (nothing, {USERS}, [(USERS, True)]),
        (nobody, {GROUPS}, [(GROUPS, True)]),
    ],
)
async def test_what_a_token_does_not_say_is_tried(
    company: Company,
    provider: IdentityProvider,
    changes: Callable[[GraphServer], None],
    denied: set[str],
    gaps: list[tuple[str, bool]],
) -> None:
    company.entra.roles = None
    company.graph.faults.denied = frozenset(denied)
    changes(company.graph)
    assert await missing(provider) == gaps
