"""`countersign check directory`: what the directory says, of roles or of one person, and what is missing."""

from pathlib import Path
from typing import Any

import pytest

from tests.command_line import CommandLine, a_command_line, said

ENTRA = """\
version: 1
provider: entra
entra:
  tenant: acme.test
  client: 01234567-89ab-cdef-0123-456789abcdef
  secret: {env: NO_SUCH_VARIABLE}
"""


@pytest.fixture
def countersign(tmp_path: Path) -> CommandLine:
    return a_command_line(tmp_path)


def findings(answer: Any) -> list[tuple[str, str]]:
    """Gives what was found: its level, and its sentence with what it is about."""
    return [(one["level"], f"{one['about']}: {one['sentence']}") for one in answer["findings"]]


def rewritten(countersign: CommandLine, *changes: tuple[str, str]) -> None:
    """Has the people file say something else."""
    file = countersign.data / "people.yaml"
    text = file.read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    file.write_text(text)


def test_the_roles_and_the_fallback_group_are_told_with_who_is_in_them(countersign: CommandLine) -> None:
    answer = countersign("check", "directory")
    assert answer.code == 0
    assert answer.out.splitlines() == [
        f"ok    directory: The people file {countersign.data}/people.yaml answers.",
        "ok    role technician: 1 person has it: Bob.",
        "ok    role technician: The group “it” gives it; 1 person is in it.",
        "ok    role admin: 1 person has it: Ada.",
        "ok    role admin: The group “it-admins” gives it; 1 person is in it.",
        "ok    fallback group: it-admins stands in for missing managers: Ada.",
        "Everything that is needed is there.",
    ]


def test_a_group_that_gives_a_role_to_nobody_is_noted(countersign: CommandLine) -> None:
    rewritten(countersign, ("technician: [it]", "technician: [it, it-night]"))
    answer = countersign("check", "directory", "--json")
    assert answer.code == 0
    sentence = "role technician: Nobody enabled is in the group “it-night”, which gives it."
    assert ("note", sentence) in findings(answer.json)


def test_groups_that_always_give_a_role_are_told_only_where_somebody_is_in_them(
    countersign: CommandLine,
) -> None:
    assert "msp_" not in countersign("check", "directory").out
    rewritten(countersign, ("groups: [contractors]", "groups: [msp_admin]"))
    assert "role admin: The group “msp_admin” gives it; 1 person is in it." in (
        countersign("check", "directory").out
    )


def test_nobody_who_can_approve_and_nobody_who_stands_in_is_wrong(countersign: CommandLine) -> None:
    rewritten(countersign, ("groups: [it]", "groups: []"), ("groups: [it-admins]", "groups: []"))
    answer = countersign("check", "directory", "--json")
    assert answer.code == 1
    wrong = [sentence for level, sentence in findings(answer.json) if level == "wrong"]
    assert len(wrong) == 2
    assert "Nobody has the role technician or admin" in wrong[0]
    assert "Nobody enabled is in the fallback group it-admins" in wrong[1]


def test_a_missing_people_file_is_told_with_how_one_looks(countersign: CommandLine) -> None:
    (countersign.data / "people.yaml").unlink()
    for command in (("check", "directory"), ("check", "directory", "--as", "alice@acme.test"), ("check",)):
        answer = countersign(*command)
        assert answer.code == 1
        assert "Write one there" in answer.out
        assert "fallback_group: it-admins" in answer.out


def test_a_broken_people_file_is_told_with_the_line(countersign: CommandLine) -> None:
    rewritten(countersign, ("manager: u-megan", "manager: u-nobody"))
    for command in (("check", "directory"), ("check", "directory", "--as", "alice@acme.test"), ("check",)):
        answer = countersign(*command)
        assert answer.code == 1
        assert "line 5: Nobody here has the id “u-nobody”" in answer.out
        assert answer.out.count("u-nobody") == 1


