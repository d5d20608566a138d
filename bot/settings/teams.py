"""The settings of the Teams surface, from the variables that every bot of the Bot Framework uses."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Self

from pydantic import SecretStr

from bot.chat.teams.access import GRAPH_URL, LOGIN_URL, OPENID_URL, SERVICE_URL, Access, AppType
from bot.chat.teams.ids import channel_of, is_guid
from bot.domain.errors import Refusal
from bot.outgoing.web_addresses import is_web_address

APP_ID: Final = "MicrosoftAppId"
APP_PASSWORD: Final = "MicrosoftAppPassword"  # noqa: S105 - the variable's name
APP_TYPE: Final = "MicrosoftAppType"
APP_TENANT: Final = "MicrosoftAppTenantId"
TENANTS: Final = "TEAMS_TENANTS"
TRIAGE: Final = "TEAMS_TRIAGE_CHANNEL"
CATALOG_ID: Final = "TEAMS_APP_CATALOG_ID"
SERVICE: Final = "TEAMS_SERVICE_URL"
OPENID: Final = "TEAMS_OPENID_URL"
LOGIN: Final = "TEAMS_LOGIN_URL"
GRAPH: Final = "TEAMS_GRAPH_URL"

SPELLINGS: Final = {
    APP_ID: "MICROSOFT_APP_ID",
    APP_PASSWORD: "MICROSOFT_APP_PASSWORD",
    APP_TYPE: "MICROSOFT_APP_TYPE",
    APP_TENANT: "MICROSOFT_APP_TENANT_ID",
}
"""The other spelling of a variable, for hosts that know capitals only."""

OWN: Final = (*SPELLINGS, TENANTS, TRIAGE, CATALOG_ID, SERVICE, OPENID, LOGIN, GRAPH)
VARIABLES: Final = (*OWN, *SPELLINGS.values())
"""Every name that is read."""

_STAND_IN: Final = (
    "It is for tests, with a stand-in for Microsoft’s servers; leave it out otherwise. Other clouds than the "
    "public one are not supported."
)

WHERE: Final = {
    APP_ID: "It is in the Azure portal, in your Azure Bot under Configuration → Microsoft App ID.",
    APP_PASSWORD: "Make one in the Azure portal, in your Azure Bot under Configuration → Manage Password → "
    "New client secret; then copy its Value.",
    APP_TYPE: "It is in the Azure portal, in your Azure Bot under Configuration → Bot Type.",
    APP_TENANT: "It is in the Azure portal, in your Azure Bot under Configuration → App Tenant ID.",
    TENANTS: "Use tenant ids with commas between them; Microsoft Entra ID → Overview in the Azure portal has "
    "yours. Without it, your bot’s own tenant counts alone.",
    TRIAGE: "Use the link that “Get link to channel” gives in Teams, or 19:…@thread.tacv2 from it.",
    CATALOG_ID: "It is in the Teams admin center under Manage apps, as the app’s App ID.",
    SERVICE: _STAND_IN,
    OPENID: _STAND_IN,
    LOGIN: _STAND_IN,
    GRAPH: _STAND_IN,
}
"""Where each value is found."""

_SECRET: Final = re.compile(r"[!-~]+")


class BadTeamsSettings(Refusal):
    """The settings for Teams have a mistake, so nothing was started.{problems}."""

    def __init__(self, *, problems: tuple[str, ...]) -> None:
        """Takes a sentence for each mistake."""
        self.problems = problems
        super().__init__(problems="".join(f"\n  {problem}" for problem in problems).removesuffix("."))


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamsSettings:
    """What the environment says of Teams; all of it fits together."""

    app_id: str = ""
    app_password: SecretStr | None = None
    app_type: AppType = AppType.SINGLE_TENANT
    app_tenant: str = ""
    tenants: frozenset[str] = frozenset()
    triage_channel: str = ""
    catalog_id: str = ""
    service_url: str = SERVICE_URL
    openid_url: str = OPENID_URL
    login_url: str = LOGIN_URL
    graph_url: str = GRAPH_URL

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Self | None:
        """Gives the settings for Teams; None where nothing of Teams is in the environment.

        Args:
            environ: the variables; without it, this process's.

        Raises:
            BadTeamsSettings: with a sentence for every mistake.
        """
        found = os.environ if environ is None else environ
        spelled_twice = tuple(_spelled_twice(found))
        given = _given(found)
        if not given:
            return None
        problems = (*spelled_twice, *_misshapen(given), *_mistyped(given), *_missing(given))
        if problems:
            raise BadTeamsSettings(problems=problems)
        tenant = given.get(APP_TENANT, "").lower()
        return cls(
            app_id=given.get(APP_ID, "").lower(),
            app_password=SecretStr(given[APP_PASSWORD]) if APP_PASSWORD in given else None,
            app_type=_app_type(given) or AppType.SINGLE_TENANT,
            app_tenant=tenant,
            tenants=frozenset(_tenants(given)) or frozenset({tenant} - {""}),
            triage_channel=channel_of(given.get(TRIAGE, "")),
            catalog_id=given.get(CATALOG_ID, "").lower(),
            service_url=_folder(given.get(SERVICE, SERVICE_URL)),
            openid_url=given.get(OPENID, OPENID_URL),
            login_url=_folder(given.get(LOGIN, LOGIN_URL)),
            graph_url=_folder(given.get(GRAPH, GRAPH_URL)),
        )

    @property
    def is_on(self) -> bool:
        """Whether there is a bot to be."""
        return bool(self.app_id)

    @property
    def access(self) -> Access:
        """The same, as the surface takes it."""
        return Access(
            app_id=self.app_id,
            app_type=self.app_type,
            secret=self.app_password.get_secret_value() if self.app_password else "",
            tenant=self.app_tenant,
            tenants=self.tenants,
            openid_url=self.openid_url,
            login_url=self.login_url,
            graph_url=self.graph_url,
            service_url=self.service_url,
            triage=self.triage_channel,
            catalog_id=self.catalog_id,
        )


def _given(environ: Mapping[str, str]) -> dict[str, str]:
    """Gives the values that are not blank, under the names of the Bot Framework."""
    found = {}
    for name in OWN:
        value = environ.get(name, "").strip() or environ.get(SPELLINGS.get(name, ""), "").strip()
        if value:
            found[name] = value
    return found


def _spelled_twice(environ: Mapping[str, str]) -> Iterator[str]:
    for name, other in SPELLINGS.items():
        values = {environ.get(one, "").strip() for one in (name, other)} - {""}
        if len(values) > 1:
            yield f"{name} and {other} are the same setting, with different values. Leave one of them out."


def _folder(address: str) -> str:
    return address.rstrip("/") + "/"


def _tenants(given: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(one.strip().lower() for one in given.get(TENANTS, "").split(",") if one.strip())


def _app_type(given: Mapping[str, str]) -> AppType | None:
    """Gives the bot's type; None for one that is none of ours. Without one it is the usual one."""
    said = given.get(APP_TYPE, AppType.SINGLE_TENANT).casefold()
    return next((one for one in AppType if one.casefold() == said), None)


