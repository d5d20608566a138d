"""Google Workspace: delegation, quotas, managers by address, groups of several domains."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.directory.calls import (
    MOST_MEMBERS,
    ProviderAway,
    ProviderRefuses,
    ProviderRejects,
    TooManyMembers,
)
from bot.directory.google.access import GoogleAccess
from bot.directory.google.directory import GoogleDirectory
from bot.directory.google.proof import SCOPES, USERS
from bot.directory.google.users import NotShown
from bot.directory.managers import known_as
from bot.directory.recent import RecentDirectory, each_time
from bot.directory.roles import RoleGroups
from bot.domain.people import PersonId, Role
from bot.flow.seats import ManagerAnswer, find_manager
from bot.ports.directory import DirectoryUnreachable
from tests.contract.test_directory_over_http import Elsewhere
from tests.directories.google import google_access
from tests.directories.http import QUICK, ROLES
from tests.directories.stage import FALLBACK, someone
from tests.fakes.clock import MovedClock
from tests.servers.google_directory import GoogleServer
from tests.servers.google_tokens import CLIENT, DOMAIN

ALICE, MEGAN = PersonId("u-alice"), PersonId("u-megan")
PEOPLE = (
    someone("alice", "sales", manager="megan"),
    someone("megan", "sales", manager="grace"),
    someone("grace"),
    someone("bob", "it"),
    someone("ada", "it-admins"),
)


@pytest.fixture
async def server() -> AsyncIterator[GoogleServer]:
    made = GoogleServer()
    async with made.running():
        made.holds(PEOPLE)
        yield made


@pytest.fixture
async def provider(server: GoogleServer) -> AsyncIterator[GoogleDirectory]:
    async with opened(server) as made:
        yield made


def opened(server: GoogleServer, roles: RoleGroups = ROLES, *, key: str = "") -> GoogleDirectory:
    return GoogleDirectory(google_access(server, key=key), roles, patience=QUICK)


async def manager_of_alice(provider: GoogleDirectory) -> ManagerAnswer:
    directory = RecentDirectory(provider, clock=MovedClock(), limit=each_time)
    alice = await directory.person(ALICE)
    assert alice is not None
    return await find_manager(directory, alice)


async def test_where_nothing_is_delegated_it_is_said_where_to_do_so(
    server: GoogleServer, provider: GoogleDirectory
) -> None:
    server.faults.denied = server.permissions
    with pytest.raises(ProviderRefuses) as refused:
        await provider.person(ALICE)
    sentence = refused.value.sentence
    assert "Admin console, under Security → API controls → Domain-wide delegation" in sentence
    assert CLIENT in sentence
    assert all(scope in sentence for scope in SCOPES)


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_scope_that_is_missing_is_said_and_the_other_goes_on(
    server: GoogleServer, provider: GoogleDirectory, scope: str
) -> None:
    server.faults.denied = frozenset({scope})
    assert [gap.permission for gap in await provider.gaps()] == [scope]
    with pytest.raises(ProviderRefuses, match=scope):
        await provider.person(ALICE)
    if scope == USERS:
        assert await provider.has_group("sales")
    else:
        assert len(await provider.search_people("alice", limit=5)) == 1


@pytest.mark.parametrize("error", ["unauthorized_client", "access_denied"])
async def test_either_error_of_a_missing_delegation_is_understood(
    server: GoogleServer, provider: GoogleDirectory, error: str
) -> None:
    server.given.errors = [(401, error)]
    with pytest.raises(ProviderRefuses, match="Domain-wide delegation"):
        await provider.search_people("", limit=1)


async def test_an_administrator_who_is_not_there_is_said_to_be_so(server: GoogleServer) -> None:
    access = GoogleAccess(key=server.key_file(), admin="gone@acme.test", domain=DOMAIN, api_url=server.url)
    async with GoogleDirectory(access, ROLES, patience=QUICK) as provider:
        with pytest.raises(ProviderRejects, match="invalid_grant: Invalid email or User ID"):
            await provider.person(ALICE)


@pytest.mark.parametrize(
    "uri",
    [
        "https://token.evil.test/token",
        "https://oauth2.googleapis.com.evil.test/token",
        "https://oauth2.googleapis.com@evil.test/token",
        "http://oauth2.googleapis.com/token",
        "file:///token",
        "",
    ],
)
async def test_a_key_file_that_sends_elsewhere_for_tokens_is_refused(server: GoogleServer, uri: str) -> None:
    async with opened(server, key=server.given.key_file(uri)) as provider:
        with pytest.raises(ProviderRejects, match="token_uri"):
            await provider.person(ALICE)
    assert server.asked == []


@pytest.mark.parametrize("changed", [{"private_key": "no key"}, {"client_email": ""}, {"token_uri": 5}])
async def test_a_key_file_that_is_none_is_refused(server: GoogleServer, changed: dict[str, object]) -> None:
    key = {**json.loads(server.key_file()), **changed}
    async with opened(server, key=json.dumps(key)) as provider:
        with pytest.raises(ProviderRejects):
            await provider.person(ALICE)


async def test_a_token_endpoint_that_points_elsewhere_is_not_followed(
    server: GoogleServer, provider: GoogleDirectory
) -> None:
    async with Elsewhere() as (url, seen):
        server.faults.location = url
        with pytest.raises(ProviderAway):
            await provider.person(ALICE)
        assert seen == []


async def test_a_token_endpoint_that_fails_for_a_moment_is_asked_again(
    server: GoogleServer, provider: GoogleDirectory
) -> None:
    server.given.errors = [(503, "backend_error")]
    assert await provider.person(ALICE) is not None


async def test_of_many_at_once_one_asks_for_a_token(server: GoogleServer, provider: GoogleDirectory) -> None:
    await asyncio.gather(*(provider.person(ALICE) for _ in range(20)))
    assert server.asked.count("POST /token") == len(SCOPES)


async def test_neither_key_nor_token_is_in_a_repr_or_a_log(
    server: GoogleServer, provider: GoogleDirectory, capsys: pytest.CaptureFixture[str]
) -> None:
    await provider.person(ALICE)
    server.faults.denied = server.permissions
    with pytest.raises(ProviderRefuses):
        await provider.person(ALICE)
    said = capsys.readouterr()
    shown = f"{google_access(server)!r} {vars(provider)!r} {said.out} {said.err}"
    assert "PRIVATE KEY" not in shown
    assert "ya29" not in shown


@pytest.mark.parametrize("reason", ["quotaExceeded", "rateLimitExceeded", "userRateLimitExceeded"])
async def test_too_many_questions_are_no_missing_permission(
    server: GoogleServer, provider: GoogleDirectory, reason: str
) -> None:
    server.refusals = [(403, reason)]
    assert await provider.person(ALICE) is not None
    server.refusals = [(403, reason)] * 10
    with pytest.raises(ProviderAway):
        await provider.person(ALICE)


@pytest.mark.parametrize(
    ("reason", "missing"),
    [
        ("accessNotConfigured", "Admin SDK API"),
        ("forbidden", "Users → Read"),
        ("insufficientPermissions", USERS),
        ("whatever", USERS),
    ],
)
async def test_what_is_missing_is_named(
    server: GoogleServer, provider: GoogleDirectory, reason: str, missing: str
) -> None:
    server.refusals = [(403, reason)]
    with pytest.raises(ProviderRefuses, match=missing):
        await provider.search_people("", limit=1)
    server.refusals = [(403, reason)]
    assert [missing in gap.permission for gap in await provider.gaps()] == [True]


async def test_the_suspended_and_the_archived_are_disabled(
    server: GoogleServer, provider: GoogleDirectory
) -> None:
    server.holds([someone("bob", "it", enabled=False), someone("ada", "it"), someone("alice", "it")])
    server.archived = {PersonId("u-ada")}
    for key in ("bob", "ada"):
        found = await provider.person(PersonId(f"u-{key}"))
        assert found is not None
        assert not found.enabled
    assert [one.name for one in await provider.members("it")] == ["Alice"]
    assert [one.name for one in await provider.search_people("", limit=9)] == ["Alice"]


async def test_a_guest_sits_nowhere_and_is_nobodys_manager(
    server: GoogleServer, provider: GoogleDirectory
) -> None:
    server.holds([replace(one, is_guest=one.id in {MEGAN, "u-bob"}) for one in PEOPLE])
    megan = await provider.person(MEGAN)
    assert megan is not None
    assert megan.is_guest
    assert [one.name for one in await provider.members("technicians")] == ["Ada"]
    answer = await manager_of_alice(provider)
    assert (answer.person, answer.group) == (None, FALLBACK)


@pytest.mark.parametrize(
    "more", ["", ', "suspended": "no"', ', "suspended": null', ', "suspended": false, "archived": 0']
)
async def test_an_answer_that_does_not_say_whether_an_account_is_enabled_is_none(
    server: GoogleServer, provider: GoogleDirectory, more: str
) -> None:
    await provider.gaps()
    user = f'{{"kind": "admin#directory#user", "id": "u-alice", "primaryEmail": "alice@acme.test"{more}}}'
    server.faults.body = user.encode()
    with pytest.raises(ProviderAway):
        await provider._users.by_id("u-alice")


async def test_an_answer_about_somebody_else_is_nobody(
    server: GoogleServer, provider: GoogleDirectory
) -> None:
    await provider.gaps()
    user = {
        "kind": "admin#directory#user",
        "id": "u-bob",
        "primaryEmail": "bob@acme.test",
        "suspended": False,
    }
    server.faults.body = json.dumps(user).encode()
    assert await provider._users.by_id("u-alice") is None
    assert await provider._users.addressed("alice@acme.test") is None


async def test_an_alias_proves_nobody(server: GoogleServer, provider: GoogleDirectory) -> None:
    server.aliases = {"sales@acme.test": ALICE, "alice@other.test": ALICE}
    assert await provider.by_email("sales@acme.test") is None
    assert await provider.by_email("alice@other.test") is None
    assert await provider.by_email("alice@acme.test") is not None


async def test_an_address_that_somebody_gave_up_a_moment_ago_proves_nobody(
    server: GoogleServer, provider: GoogleDirectory
) -> None:
    server.holds([replace(one, email=one.email.replace("alice", "archer")) for one in PEOPLE])
    server.faults.lags = True
    assert await provider.by_email("alice@acme.test") is None


@pytest.mark.parametrize(
    "more", ['"groups": "x"', '"groups": {}', '"groups": [{"id": "g-it"}]', '"nextPageToken": 5']
)
async def test_a_list_of_the_wrong_shape_is_none(
    server: GoogleServer, provider: GoogleDirectory, more: str
) -> None:
    await provider.gaps()
    server.faults.body = f'{{"kind": "admin#directory#groups", {more}}}'.encode()
    with pytest.raises(ProviderAway):
        await provider._groups.of("u-alice")


async def test_an_address_is_no_id(provider: GoogleDirectory) -> None:
    assert await provider.person(PersonId("alice@acme.test")) is None


async def test_the_manager_is_found_by_their_primary_address(provider: GoogleDirectory) -> None:
    answer = await manager_of_alice(provider)
    assert answer.person is not None
    assert answer.person.id == MEGAN


@pytest.mark.parametrize("alias", ["m.moreau@acme.test", "Megan@Shop.Acme.test"])
async def test_the_manager_is_found_by_an_alias(
    server: GoogleServer, provider: GoogleDirectory, alias: str
) -> None:
    server.aliases = {alias.lower(): MEGAN}
    server.relations = {ALICE: [{"type": "manager", "value": f" {alias}"}]}
    answer = await manager_of_alice(provider)
    assert answer.person is not None
    assert answer.person.id == MEGAN


async def test_a_manager_of_another_organisation_is_nobody(
    server: GoogleServer, provider: GoogleDirectory
) -> None:
    server.relations = {ALICE: [{"type": "manager", "value": "boss@parent.test"}]}
    answer = await manager_of_alice(provider)
    assert (answer.person, answer.group) == (None, FALLBACK)
    assert "Alice’s manager is not in the directory" in answer.explanation


@pytest.mark.parametrize("value", ["gone@acme.test", "Megan", "u-megan", "@", "megan@acme.test@acme.test"])
async def test_a_manager_whom_nobody_knows_is_nobody(
    server: GoogleServer, provider: GoogleDirectory, value: str
) -> None:
    server.relations = {ALICE: [{"type": "manager", "value": value}]}
    answer = await manager_of_alice(provider)
    assert (answer.person, answer.group) == (None, FALLBACK)
    assert "not in the directory" in answer.explanation


@pytest.mark.parametrize(
    "relations",
    [
        [],
        [{"type": "assistant", "value": "megan@acme.test"}],
        [{"type": "custom", "customType": "manager", "value": "megan@acme.test"}],
        [{"type": "manager", "value": "megan@acme.test"}, {"type": "manager", "value": "bob@acme.test"}],
        [{"type": "manager", "value": ["megan@acme.test"]}],
        [{"type": "manager"}],
        "megan@acme.test",
        None,
    ],
)
async def test_what_names_no_single_manager_names_none(
    server: GoogleServer, provider: GoogleDirectory, relations: None
) -> None:
    server.relations = {ALICE: relations}
    answer = await manager_of_alice(provider)
    assert (answer.person, answer.group) == (None, FALLBACK)
    assert "Alice has no manager in the directory" in answer.explanation


@pytest.mark.parametrize("address", ["alice@acme.test", "ALICE@acme.test", "al@acme.test"])
async def test_nobody_is_their_own_manager_by_whichever_address(
    server: GoogleServer, provider: GoogleDirectory, address: str
) -> None:
    server.aliases = {"al@acme.test": ALICE}
    server.relations = {ALICE: [{"type": "manager", "value": address}]}
    answer = await manager_of_alice(provider)
    assert (answer.person, answer.group) == (None, FALLBACK)
    assert "circle" in answer.explanation


async def test_a_circle_of_managers_by_aliases_is_seen(
    server: GoogleServer, provider: GoogleDirectory
) -> None:
    server.holds([replace(one, enabled=one.id != MEGAN) for one in PEOPLE])
    server.aliases = {"al@acme.test": ALICE, "meg@acme.test": MEGAN}
    server.relations = {
        ALICE: [{"type": "manager", "value": "meg@acme.test"}],
        MEGAN: [{"type": "manager", "value": "al@acme.test"}],
    }
    answer = await manager_of_alice(provider)
    assert (answer.person, answer.group) == (None, FALLBACK)
    assert "circle" in answer.explanation


async def test_a_manager_is_asked_no_more_while_google_is_away(
    server: GoogleServer, provider: GoogleDirectory
) -> None:
    directory = RecentDirectory(provider, clock=MovedClock(), limit=each_time)
    alice = await directory.person(ALICE)
    assert alice is not None
    server.faults.is_away = True
    with pytest.raises(DirectoryUnreachable):
        await find_manager(directory, alice)


async def test_members_of_other_organisations_and_groups_within_groups_are_nobody(
    server: GoogleServer, provider: GoogleDirectory
) -> None:
    server.further_members = {
        "g-it": [
            {"id": "u-partner", "email": "partner@other.test", "type": "USER", "status": "ACTIVE"},
            {"id": "u-foreign", "email": "foreign@other.test", "type": "EXTERNAL"},
            {"id": "g-sales", "email": "sales@acme.test", "type": "GROUP", "status": "ACTIVE"},
            {"id": "C01", "type": "CUSTOMER"},
            {"id": "u-alice", "email": "alice@acme.test", "type": "CUSTOMER"},
        ]
    }
    assert [one.name for one in await provider.members("it")] == ["Bob"]
    assert [one.name for one in await provider.members("technicians")] == ["Ada", "Bob"]
    alice = await provider.person(ALICE)
    assert alice is not None
    assert alice.roles == {Role.EMPLOYEE}


async def test_a_member_whom_google_does_not_show_is_nobody_only_if_we_may_look(
    server: GoogleServer, provider: GoogleDirectory
) -> None:
    await provider.gaps()
    server.refusals = [(403, "forbidden")]
    assert await provider._users.by_id("u-x", address="partner@other.test") is None
    server.refusals = [(403, "forbidden")] * 2
    with pytest.raises(ProviderRefuses):
        await provider._users.by_id("u-x", address="partner@other.test")
    server.refusals = [(403, "forbidden")]
    with pytest.raises(ProviderRefuses):
        await provider._users.by_id("u-x", address="bob@acme.test")


async def test_an_address_that_a_limited_administrator_is_not_shown_may_be_ours(
    server: GoogleServer, provider: GoogleDirectory
) -> None:
    """They may be limited to units that people of the organisation's second domain are not in."""
    assert await provider.by_email("boss@shop.test") is None
    server.is_super_admin = False
    with pytest.raises(NotShown, match=r"shop\.test"):
        await provider.by_email("boss@shop.test")
    with pytest.raises(NotShown):
        await provider.person(known_as("boss@shop.test"))
    assert await provider.by_email("nobody@acme.test") is None