def test_mistakes_of_a_directory_file_are_findings_with_their_lines(
    countersign: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = countersign.data / "provider.yaml"
    file.write_text(ENTRA)
    monkeypatch.setenv("COUNTERSIGN_DIRECTORY_FILE", str(file))
    for command in (("check", "directory"), ("check", "directory", "--as", "alice@acme.test"), ("check",)):
        answer = countersign(*command, "--json")
        assert answer.code == 1
        wrong = [sentence for level, sentence in findings(answer.json) if level == "wrong"]
        assert [sentence.partition(":")[0] for sentence in wrong] == [f"{file} line {n}" for n in (4, 6)]
        assert "NO_SUCH_VARIABLE" in wrong[1]


def test_a_provider_elsewhere_is_not_asked_unless_somebody_says_so(
    countersign: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = countersign.data / "provider.yaml"
    file.write_text(ENTRA.replace("acme.test", "01234567-89ab-cdef-0123-456789abcdef"))
    monkeypatch.setenv("COUNTERSIGN_DIRECTORY_FILE", str(file))
    monkeypatch.setenv("NO_SUCH_VARIABLE", "hush")
    (countersign.data / "countersign.db").unlink()
    answer = countersign("check", "--json")
    assert answer.code == 0
    told = f"people: {file} names Microsoft Entra ID. To ask it: countersign check directory"
    assert ("ok", told) in findings(answer.json)


def test_a_person_is_shown_as_the_bot_sees_them(countersign: CommandLine) -> None:
    assert countersign("people", "link", "u-alice", "--slack", "U1", "--team", "T1").code == 0
    answer = countersign("check", "directory", "--as", "Alice@acme.test")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[:11] == [
        "Alice",
        "  id        u-alice",
        "  address   alice@acme.test",
        "  account   enabled",
        "  managers  1.  Megan  megan@acme.test",
        "            2.  Grace  grace@acme.test  disabled, so passed over",
        "            Grace has no manager in the directory.",
        "  asked     Megan, their manager.",
        "  fallback  it-admins: Ada",
        "  groups    sales",
        "  roles     employee only",
    ]
    assert lines[11].startswith("  accounts  slack  T1  U1  by the operator, ")
    assert lines[12:] == [
        "  works     the directory does not say when",
        "",
        "Everything that is needed is there.",
    ]


def test_a_role_is_told_with_the_group_that_gives_it(countersign: CommandLine) -> None:
    answer = countersign("check", "directory", "--as", "u-bob", "--json").json
    assert answer["role_groups"] == {"technician": ["it"], "admin": []}
    assert "  roles     technician, by it" in countersign("check", "directory", "--as", "u-bob").out


ABOVE_MEGAN = "manager: u-grace, groups: [sales]"


@pytest.mark.parametrize(
    ("who", "changed", "managers", "end"),
    [
        ("eve", None, ["Grace"], "Grace has no manager in the directory"),
        ("bob", None, [], "Bob has no manager in the directory"),
        ("alice", ("manager: u-megan", "manager: u-alice"), [], "the managers above Alice form a circle"),
        (
            "megan",
            ("Grace, email: grace@acme.test, ", "Grace, email: grace@acme.test, manager: u-megan, "),
            ["Grace"],
            "the managers above Grace form a circle",
        ),
    ],
    ids=["disabled", "none", "oneself", "circle"],
)
def test_where_the_chain_of_managers_ends_is_told_in_the_words_of_the_card(
    countersign: CommandLine, who: str, changed: tuple[str, str] | None, managers: list[str], end: str
) -> None:
    rewritten(countersign, *([changed] if changed else []))
    setting = ("policy", "set", "acme-it:reset_password", "approval_needed", "--manager", "Because.")
    assert countersign(*setting).code == 0
    asked = ("--as", f"{who}@acme.test")
    seen = countersign("check", "directory", *asked, "--json").json
    call = ("--tool", "acme-it:reset_password", "--args", "{}")
    [seat] = [
        one
        for one in countersign("policy", "test", *asked, *call, "--json").json["seats"]
        if one["seat"] == "manager"
    ]
    assert [one["name"] for one in seen["managers"]] == managers
    assert seen["managers_end"] == end
    assert end in seen["asked"]["explanation"].replace("The ", "the ", 1)
    assert seen["asked"]["explanation"] == seat["explanation"]
    assert seen["asked"]["group"] == seat["group"] == "it-admins"


def test_a_circle_above_somebody_who_can_be_asked_is_told(countersign: CommandLine) -> None:
    rewritten(countersign, (ABOVE_MEGAN, "manager: u-alice, groups: [sales]"))
    answer = countersign("check", "directory", "--as", "u-alice")
    assert answer.code == 0
    assert (
        "            The managers above Megan form a circle.\n  asked     Megan, their manager." in answer.out
    )


def test_whoever_stands_in_alone_for_their_own_manager_is_told_to_name_others(
    countersign: CommandLine,
) -> None:
    answer = countersign("check", "directory", "--as", "u-ada")
    assert answer.code == 1
    assert "  fallback  it-admins: nobody else" in answer.out
    assert "so nobody can approve as their manager. Put others into it, or name a manager." in answer.out
    rewritten(countersign, ("email: ada@acme.test,", "email: ada@acme.test, manager: u-bob,"))
    answer = countersign("check", "directory", "--as", "u-ada")
    assert answer.code == 0
    assert "note  manager: Besides Ada, nobody enabled is in the fallback group it-admins" in answer.out


def test_a_disabled_account_is_wrong_and_nobody_is_a_refusal(countersign: CommandLine) -> None:
    answer = countersign("check", "directory", "--as", "grace@acme.test")
    assert answer.code == 1
    assert "wrong account: Grace’s account is disabled" in answer.out
    answer = countersign("check", "directory", "--as", "grace")
    assert (answer.code, answer.out) == (1, "")
    assert "the address or the id “grace”" in answer.err


def test_options_stand_before_the_word_directory_or_after_it(countersign: CommandLine) -> None:
    data = str(countersign.data)
    for words in (
        ("check", "directory", "--json", "--data", data),
        ("check", "--json", "--data", data, "directory"),
        ("--json", "--data", data, "check", "directory"),
    ):
        assert said(*words).json["ok"]
    assert said("check", "--connect", "--data", data).out.startswith("ok    secret key: ")


def test_a_further_tenant_has_a_directory_of_its_own(countersign: CommandLine) -> None:
    made = countersign("tenant", "add", "beta")
    assert made.code == 0, made
    folder = countersign.data / "tenants" / "beta"
    folder.mkdir(parents=True, exist_ok=True)
    beta = (countersign.data / "people.yaml").read_text().replace("Ada", "Beate").replace("ada@", "beate@")
    (folder / "people.yaml").write_text(beta)
    assert (
        "There are others, too: beta. To look at one: countersign --tenant beta check"
        in countersign("check").out
    )
    for command in (("check", "directory"), ("check", "directory", "--as", "u-ada")):
        assert "Beate" in countersign(*command, "--tenant", "beta").out
        assert "Beate" not in countersign(*command).out
    assert "tenants/beta/people.yaml has 6 people" in countersign("check", "--tenant", "beta").out


SIGN_IN = """\
version: 1
provider: file
file: {people: people.yaml}
sign_in: {issuer: 'https://login.acme.test', client: us, secret: {env: SIGN_IN_SECRET}}
"""


@pytest.mark.parametrize(
    ("url", "level", "part"),
    [
        ("https://bot.acme.test/", "ok", "send them back to https://bot.acme.test/signin/callback."),
        ("", "wrong", "Set COUNTERSIGN_PUBLIC_URL"),
        ("http://bot.acme.test", "wrong", "has to be an https address"),
    ],
)
def test_a_sign_in_link_needs_an_address_that_browsers_reach(
    countersign: CommandLine, monkeypatch: pytest.MonkeyPatch, url: str, level: str, part: str
) -> None:
    (countersign.data / "directory.yaml").write_text(SIGN_IN, encoding="utf-8")
    monkeypatch.setenv("SIGN_IN_SECRET", "s3cret")
    monkeypatch.setenv("COUNTERSIGN_PUBLIC_URL", url)
    for words in (("check",), ("check", "directory")):
        (found,) = [one for one in findings(countersign(*words, "--json").json) if "sign-in:" in one[1]]
        assert found[0] == level
        assert part in found[1]