def _misshapen(given: Mapping[str, str]) -> Iterator[str]:
    """What is not as Microsoft writes it; secrets are never shown."""
    for name in (APP_ID, APP_TENANT, CATALOG_ID):
        if name in given and not is_guid(given[name]):
            yield f"{name} is no such id; one looks like 01234567-89ab-cdef-0123-456789abcdef. {WHERE[name]}"
    if TENANTS in given and not (_tenants(given) and all(map(is_guid, _tenants(given)))):
        yield f"{TENANTS} holds something that is no tenant id. {WHERE[TENANTS]}"
    if is_guid(given.get(APP_PASSWORD, "")):
        yield f"{APP_PASSWORD} is the secret’s ID, not its Value. {WHERE[APP_PASSWORD]}"
    elif APP_PASSWORD in given and not _SECRET.fullmatch(given[APP_PASSWORD]):
        yield f"{APP_PASSWORD} has a blank or a strange sign in it. Copy it once more. {WHERE[APP_PASSWORD]}"
    if TRIAGE in given and not channel_of(given[TRIAGE]):
        yield f"{TRIAGE} is no channel of Teams. {WHERE[TRIAGE]}"
    for name in (SERVICE, OPENID, LOGIN, GRAPH):
        if name in given and not is_web_address(given[name]):
            yield (
                f"{name} must be an https address; http will do on 127.0.0.1 or localhost only, because "
                f"secrets travel over it. {WHERE[name]}"
            )


def _mistyped(given: Mapping[str, str]) -> Iterator[str]:
    if given.get(APP_TYPE, "").casefold() == "multitenant":
        yield (
            f"{APP_TYPE} is MultiTenant, which Microsoft registers no more. Register the bot anew as "
            "SingleTenant, or with a user-assigned managed identity."
        )
    elif _app_type(given) is None:
        yield f"{APP_TYPE} has to be SingleTenant or UserAssignedMSI. {WHERE[APP_TYPE]}"


def _missing(given: Mapping[str, str]) -> Iterator[str]:
    lonely = [name for name in (APP_PASSWORD, APP_TENANT, APP_TYPE) if name in given]
    if APP_ID not in given:
        if lonely:
            yield f"{lonely[0]} is given, but {APP_ID} is not. {WHERE[APP_ID]}"
        return
    app_type = _app_type(given)
    if app_type is None:
        return
    if APP_TENANT not in given:
        yield f"{APP_ID} is given, but {APP_TENANT} is not. {WHERE[APP_TENANT]}"
    if app_type is AppType.MANAGED_IDENTITY:
        if APP_PASSWORD in given:
            yield f"A managed identity has no secret. Leave {APP_PASSWORD} out, or use another {APP_TYPE}."
    elif APP_PASSWORD not in given:
        yield f"{APP_ID} is given, but {APP_PASSWORD} is not. {WHERE[APP_PASSWORD]}"
