"""`countersign tenant`: what is set is kept, shown and written to the audit log."""

from pathlib import Path

import pytest

from bot.app import Deployment
from bot.domain.canonical import JsonObject
from tests.command_line import CommandLine, a_command_line

TRIAGE = "19:a1B-_2@thread.tacv2"
LINKED = "19%3Aa1B-_2%40thread.tacv2"


@pytest.fixture
def countersign(tmp_path: Path) -> CommandLine:
    return a_command_line(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "kept", "shown"),
    [
        ("mode", "execute", "execute", "execute"),
        ("slack_triage_channel", "C0123456789", "C0123456789", "C0123456789"),
        ("slack_triage_channel", "G0123ABCD", "G0123ABCD", "G0123ABCD"),
        ("slack_triage_channel", "", "", "empty"),
        ("teams_triage_channel", TRIAGE, TRIAGE, TRIAGE),
        (
            "teams_triage_channel",
            f"https://teams.microsoft.com/l/channel/{LINKED}/IT?groupId=1",
            TRIAGE,
            TRIAGE,
        ),
        ("teams_triage_channel", "19:ab@thread.skype", "19:ab@thread.skype", "19:ab@thread.skype"),
        ("teams_triage_channel", "", "", "empty"),
        ("email_domains", "acme.test", ["acme.test"], "acme.test"),
        (
            "email_domains",
            " Acme.TEST ,a-b.co.uk,acme.test",
            ["acme.test", "a-b.co.uk"],
            "acme.test, a-b.co.uk",
        ),
        ("email_domains", "", [], "empty"),
    ],
)
def test_a_setting_is_kept_and_shown(
    countersign: CommandLine, name: str, value: str, kept: object, shown: str
) -> None:
    answer = countersign("tenant", "set", name, value)
    assert (answer.code, answer.out.strip()) == (0, f"{name} is {shown} now.")
    assert countersign("tenant", "show", "--json").json[name] == kept
    assert f"{name}: {shown}" in countersign("tenant", "show").out.splitlines()


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("mode", "fast", "plan or execute"),
        ("slack_triage_channel", "#it-triage", "C0123456789"),
        ("slack_triage_channel", "c0123456789", "C0123456789"),
        ("slack_triage_channel", "D0123456789", "C0123456789"),
        ("slack_triage_channel", "C0123456789\n", "C0123456789"),
        ("teams_triage_channel", "it-triage", "Get link to channel"),
        ("teams_triage_channel", "29:1aB_c-9", "Get link to channel"),
        ("teams_triage_channel", f"{TRIAGE};messageid=1", "Get link to channel"),
        ("teams_triage_channel", f"https://teams.microsoft.com/l/chat/{LINKED}/0", "Get link to channel"),
        ("email_domains", "acme", "acme.com"),
        ("email_domains", "acme.test,", "acme.com"),
        ("email_domains", "*.acme.test", "acme.com"),
        ("email_domains", "alice@acme.test", "acme.com"),
        ("email_domains", "acme..test", "acme.com"),
        ("email_domains", "acme-.test", "acme.com"),
        ("email_domains", "acme.test;b.test", "acme.com"),
        ("email_domains", "ácme.test", "acme.com"),
        ("email_domains", f"{'a' * 64}.test", "acme.com"),
        ("email_domains", f"{'a.' * 126}ab", "acme.com"),
        ("colour", "red", "email_domains"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_and_changes_nothing(
    countersign: CommandLine, name: str, value: str, part: str
) -> None:
    before = countersign("tenant", "show", "--json").json
    answer = countersign("tenant", "set", name, value)
    assert answer.code == 1
    assert part in answer.err
    assert countersign("tenant", "show", "--json").json == before


def test_a_changed_setting_is_in_the_audit_log_as_it_was_and_as_it_is(countersign: CommandLine) -> None:
    countersign("tenant", "set", "email_domains", "acme.test")
    countersign("tenant", "set", "email_domains", "acme.test,b.test")

    async def details(deployment: Deployment) -> list[JsonObject]:
        async with deployment.store.view(deployment.tenant) as view:
            entries = [sealed.entry for sealed in await view.audit.read()]
        return [entry.details for entry in entries if entry.kind == "tenant.changed"]

    changes = [(one["name"], one["before"], one["after"]) for one in countersign.within(details)]
    assert changes == [
        ("email_domains", [], ["acme.test"]),
        ("email_domains", ["acme.test"], ["acme.test", "b.test"]),
    ]
