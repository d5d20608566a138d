"""The Teams app's manifest keeps to Microsoft's schema, and its zip can be uploaded."""

import json
import os
import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import jsonschema_rs
import pytest

from bot.chat.commands import SomethingMissing, parse_command
from bot.chat.teams import package
from bot.chat.teams.manifest import ASK, ASK_ABOUT, PLACEHOLDER, SCHEMA, App, manifest
from bot.chat.teams.package import packaged, spelled_out

COMMITTED: Final = Path(__file__).parents[2] / "manifests" / "teams"
SCHEMAS: Final = (
    Path.home() / ".cache/countersign-peers/node_modules/@microsoft/app-manifest/build/json-schemas/teams"
)
"""Where `.ci/run` installs them."""

ACME: Final = App(
    app_id="1a2b3c4d-0000-1111-2222-333344445555",
    domain="bot.acme.test",
    name="x" * 30,
    developer="y" * 32,
    website="https://acme.test/it",
    privacy="https://acme.test/privacy",
    terms="https://acme.test/terms",
    version="12.0.3",
)
BARE: Final = App(app_id=ACME.app_id, domain=ACME.domain)


@pytest.fixture
def schemas() -> Path:
    """Gives the folder with Microsoft's schemas, one folder inside per version."""
    if not SCHEMAS.exists():
        reason = "@microsoft/app-manifest is not installed; .ci/run installs it."
        if os.environ.get("CI") == "true":  # noqa: TID251 - tests have no settings
            pytest.fail(reason)
        pytest.skip(reason)
    return SCHEMAS


def dug(app: App = BARE) -> dict[str, Any]:
    return dict(manifest(app))


@pytest.mark.parametrize("app", [PLACEHOLDER, BARE, ACME], ids=["committed", "bare", "full"])
def test_the_manifest_keeps_to_microsoft_s_schema(schemas: Path, app: App) -> None:
    schema = json.loads((schemas / f"v{SCHEMA}" / "MicrosoftTeams.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema_rs.Draft7Validator(schema, validate_formats=True)
    validator.validate(manifest(app))
    assert list(validator.iter_errors(dug(app) | {"surprise": 1}))
    assert schema["properties"]["manifestVersion"]["const"] == SCHEMA


def test_the_schema_is_the_newest(schemas: Path) -> None:
    versions = [folder.name[1:].split(".") for folder in schemas.glob("v[0-9]*")]
    assert max([int(part) for part in version] for version in versions) == [
        int(part) for part in SCHEMA.split(".")
    ]


def test_the_committed_files_are_what_the_code_gives() -> None:
    with ZipFile(BytesIO(packaged(manifest(PLACEHOLDER)))) as archive:
        written = {name: archive.read(name) for name in archive.namelist()}
    assert written == {file.name: file.read_bytes() for file in COMMITTED.iterdir()}
    assert written["manifest.json"].decode() == spelled_out(manifest(PLACEHOLDER))


def test_the_same_manifest_gives_the_same_bytes_and_an_archive_without_folders() -> None:
    once, again = packaged(manifest(ACME)), packaged(manifest(ACME))
    assert once == again
    with ZipFile(BytesIO(once)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["manifest.json", *dug()["icons"].values()]
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert json.loads(archive.read("manifest.json")) == manifest(ACME)


def test_everything_in_it_is_one_and_the_same_app() -> None:
    document = dug()
    bot, extension = document["bots"][0], document["composeExtensions"][0]
    found = {document["id"], bot["botId"], extension["botId"], document["webApplicationInfo"]["id"]}
    assert found == {BARE.app_id}
    assert document["webApplicationInfo"]["resource"] == f"api://{BARE.domain}/{BARE.app_id}"
    assert document["validDomains"] == [BARE.domain]


def test_where_no_page_is_named_another_stands_in_for_it() -> None:
    assert dug()["developer"] == {
        "name": "Your IT department",
        "websiteUrl": "https://bot.acme.test",
        "privacyUrl": "https://bot.acme.test",
        "termsOfUseUrl": "https://bot.acme.test",
    }
    assert dug(ACME)["developer"]["termsOfUseUrl"] == "https://acme.test/terms"


def test_people_can_write_to_it_everywhere_and_it_takes_no_files() -> None:
    bot = dug()["bots"][0]
    assert bot["scopes"] == ["personal", "team", "groupChat"]
    assert bot["supportsFiles"] is False
    assert bot["isNotificationOnly"] is False
    assert [one["scopes"] for one in bot["commandLists"]] == [[scope] for scope in bot["scopes"]]


def test_it_can_be_installed_for_people_through_graph() -> None:
    assert "authorization" not in dug()


def test_the_request_form_opens_from_the_message_box_and_from_a_message() -> None:
    (extension,) = dug()["composeExtensions"]
    assert {(one["id"], one["type"], one["fetchTask"], *one["context"]) for one in extension["commands"]} == {
        (ASK, "action", True, "compose"),
        (ASK_ABOUT, "action", True, "message"),
    }


def menu() -> list[dict[str, str]]:
    lists = dug()["bots"][0]["commandLists"]
    assert lists[0]["commands"] == lists[1]["commands"] == lists[2]["commands"]
    return list(lists[0]["commands"])


@pytest.mark.parametrize("line", [one["title"] for one in menu()])
def test_what_the_menu_offers_is_understood(line: str) -> None:
    try:
        command = parse_command(line)
    except SomethingMissing:
        return  # the menu leaves out what differs from one time to the next
    assert command.text.startswith(line)


def test_the_menu_has_every_command_that_people_need() -> None:
    assert {one["title"] for one in menu()} == {
        *("request", "approvals", "freeze connector", "grants list", "help"),
        *(f"policy {word}" for word in ("list", "connector", "set", "test", "history")),
    }
    assert all(one["description"] for one in menu())


def drawn(name: str) -> list[list[tuple[int, ...]]]:
    """The rows of a picture's pixels: red, green, blue, and how much of them is seen."""
    content = (Path(package.__file__).parent / "icons" / name).read_bytes()
    width, height, depth, kind = struct.unpack(">IIBB", content[16:26])
    assert (depth, kind) == (8, 6)
    at, data = 8, b""
    while at < len(content):
        length, part = struct.unpack(">I4s", content[at : at + 8])
        data += content[at + 8 : at + 8 + length] if part == b"IDAT" else b""
        at += length + 12
    lines = pieces(zlib.decompress(data), width * 4 + 1)
    assert len(lines) == height
    assert {line[0] for line in lines} == {0}
    return [[tuple(pixel) for pixel in pieces(line[1:], 4)] for line in lines]


def pieces(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


def test_the_colour_icon_has_teams_size_and_leaves_nothing_out() -> None:
    rows = drawn("color.png")
    assert {len(rows), *map(len, rows)} == {192}
    assert {pixel[3] for row in rows for pixel in row} == {255}
    assert len({pixel for row in rows for pixel in row}) > 2


def test_the_outline_icon_is_white_on_nothing() -> None:
    rows = drawn("outline.png")
    assert {len(rows), *map(len, rows)} == {32}
    assert {pixel[:3] for row in rows for pixel in row} == {(255, 255, 255)}
    assert {0, 255} <= {pixel[3] for row in rows for pixel in row}
