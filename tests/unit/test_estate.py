"""The demo company's estate: what it holds, what its tools do to it, and that no change is ever half done."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC
from pathlib import Path

import jsonschema_rs
import pytest
from ruamel.yaml import YAML

from bot.demo.estate import Estate, recent_changes
from bot.demo.records import Record
from bot.demo.refusals import (
    AddressTaken,
    BadArguments,
    CannotOpenEstate,
    DeviceIsWiped,
    EstateUnavailable,
    ForeignAddress,
    HasAccess,
    HasMoreAccess,
    HasNoRecoveryKey,
    IsNotLocked,
    NoAccess,
    NoFreeLicence,
    UnknownAccount,
    UnknownApp,
    UnknownDevice,
    UnknownGroup,
)
from bot.demo.seed import PEOPLE_FILE
from bot.demo.tools import TOOLS
from bot.demo.wording import Answer
from bot.domain.errors import Refusal

ZOE = {
    "name": "Zoë Zhang",
    "email": "zoe@acme.test",
    "title": "Designer",
    "department": "Design",
    "manager": "megan@acme.test",
}

VALID_CALLS: dict[str, dict[str, object]] = {
    "get_user": {"user": "alice@acme.test"},
    "search_users": {"query": "sales", "limit": 1},
    "create_user": dict(ZOE),
    "delete_user": {"user": "megan@acme.test"},
    "unlock_account": {"user": "eve@acme.test"},
    "reset_password": {"user": "dan@acme.test"},
    "list_groups": {},
    "list_group_members": {"group": "Technicians"},
    "add_user_to_group": {"user": "eve@acme.test", "group": "VPN users"},
    "remove_user_from_group": {"user": "alice@acme.test", "group": "vpn-users"},
    "list_apps": {},
    "list_app_access": {"user": "alice@acme.test"},
    "grant_app_access": {"user": "alice@acme.test", "app": "Zendesk", "level": "member"},
    "revoke_app_access": {"user": "alice@acme.test", "app": "salesforce"},
    "list_licences": {},
    "add_licences": {"app": "tableau", "count": 2},
    "list_devices": {"user": "alice@acme.test"},
    "get_recovery_key": {"device": "ACME-LT-1001"},
    "lock_device": {"device": "d-2001", "message": "Please call Acme."},
    "wipe_device": {"device": "d-1002"},
}

STATE_TABLES = ("accounts", "groups", "memberships", "apps", "access", "devices")


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return Estate.open(tmp_path / "acme.db")


def call(estate: Estate, tool: str, **arguments: object) -> Answer[Record]:
    return TOOLS[tool].call(estate, arguments)


def state(estate: Estate) -> dict[str, list[tuple[object, ...]]]:
    with estate.reading() as connection:
        return {
            table: sorted(map(tuple, connection.execute(f"SELECT * FROM {table}")), key=repr)  # noqa: S608 - our names
            for table in STATE_TABLES
        }


def test_every_tool_has_a_valid_call_here() -> None:
    assert set(VALID_CALLS) == set(TOOLS)


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_takes_and_gives_what_its_schemas_say(estate: Estate, name: str) -> None:
    definition = TOOLS[name].definition()
    assert jsonschema_rs.validator_for(definition.input_schema).is_valid(VALID_CALLS[name])
    assert not jsonschema_rs.validator_for(definition.input_schema).is_valid({**VALID_CALLS[name], "x": 1})
    answer = TOOLS[name].call(estate, VALID_CALLS[name])
    assert definition.output_schema is not None
    jsonschema_rs.validator_for(definition.output_schema).validate(answer.record.model_dump(mode="json"))
    assert answer.sentence.endswith(".")


@pytest.mark.parametrize("name", TOOLS)
def test_every_argument_of_a_tool_is_described(name: str) -> None:
    schema = TOOLS[name].definition().input_schema
    assert schema["additionalProperties"] is False
    for argument, part in schema.get("properties", {}).items():
        assert part.get("description"), argument


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_that_says_it_only_reads_changes_nothing_and_any_other_logs_one_change(
    estate: Estate, name: str
) -> None:
    annotations = TOOLS[name].definition().annotations
    assert annotations is not None
    before = state(estate)
    answer = TOOLS[name].call(estate, VALID_CALLS[name])
    if annotations.read_only_hint:
        assert state(estate) == before
        assert estate.changes() == []
    else:
        assert state(estate) != before
        (change,) = estate.changes()
        assert (change.tool, change.summary) == (name, answer.sentence)
        assert change.arguments == VALID_CALLS[name]
        assert change.at.tzinfo == UTC


@pytest.mark.parametrize("name", TOOLS)
def test_a_second_equal_call_changes_more_only_where_the_tool_says_so(estate: Estate, name: str) -> None:
    annotations = TOOLS[name].definition().annotations
    assert annotations is not None
    TOOLS[name].call(estate, VALID_CALLS[name])
    before, logged = state(estate), len(estate.changes())
    if annotations.idempotent_hint and not annotations.read_only_hint:
        with pytest.raises(Refusal):
            TOOLS[name].call(estate, VALID_CALLS[name])
    else:
        TOOLS[name].call(estate, VALID_CALLS[name])
    assert (len(estate.changes()) == logged) is annotations.idempotent_hint
    assert annotations.idempotent_hint is False or state(estate) == before


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_that_is_not_called_destructive_takes_nothing_away(estate: Estate, name: str) -> None:
    annotations = TOOLS[name].definition().annotations
    assert annotations is not None
    before = state(estate)
    TOOLS[name].call(estate, VALID_CALLS[name])
    after = state(estate)
    fewer = any(len(after[table]) < len(before[table]) for table in STATE_TABLES)
    emptied = sum(row.count(None) for row in after["devices"]) > sum(
        row.count(None) for row in before["devices"]
    )
    assert (fewer or emptied) is bool(annotations.destructive_hint)


def test_the_people_of_the_estate_are_those_of_the_directory(estate: Estate) -> None:
    directory = YAML(typ="safe").load(PEOPLE_FILE.read_text(encoding="utf-8"))
    people = {person["id"]: person for person in directory["people"]}
    with estate.reading() as connection:
        rows = {row["id"]: row["manager"] for row in connection.execute("SELECT id, manager FROM accounts")}
        groups = {row["id"] for row in connection.execute("SELECT id FROM groups")}
    assert rows == {key: person.get("manager") for key, person in people.items()}
    assert groups == {group for person in people.values() for group in person["groups"]}
    assert directory["fallback_group"] in groups


def test_alice_has_some_apps_but_not_zendesk(estate: Estate) -> None:
    assert call(estate, "list_app_access", user="alice@acme.test").sentence == (
        "Alice Archer has access to Notion (member), Salesforce (member) and Zoom (member)."
    )


@pytest.mark.parametrize("app", ["zendesk", "Zendesk", "ZENDESK"])
def test_an_app_is_found_by_id_or_name_in_any_case(estate: Estate, app: str) -> None:
    call(estate, "grant_app_access", user="Alice@Acme.test", app=app, level="member")
    assert "Zendesk (member)" in call(estate, "list_app_access", user="alice@acme.test").sentence


@pytest.mark.parametrize(
    ("tool", "arguments", "refusal"),
    [
        ("get_user", {"user": "nobody@acme.test"}, UnknownAccount),
        ("grant_app_access", {"user": "alice@acme.test", "app": "Zend", "level": "member"}, UnknownApp),
        ("grant_app_access", {"user": "alice@acme.test", "app": "Zoom", "level": "member"}, HasAccess),
        ("grant_app_access", {"user": "alice@acme.test", "app": "Zoom", "level": "viewer"}, HasMoreAccess),
        ("grant_app_access", {"user": "alice@acme.test", "app": "Tableau", "level": "viewer"}, NoFreeLicence),
        ("revoke_app_access", {"user": "alice@acme.test", "app": "Zendesk"}, NoAccess),
        ("add_user_to_group", {"user": "alice@acme.test", "group": "%"}, UnknownGroup),
        ("lock_device", {"device": "d-9"}, UnknownDevice),
        ("get_recovery_key", {"device": "d-2001"}, HasNoRecoveryKey),
        ("unlock_account", {"user": "alice@acme.test"}, IsNotLocked),
        ("create_user", {**ZOE, "email": "ALICE@acme.test"}, AddressTaken),
        ("create_user", {**ZOE, "email": "zoe@elsewhere.test"}, ForeignAddress),
        ("create_user", {**ZOE, "manager": "nobody@acme.test"}, UnknownAccount),
    ],
)
def test_a_call_that_makes_no_sense_is_refused_and_changes_nothing(
    estate: Estate, tool: str, arguments: dict[str, object], refusal: type[Refusal]
) -> None:
    before = state(estate)
    with pytest.raises(refusal):
        call(estate, tool, **arguments)
    assert state(estate) == before
    assert estate.changes() == []


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("get_user", {}, "“user” is missing"),
        ("get_user", {"user": "alice"}, "“user” must be an e-mail address"),
        ("get_user", {"user": "a@b.test\n"}, "“user” must be an e-mail address"),
        ("get_user", {"user": ["alice@acme.test"]}, "“user” should be a valid string"),
        ("get_user", {"user": "a" * 300 + "@acme.test"}, "at most 254 characters"),
        ("get_user", {"user": "alice@acme.test", "{x}": 1}, "get_user does not take “{x}”; it takes user"),
        ("list_apps", {"all": True}, "list_apps does not take “all”; it takes nothing"),
        ("search_users", {"query": "  "}, "“query” is empty"),
        ("search_users", {"query": "it", "limit": True}, "“limit” should be a valid integer"),
        ("add_licences", {"app": "Figma", "count": "5"}, "“count” should be a valid integer"),
        ("add_licences", {"app": "Figma", "count": 0}, "“count” should be greater than or equal to 1"),
        (
            "grant_app_access",
            {"user": "alice@acme.test", "app": "Zendesk", "level": "owner"},
            "“level” should be 'viewer', 'member' or 'admin'",
        ),
    ],
)
def test_arguments_that_are_not_right_are_answered_with_a_sentence(
    estate: Estate, tool: str, arguments: dict[str, object], words: str
) -> None:
    with pytest.raises(BadArguments) as refusal:
        call(estate, tool, **arguments)
    assert words in refusal.value.sentence


def test_a_whole_number_written_as_1_0_is_one(estate: Estate) -> None:
    answer = call(estate, "add_licences", app="Figma", count=1.0)
    assert answer.sentence == "1 licence of Figma bought, for 180 US dollars a year."


def test_a_higher_level_takes_no_second_licence(estate: Estate) -> None:
    call(estate, "revoke_app_access", user="megan@acme.test", app="Tableau")
    call(estate, "grant_app_access", user="alice@acme.test", app="Tableau", level="viewer")
    answer = call(estate, "grant_app_access", user="alice@acme.test", app="Tableau", level="admin")
    assert answer.sentence == "Alice Archer now has admin access to Tableau."


def test_deleting_a_manager_leaves_their_reports_without_one(estate: Estate) -> None:
    call(estate, "delete_user", user="megan@acme.test")
    assert "has no manager" in call(estate, "get_user", user="alice@acme.test").sentence
    assert state(estate)["devices"] != []


def test_a_wiped_device_can_not_be_locked(estate: Estate) -> None:
    call(estate, "wipe_device", device="d-1001")
    with pytest.raises(DeviceIsWiped):
        call(estate, "lock_device", device="d-1001")


def test_a_recovery_key_is_not_in_the_sentence_and_is_marked_as_a_secret(estate: Estate) -> None:
    answer = TOOLS["get_recovery_key"].call(estate, {"device": "d-1001"})
    key = answer.record.model_dump()["recovery_key"]
    assert key not in answer.sentence
    schema = TOOLS["get_recovery_key"].definition().output_schema
    assert schema is not None
    assert schema["properties"]["recovery_key"]["format"] == "password"


def test_searching_tells_when_there_are_more(estate: Estate) -> None:
    assert "There are more" in call(estate, "search_users", query="IT technician", limit=2).sentence
    assert call(estate, "search_users", query="nobody here").sentence.startswith("Nobody matches")


def test_nothing_can_be_changed_while_reading(estate: Estate) -> None:
    with pytest.raises(EstateUnavailable), estate.reading() as connection:
        connection.execute("DELETE FROM accounts")
    assert len(state(estate)["accounts"]) == 9


def delete_everyone_and_fail(estate: Estate) -> None:
    with estate.changing(tool="x", arguments={}) as ledger:
        ledger.connection.execute("DELETE FROM accounts")
        raise ZeroDivisionError


def test_a_change_that_fails_half_way_is_not_stored(estate: Estate) -> None:
    before = state(estate)
    with pytest.raises(ZeroDivisionError):
        delete_everyone_and_fail(estate)
    assert state(estate) == before


def test_a_change_without_a_sentence_is_not_stored(estate: Estate) -> None:
    before = state(estate)
    with pytest.raises(ValueError, match="does not say"), estate.changing(tool="x", arguments={}) as ledger:
        ledger.connection.execute("DELETE FROM accounts")
    assert state(estate) == before


def test_a_process_killed_in_the_middle_of_a_change_leaves_no_trace(estate: Estate) -> None:
    before = state(estate)
    program = (
        "import sys; from pathlib import Path; from bot.demo.estate import Estate\n"
        "with Estate(Path(sys.argv[1])).changing(tool='x', arguments={}) as ledger:\n"
        "    ledger.connection.execute('DELETE FROM accounts')\n"
        "    print('changed', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(estate.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"changed\n"
        child.kill()
    assert state(estate) == before
    call(estate, "reset_password", user="dan@acme.test")


def test_the_last_licence_goes_to_one_of_many_at_the_same_moment(estate: Estate) -> None:
    call(estate, "add_licences", app="Tableau", count=1)

    def try_to_grant(user: str) -> bool:
        try:
            call(Estate(estate.path), "grant_app_access", user=user, app="Tableau", level="viewer")
        except NoFreeLicence:
            return False
        return True

    people = [f"{name}@acme.test" for name in ("alice", "bob", "carol", "dan", "ada", "ahmed", "eve")]
    with ThreadPoolExecutor(len(people)) as threads:
        assert sum(threads.map(try_to_grant, people)) == 1


def test_a_second_start_keeps_the_state(estate: Estate) -> None:
    call(estate, "delete_user", user="eve@acme.test")
    before = state(estate)
    assert state(Estate.open(estate.path)) == before


def test_many_first_starts_at_once_fill_the_file_once(tmp_path: Path) -> None:
    path = tmp_path / "acme.db"
    with ThreadPoolExecutor(8) as threads:
        estates = list(threads.map(Estate.open, [path] * 8))
    assert len(state(estates[0])["accounts"]) == 9


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE precious (x)")
    before = path.read_bytes()
    with pytest.raises(CannotOpenEstate, match="another program's database"):
        Estate.open(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Acme, " * 1000)
    with pytest.raises(CannotOpenEstate, match="not a database"):
        Estate.open(path)
    with pytest.raises(EstateUnavailable):
        recent_changes(path)
    assert path.read_text() == "Dear Acme, " * 1000


def test_an_estate_of_another_version_is_refused(estate: Estate) -> None:
    with closing(sqlite3.connect(estate.path)) as connection:
        connection.execute("PRAGMA user_version = 999")
    with pytest.raises(CannotOpenEstate, match="another version"):
        Estate.open(estate.path)


def test_recent_changes_are_newest_first_and_limited(estate: Estate) -> None:
    for name in ("dan", "bob", "alice"):
        call(estate, "reset_password", user=f"{name}@acme.test")
    assert [change.id for change in recent_changes(estate.path)] == [3, 2, 1]
    assert [change.arguments for change in recent_changes(estate.path, limit=1)] == [
        {"user": "alice@acme.test"}
    ]
    assert recent_changes(estate.path, limit=-1) == []


def test_a_file_that_is_not_there_yet_has_no_changes(tmp_path: Path) -> None:
    assert recent_changes(tmp_path / "none.db") == []
    assert not (tmp_path / "none.db").exists()


def test_changes_are_read_while_somebody_writes(estate: Estate) -> None:
    call(estate, "reset_password", user="dan@acme.test")
    with estate.changing(tool="x", arguments={}) as ledger:
        ledger.connection.execute("DELETE FROM accounts")
        assert [change.tool for change in recent_changes(estate.path)] == ["reset_password"]
        ledger.summary = "Everyone is gone."
    assert [change.tool for change in recent_changes(estate.path)] == ["x", "reset_password"]