async def test_a_user_whose_groups_google_does_not_know_is_not_without_groups(
    server: GoogleServer, provider: GoogleDirectory
) -> None:
    server.faults.missing, server.faults.missing_at = server.missing_body, "userKey"
    assert await provider.entry(ALICE) is not None
    for ask in (
        provider.person(ALICE),
        provider.by_email("alice@acme.test"),
        provider.person(known_as("megan@acme.test")),
    ):
        with pytest.raises(ProviderAway, match="do not fit each other"):
            await ask


async def test_a_group_with_too_many_members_fills_no_seat(server: GoogleServer) -> None:
    server.page = 200
    server.holds([someone(f"p{number:03}", "all") for number in range(MOST_MEMBERS + 1)])
    async with opened(server) as provider:
        with pytest.raises(TooManyMembers, match="smaller group"):
            await provider.members("all")


async def test_groups_of_another_domain_go_by_their_whole_address(
    server: GoogleServer, provider: GoogleDirectory
) -> None:
    server.addresses["g-far"] = "it-admins@shop.test"
    server.adds_group("g-far", "it-admins", ["u-alice"])
    assert await provider.has_group("it-admins@shop.test")
    assert [one.name for one in await provider.members("it-admins@shop.test")] == ["Alice"]
    assert [one.name for one in await provider.members("it-admins")] == ["Ada"]
    alice = await provider.person(ALICE)
    assert alice is not None
    assert alice.groups == {"sales", "it-admins@shop.test"}
    assert alice.roles == {Role.EMPLOYEE}


