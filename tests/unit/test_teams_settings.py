import pytest

from bot.chat.teams.access import LOCAL, Access, AppType
from bot.settings import BadTeamsSettings, TeamsSettings, teams_misses
from bot.settings.teams import VARIABLES

APP = "1A2b3c4d-0000-1111-2222-333344445555"
HOME = "9f8e7d6c-AAAA-bbbb-cccc-ddddeeeeffff"
OTHER = "01234567-89ab-cdef-0123-456789abcdef"

ID = {"MicrosoftAppId": APP}
TENANT = {"MicrosoftAppTenantId": HOME}
PASSWORD = {"MicrosoftAppPassword": "hush8Q~hush"}
BOT = {**ID, **TENANT, **PASSWORD}
MANAGED = {**ID, **TENANT, "MicrosoftAppType": "UserAssignedMSI"}

CHANNEL = "19:a1B-_2@thread.tacv2"


def loaded(**environ: str) -> TeamsSettings:
    found = TeamsSettings.load(environ)
    assert found is not None
    return found


def problems(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(BadTeamsSettings) as caught:
        TeamsSettings.load(environ)
    return caught.value.problems


@pytest.mark.parametrize(
    "environ", [{}, {"PATH": "/bin"}, {"MicrosoftAppId": "", "MicrosoftAppPassword": "  "}]
)
def test_without_anything_of_teams_there_are_no_settings(environ: dict[str, str]) -> None:
    assert TeamsSettings.load(environ) is None


def test_an_id_a_secret_and_a_tenant_are_enough() -> None:
    settings = loaded(**BOT)
    assert settings.is_on
    assert settings.access == Access(
        app_id=APP.lower(),
        app_type=AppType.SINGLE_TENANT,
        secret="hush8Q~hush",  # noqa: S106 - made up
        tenant=HOME.lower(),
        tenants=frozenset({HOME.lower()}),
    )


def test_a_managed_identity_needs_no_secret() -> None:
    access = loaded(**MANAGED).access
    assert access.app_type is AppType.MANAGED_IDENTITY
    assert access.secret == ""


@pytest.mark.parametrize("said", ["SingleTenant", "singletenant", "SINGLETENANT"])
def test_the_bot_s_type_is_read_however_it_is_written(said: str) -> None:
    assert loaded(**BOT, MicrosoftAppType=said).app_type is AppType.SINGLE_TENANT


def test_the_names_in_capitals_are_the_same_and_may_stand_beside_equal_ones() -> None:
    capitals = {
        "MICROSOFT_APP_ID": APP,
        "MICROSOFT_APP_PASSWORD": PASSWORD["MicrosoftAppPassword"],
        "MICROSOFT_APP_TENANT_ID": HOME,
        "MICROSOFT_APP_TYPE": "SingleTenant",
    }
    assert loaded(**capitals) == loaded(**BOT) == loaded(**capitals, **BOT)


def test_a_name_that_is_given_twice_with_different_values_is_refused() -> None:
    (sentence,) = problems({**BOT, "MICROSOFT_APP_PASSWORD": "other-hush"})
    assert sentence.startswith("MicrosoftAppPassword and MICROSOFT_APP_PASSWORD are the same setting")
    assert "hush" not in sentence


def test_everything_else_is_read_too() -> None:
    settings = loaded(
        **BOT,
        TEAMS_TENANTS=f" {OTHER} , {HOME.upper()},",
        TEAMS_TRIAGE_CHANNEL=f"https://teams.microsoft.com/l/channel/{CHANNEL}/IT?groupId=1",
        TEAMS_APP_CATALOG_ID=OTHER.upper(),
        TEAMS_SERVICE_URL="https://stand-in.acme.test/teams",
        TEAMS_OPENID_URL="https://stand-in.acme.test/v1/.well-known/openidconfiguration",
        TEAMS_LOGIN_URL="https://login.acme.test",
        TEAMS_GRAPH_URL="http://127.0.0.1:3978",
    )
    assert settings.tenants == {OTHER, HOME.lower()}
    assert settings.triage_channel == CHANNEL
    assert settings.catalog_id == OTHER
    assert settings.service_url == "https://stand-in.acme.test/teams/"
    assert settings.openid_url.endswith("/openidconfiguration")
    assert settings.login_url == "https://login.acme.test/"
    assert settings.graph_url == "http://127.0.0.1:3978/"


def test_without_an_app_id_teams_is_off_but_its_addresses_are_known() -> None:
    settings = loaded(TEAMS_TRIAGE_CHANNEL=CHANNEL, TEAMS_GRAPH_URL="http://localhost:1/")
    assert not settings.is_on
    assert settings.access.is_open
    assert settings.access.graph_url == "http://localhost:1/"


def test_the_environment_of_the_process_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert TeamsSettings.load() is None
    for name, value in BOT.items():
        monkeypatch.setenv(name, value)
    assert TeamsSettings.load() == loaded(**BOT)


def test_no_secret_is_shown() -> None:
    settings = loaded(**BOT)
    assert "hush" not in repr(settings)
    assert "hush" not in repr(settings.access)
    assert "hush" not in " ".join(problems({**BOT, "MicrosoftAppPassword": "hush hush"}))
    assert "hush" not in " ".join(problems({**BOT, "MicrosoftAppId": "hush"}))


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        (PASSWORD, ("MicrosoftAppPassword is given, but MicrosoftAppId is not", "Microsoft App ID")),
        (TENANT, ("MicrosoftAppTenantId is given, but MicrosoftAppId is not",)),
        ({"MicrosoftAppType": "SingleTenant"}, ("MicrosoftAppType is given, but MicrosoftAppId is not",)),
        ({**ID, **TENANT}, ("MicrosoftAppPassword is not", "New client secret")),
        ({**ID, **PASSWORD}, ("MicrosoftAppTenantId is not", "App Tenant ID")),
        ({**MANAGED, **PASSWORD}, ("A managed identity has no secret",)),
        ({**BOT, "MicrosoftAppType": "MultiTenant"}, ("MultiTenant", "SingleTenant", "managed identity")),
        ({**BOT, "MicrosoftAppType": "Bot"}, ("SingleTenant or UserAssignedMSI", "Bot Type")),
        ({**BOT, "MicrosoftAppId": "countersign"}, ("MicrosoftAppId is no such id", OTHER)),
        ({**BOT, "MicrosoftAppTenantId": "acme.onmicrosoft.com"}, ("MicrosoftAppTenantId is no such id",)),
        ({**BOT, "MicrosoftAppPassword": OTHER}, ("the secret’s ID, not its Value",)),
        ({**BOT, "MicrosoftAppPassword": "two words"}, ("MicrosoftAppPassword has a blank",)),
        ({**BOT, "TEAMS_TENANTS": "acme.onmicrosoft.com"}, ("TEAMS_TENANTS", "commas")),
        ({**BOT, "TEAMS_TENANTS": f"{HOME} {OTHER}"}, ("TEAMS_TENANTS", "commas")),
        ({**BOT, "TEAMS_TENANTS": ","}, ("TEAMS_TENANTS",)),
        ({**BOT, "TEAMS_TRIAGE_CHANNEL": "it-triage"}, ("TEAMS_TRIAGE_CHANNEL", "Get link to channel")),
        ({**BOT, "TEAMS_APP_CATALOG_ID": "countersign"}, ("TEAMS_APP_CATALOG_ID", "Manage apps")),
        ({**BOT, "TEAMS_LOGIN_URL": "http://login.example.com"}, ("TEAMS_LOGIN_URL must be an https",)),
        (
            {**BOT, "TEAMS_OPENID_URL": "login.example.com"},
            ("TEAMS_OPENID_URL must be an https", "Other clouds"),
        ),
        ({**BOT, "TEAMS_GRAPH_URL": "http://10.0.0.1/"}, ("TEAMS_GRAPH_URL must be an https",)),
        ({**BOT, "TEAMS_SERVICE_URL": "https://u:p@smba.example.com"}, ("TEAMS_SERVICE_URL must be",)),
    ],
)
def test_what_does_not_fit_together_is_refused_with_where_to_get_it(
    environ: dict[str, str], named: tuple[str, ...]
) -> None:
    (sentence,) = problems(environ)
    for words in named:
        assert words in sentence


