"""`countersign people`: one person, many accounts, which are tied, untied and shown."""

from pathlib import Path

import pytest

from bot.app import Deployment
from bot.domain.people import PersonId
from bot.ports.chat import ChatUser, Link, Proof
from bot.settings.teams import VARIABLES
from tests.builders import NOW
from tests.command_line import CommandLine, a_command_line

ALEX = "00000000-0000-0000-0000-0000000000020"
MEGAN = "7d0f1c2a-91ab-4c3d-8e5f-00112233aabb"
HOME = "9f8e7d6c-aaaa-bbbb-cccc-ddddeeeeffff"
OTHER = "01234567-89ab-cdef-0123-456789abcdef"
APP_ID = "1a2b3c4d-0000-1111-2222-333344445555"
ISSUER = "https://login.acme.test/"


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Gives an environment without anything of Teams."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture
def countersign(tmp_path: Path) -> CommandLine:
    """Gives the command line of a deployment whose bot has no app id."""
    return a_command_line(tmp_path)


@pytest.fixture
def registered(unset: pytest.MonkeyPatch, countersign: CommandLine) -> CommandLine:
    """Gives the command line of a deployment whose bot is registered, for people of two Entra tenants."""
    unset.setenv("MicrosoftAppId", APP_ID)
    unset.setenv("MicrosoftAppPassword", "hush")
    unset.setenv("MicrosoftAppTenantId", HOME)
    unset.setenv("TEAMS_TENANTS", f"{HOME},{OTHER}")
    return countersign


def ties(countersign: CommandLine) -> list[tuple[str, str, str, str]]:
    """Gives what `people show` lists: surface, team, account and person."""
    found = countersign("people", "show", "--json").json["ties"]
    return [(one["surface"], one["team"], one["user"], one["person"]) for one in found]


def linked(countersign: CommandLine, email: str, user: str, team: str = "T1") -> str:
    """Ties a Slack account, and gives what was said."""
    answer = countersign("people", "link", email, "--slack", user, "--team", team)
    assert answer.code == 0, answer
    return answer.out


def kinds(countersign: CommandLine) -> list[object]:
    return [row["kind"] for row in countersign("audit", "export", "--format", "jsonl").lines]


def test_an_account_and_a_person_are_free_of_what_they_were_tied_to_before(countersign: CommandLine) -> None:
    linked(countersign, "alice@acme.test", "U1")
    linked(countersign, "bob@acme.test", "U2")
    said = linked(countersign, "alice@acme.test", "U2")
    assert said.splitlines() == [
        "The Slack account U2 of T1 is Alice’s now: alice@acme.test, u-alice.",
        "It was tied to u-bob before.",
        "The Slack account U1 of T1, which was theirs, is tied to nobody now.",
    ]
    assert ties(countersign) == [("slack", "T1", "U2", "u-alice")]
    assert kinds(countersign).count("person.linked") == 3


def test_an_account_is_untied_without_asking_whose_it_was(countersign: CommandLine) -> None:
    linked(countersign, "alice@acme.test", "U1")
    (countersign.data / "people.yaml").unlink()
    answer = countersign("people", "unlink", "--slack", "U1", "--team", "T1", "--json")
    assert answer.code == 0
    assert (answer.json["person"], answer.json["account"]["user"]) == ("u-alice", "U1")
    assert ties(countersign) == []
    again = countersign("people", "unlink", "--slack", "U1", "--team", "T1")
    assert again.code == 1
    assert "tied to nobody. “countersign people show”" in again.err
    assert kinds(countersign).count("person.unlinked") == 1


def test_tying_the_same_account_to_the_same_person_again_changes_nothing(countersign: CommandLine) -> None:
    first, second = (linked(countersign, "alice@acme.test", "U1") for _ in range(2))
    assert first == second == "The Slack account U1 of T1 is Alice’s now: alice@acme.test, u-alice.\n"
    [row] = countersign("people", "show", "--json").json["ties"]
    assert (row["user"], row["proof"], row["email"]) == ("U1", "operator", "alice@acme.test")
    audit = countersign("audit", "export", "--format", "jsonl").lines
    [entry] = [row for row in audit if row["kind"] == "person.linked"]
    assert (entry["actor"], entry["agent"]) == ("u-alice", "operator")
    assert entry["details"] == {"surface": "slack", "team": "T1", "user": "U1", "by": "operator"}