async def test_a_group_of_the_domain_has_one_name_only(provider: GoogleDirectory) -> None:
    """Whoever could write another one would name a group that nobody is found to be in."""
    assert not await provider.has_group("sales@acme.test")
    assert await provider.members("sales@acme.test") == ()
    assert await provider.search_groups("sales@", limit=5) == ()


@pytest.mark.parametrize("said", ["sales", "sales@acme.test", "sales@ACME.test", "g-sales"])
async def test_the_settings_name_a_group_by_name_address_or_id(server: GoogleServer, said: str) -> None:
    async with opened(server, RoleGroups(technician=frozenset({said}))) as provider:
        assert [one.name for one in await provider.members("technicians")] == ["Alice", "Megan"]
        alice = await provider.person(ALICE)
        assert alice is not None
        assert alice.roles == {Role.EMPLOYEE, Role.TECHNICIAN}


async def test_the_fallback_group_may_be_named_by_its_address(server: GoogleServer) -> None:
    async with opened(server, RoleGroups(fallback="it-admins@acme.test")) as provider:
        assert await provider.fallback_group() == "it-admins"


async def test_a_group_that_an_employee_made_gives_no_role_by_its_name(server: GoogleServer) -> None:
    """Where msp_admin does not exist yet, anybody who may make groups could make it."""
    server.adds_group("g-mine", "msp_admin", ["u-alice"])
    server.made_by_employees = {"g-mine"}
    async with opened(server) as provider:
        alice = await provider.person(ALICE)
        assert alice is not None
        assert alice.roles == {Role.EMPLOYEE}
        assert [one.name for one in await provider.members("technicians")] == ["Ada", "Bob"]
    async with opened(server, RoleGroups(admin=frozenset({"g-mine"}))) as provider:
        alice = await provider.person(ALICE)
        assert alice is not None
        assert alice.roles == {Role.EMPLOYEE, Role.ADMIN}


async def test_type_ahead_looks_at_both_names_and_at_addresses(
    server: GoogleServer, provider: GoogleDirectory
) -> None:
    people = {"Jean-Luc Van Damme": "jcvd", "Maria Muñoz": "mm", "Anna Maria O’Neil": "amo", "Max Ma": "max"}
    server.holds([replace(someone(key), name=name) for name, key in people.items()])

    async def found(typed: str) -> list[str]:
        return [one.name for one in await provider.search_people(typed, limit=5)]

    assert await found("jean-luc van") == ["Jean-Luc Van Damme"]
    assert await found("muñ") == ["Maria Muñoz"]
    assert await found("Maria  M") == ["Maria Muñoz"]
    assert await found("mari") == ["Anna Maria O’Neil", "Maria Muñoz"]
    assert await found("anna maria o'n") == []
    assert await found("anna maria o’n") == ["Anna Maria O’Neil"]
    assert await found("jcvd@acme") == ["Jean-Luc Van Damme"]
    assert await found("Max Me") == []