def test_every_mistake_is_told_at_once() -> None:
    environ = {
        "MicrosoftAppId": "x",
        "MicrosoftAppPassword": "a b",
        "TEAMS_TENANTS": "x",
        "TEAMS_GRAPH_URL": "x",
    }
    with pytest.raises(BadTeamsSettings) as caught:
        TeamsSettings.load(environ)
    assert len(caught.value.problems) == 5
    for problem in caught.value.problems:
        assert problem.removesuffix(".") in caught.value.sentence


def test_names_that_other_programs_use_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MicrosoftAppID", "hush")
    monkeypatch.setenv("MICROSOFTAPPTENANTID", "hush")
    monkeypatch.setenv("TEAMS_APP_PASSWORD", "hush")
    monkeypatch.setenv("TEAMS_TENNANTS", "hush")
    monkeypatch.setenv("TEAMS_WEBHOOK_URL", "https://hooks.example.com/")
    told = teams_misses()
    assert "hush" not in " ".join(told)
    assert {one.partition(" ")[0]: one.rpartition(" ")[2] for one in told} == {
        "MICROSOFTAPPTENANTID": "MicrosoftAppTenantId?",
        "MicrosoftAppID": "MicrosoftAppId?",
        "TEAMS_APP_PASSWORD": "MicrosoftAppPassword?",
        "TEAMS_TENNANTS": "TEAMS_TENANTS?",
    }
    monkeypatch.setenv("MICROSOFT_APP_ID", APP)
    assert not [one for one in teams_misses() if one.startswith("MicrosoftAppID")]


def test_people_of_other_tenants_have_no_scope() -> None:
    access = loaded(**BOT, TEAMS_TENANTS=OTHER).access
    assert access.scope(OTHER.upper()) == OTHER
    assert access.scope(HOME) is None
    assert access.scope("") is None


def test_without_an_app_id_everybody_is_of_one_organisation() -> None:
    access = Access()
    assert access.scope("") == access.scope(OTHER) == LOCAL