def test_a_person_has_an_account_in_each_workspace_in_teams_and_at_each_issuer(
    countersign: CommandLine,
) -> None:
    for team in ("T1", "T2"):
        linked(countersign, "alice@acme.test", "U1", team)
    assert countersign("people", "link", "u-alice", "--teams", ALEX).code == 0
    for issuer in (ISSUER, "accounts.other.test"):
        link = ("people", "link", "alice@acme.test", "--gateway", "auth0|Alice", "--issuer", issuer)
        assert countersign(*link).code == 0
    assert ties(countersign) == [
        ("gateway", "accounts.other.test", "auth0|Alice", "u-alice"),
        ("gateway", ISSUER, "auth0|Alice", "u-alice"),
        ("slack", "T1", "U1", "u-alice"),
        ("slack", "T2", "U1", "u-alice"),
        ("teams", "local", ALEX, "u-alice"),
    ]
    answer = countersign("people", "unlink", "--gateway", "auth0|Alice", "--issuer", ISSUER)
    assert (
        answer.out == f"The subject auth0|Alice of {ISSUER} is tied to nobody now; it was tied to u-alice.\n"
    )
    assert len(ties(countersign)) == 4


def test_a_teams_account_is_tied_within_its_entra_tenant(registered: CommandLine) -> None:
    for user, tenant in ((MEGAN.upper(), OTHER.upper()), (ALEX, HOME)):
        link = ("people", "link", "alice@acme.test", "--teams", user, "--team", tenant)
        assert registered(*link).code == 0
    assert ties(registered) == [("teams", OTHER, MEGAN, "u-alice"), ("teams", HOME, ALEX, "u-alice")]
    assert registered("people", "unlink", "--teams", MEGAN.upper(), "--team", OTHER).code == 0
    assert ties(registered) == [("teams", HOME, ALEX, "u-alice")]


def test_the_entra_tenant_has_to_be_named_only_where_there_are_several(
    registered: CommandLine, unset: pytest.MonkeyPatch
) -> None:
    answer = registered("people", "link", "alice@acme.test", "--teams", MEGAN)
    assert answer.code == 1
    assert f"--team which Entra tenant the account is in: {OTHER}, {HOME}" in answer.err
    unset.delenv("TEAMS_TENANTS")
    assert registered("people", "link", "alice@acme.test", "--teams", MEGAN).code == 0
    assert ties(registered) == [("teams", HOME, MEGAN, "u-alice")]


def test_an_account_in_an_entra_tenant_that_is_served_no_more_can_be_untied(
    registered: CommandLine, unset: pytest.MonkeyPatch
) -> None:
    account = ("--teams", MEGAN, "--team", OTHER)
    assert registered("people", "link", "alice@acme.test", *account).code == 0
    unset.delenv("TEAMS_TENANTS")
    assert "TEAMS_TENANTS" in registered("people", "link", "alice@acme.test", *account).err
    assert registered("people", "unlink", *account).code == 0
    assert ties(registered) == []


def test_a_further_tenant_has_the_entra_tenants_that_are_bound_to_it(registered: CommandLine) -> None:
    assert registered("tenant", "add", "beta").code == 0
    account = ("--teams", MEGAN, "--team", HOME, "--tenant", "beta")
    (registered.data / "tenants" / "beta").mkdir(parents=True)
    (registered.data / "people.yaml").rename(registered.data / "tenants" / "beta" / "people.yaml")
    assert "TEAMS_TENANTS" in registered("people", "link", "u-bob", *account).err
    bound = "7d7d7d7d-aaaa-bbbb-cccc-ddddeeeeffff"
    assert registered("tenant", "bind", bound, "--tenant", "beta").code == 0
    answer = registered("people", "link", "u-bob", "--teams", MEGAN, "--tenant", "beta")
    assert answer.code == 0, answer
    [tie] = registered("people", "show", "--json", "--tenant", "beta").json["ties"]
    assert (tie["team"], tie["name"]) == (bound, "Bob")
    assert ties(registered) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--slack MEMBER-ID"),
        (("--team", "T1"), "--slack MEMBER-ID"),
        (("--slack", "U1", "--teams", MEGAN), "Name one account"),
        (("--slack", "U1"), "--team which workspace the account is in: none is known yet"),
        (("--slack", "alice", "--team", "T1"), "Copy member ID"),
        (("--slack", "", "--team", "T1"), "Copy member ID"),
        (("--slack", "U1", "--team", "T1", "--issuer", ISSUER), "--issuer goes with --gateway"),
        (("--gateway", "alice", "--issuer", ISSUER, "--team", "T1"), "--team goes with --slack"),
        (("--gateway", "alice"), "--issuer who issues"),
        (("--gateway", "", "--issuer", ISSUER), "stands in no token"),
        (("--gateway", " alice", "--issuer", ISSUER), "stands in no token"),
        (("--gateway", "al\nice", "--issuer", ISSUER), "stands in no token"),
        (("--gateway", "a" * 256, "--issuer", ISSUER), "stands in no token"),
        (("--teams", "alice", "--team", HOME), "no object id"),
        (("--teams", MEGAN, "--team", APP_ID), "TEAMS_TENANTS"),
    ],
)
def test_an_account_that_cannot_be_meant_is_refused(
    registered: CommandLine, words: tuple[str, ...], told: str
) -> None:
    answer = registered("people", "link", "alice@acme.test", *words)
    assert answer.code == 1
    assert told in answer.err
    assert ties(registered) == []


@pytest.mark.parametrize("said", ["nobody@acme.test", "u-nobody", "Alice", ""])
def test_nobody_of_the_directory_is_told_to_be_nobody(countersign: CommandLine, said: str) -> None:
    for command in (("link", said, "--slack", "U1", "--team", "T1"), ("show", said)):
        answer = countersign("people", *command)
        assert answer.code == 1
        assert f"the address or the id “{said}”" in answer.err
    assert ties(countersign) == []


def test_an_id_that_is_anothers_address_means_neither(countersign: CommandLine) -> None:
    file = countersign.data / "people.yaml"
    file.write_text(file.read_text() + "  - {id: bob@acme.test, name: Mallory, email: mallory@acme.test}\n")
    answer = countersign("people", "link", "bob@acme.test", "--slack", "U1", "--team", "T1")
    assert answer.code == 1
    assert "“bob@acme.test” is Bob’s address and Mallory’s id" in answer.err
    assert ties(countersign) == []


@pytest.mark.parametrize("proof", Proof)
def test_a_tie_is_shown_with_its_proof_and_its_date(countersign: CommandLine, proof: Proof) -> None:
    account = ChatUser(surface="slack", team="T1", id="U7")

    async def prove(deployment: Deployment) -> None:
        async with deployment.store.unit(deployment.tenant) as unit:
            await unit.links.add(Link(user=account, person=PersonId("u-bob"), proof=proof, at=NOW))

    countersign.within(prove)
    by = {"email": "their address", "operator": "the operator", "sign_in": "their sign-in"}[proof]
    assert countersign("people", "show").out.splitlines() == [
        f"PERSON  ADDRESS        ON     TEAM  ACCOUNT  {'BY':{len(by)}}  SINCE",
        f"Bob     bob@acme.test  slack  T1    U7       {by}  {NOW:%Y-%m-%d}",
    ]
    assert countersign("people", "show", "BOB@acme.test").out.splitlines() == [
        "Bob",
        "  id        u-bob",
        "  address   bob@acme.test",
        "  account   enabled",
        "  manager   none in the directory",
        "  groups    it",
        "  roles     employee, technician",
        f"  accounts  slack  T1  U7  by {by}, {NOW:%Y-%m-%d}",
    ]


def test_a_person_is_shown_with_manager_and_a_way_to_tie_a_first_account(countersign: CommandLine) -> None:
    shown = countersign("people", "show", "u-eve")
    assert shown.code == 0
    assert "  manager   Grace, grace@acme.test, disabled" in shown.out
    assert "none yet; to tie one: countersign people link eve@acme.test --slack MEMBER-ID" in shown.out
    document = countersign("people", "show", "eve@acme.test", "--json").json
    assert document["manager"]["id"] == "u-grace"
    assert (document["accounts"], document["enabled"], document["groups"]) == ([], True, ["contractors"])


def test_a_disabled_person_may_be_tied_and_is_said_to_be_disabled(countersign: CommandLine) -> None:
    assert "disabled, so nothing can be asked" in linked(countersign, "grace@acme.test", "U1")
    assert "  account   disabled" in countersign("people", "show", "grace@acme.test").out


def test_while_the_directory_is_away_ties_are_shown_by_id(countersign: CommandLine) -> None:
    linked(countersign, "alice@acme.test", "U1")
    linked(countersign, "bob@acme.test", "U2")
    (countersign.data / "people.yaml").rename(countersign.data / "away.yaml")
    shown = countersign("people", "show")
    assert shown.code == 0
    assert "cannot be read" in shown.out
    assert "named by their id" in shown.out
    assert shown.out.splitlines()[-1].split()[:-1] == ["u-bob", "slack", "T1", "U2", "the", "operator"]
    one = countersign("people", "show", "u-bob")
    assert one.code == 1
    assert "U2" in one.out
    assert "U1" not in one.out
    by_address = countersign("people", "show", "bob@acme.test", "--json")
    assert by_address.code == 1
    assert [row["user"] for row in by_address.json["ties"]] == ["U1", "U2"]
    assert all(row["known"] is None and row["name"] is None for row in by_address.json["ties"])
    assert "cannot be read" in by_address.json["directory"]
    refused = countersign("people", "link", "u-bob", "--slack", "U3", "--team", "T1")
    assert refused.code == 1
    assert "cannot be read" in refused.err


def test_what_is_tied_to_somebody_who_left_is_shown_with_the_way_to_untie_it(
    countersign: CommandLine,
) -> None:
    subject = "it's|eve"
    link = ("people", "link", "u-eve", "--gateway", subject, "--issuer", ISSUER)
    assert countersign(*link).code == 0
    file = countersign.data / "people.yaml"
    file.write_text("\n".join(line for line in file.read_text().splitlines() if "u-eve" not in line))
    assert "u-eve   not in the directory" in countersign("people", "show").out
    [row] = countersign("people", "show", "--json").json["ties"]
    assert row["known"] is False
    left = countersign("people", "show", "u-eve")
    assert left.code == 1
    assert (
        left.out.splitlines()[-1]
        == f"""  countersign people unlink --gateway 'it'"'"'s|eve' --issuer {ISSUER}"""
    )
    assert countersign("people", "show", "eve@acme.test").code == 1
    assert countersign("people", "show", "u-eve", "--json").json["known"] is False


def test_what_names_and_ids_hold_breaks_no_line_of_the_terminal(countersign: CommandLine) -> None:
    file = countersign.data / "people.yaml"
    file.write_text(file.read_text().replace("name: Bob,", 'name: "Bob\\u202e",'))
    assert "\u202e" not in linked(countersign, "bob@acme.test", "U1")
    assert "\u202e" not in countersign("people", "show").out
    assert "\u202e" not in countersign("people", "show", "u-bob").out


def test_without_a_tie_the_list_says_so(countersign: CommandLine) -> None:
    assert countersign("people", "show").out == "No account is tied to anybody yet.\n"
    assert countersign("people", "show", "--json").json == {"ties": [], "directory": None}


@pytest.mark.parametrize("words", [("slack", "link"), ("slack", "links"), ("teams",)])
def test_the_commands_of_earlier_versions_are_gone(countersign: CommandLine, words: tuple[str, ...]) -> None:
    assert countersign(*words).code == 2
