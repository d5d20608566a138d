"""The settings of Slack's surface, from the variables that every Slack app uses."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from pydantic import SecretStr

from bot.domain.errors import Refusal
from bot.outgoing.web_addresses import is_web_address

SLACK_API: Final = "https://slack.com/api/"
PUBLIC_URL: Final = "COUNTERSIGN_PUBLIC_URL"

BOT_TOKEN: Final = "SLACK_BOT_TOKEN"  # noqa: S105 - the variable's name
APP_TOKEN: Final = "SLACK_APP_TOKEN"  # noqa: S105 - the variable's name
SIGNING_SECRET: Final = "SLACK_SIGNING_SECRET"  # noqa: S105 - the variable's name
CLIENT_ID: Final = "SLACK_CLIENT_ID"
CLIENT_SECRET: Final = "SLACK_CLIENT_SECRET"  # noqa: S105 - the variable's name
API_URL: Final = "SLACK_API_URL"
TRIAGE_CHANNEL: Final = "SLACK_TRIAGE_CHANNEL"

VARIABLES: Final = (
    BOT_TOKEN, APP_TOKEN, SIGNING_SECRET, CLIENT_ID, CLIENT_SECRET, API_URL, TRIAGE_CHANNEL,
)  # fmt: skip
"""The variables that are Slack's alone."""

WHERE: Final = {
    BOT_TOKEN: "It is under OAuth & Permissions → Bot User OAuth Token, and begins with xoxb-.",
    APP_TOKEN: "It is under Basic Information → App-Level Tokens, and begins with xapp-. Make one with the "
    "scope connections:write.",
    SIGNING_SECRET: "It is under Basic Information → App Credentials → Signing Secret.",
    CLIENT_ID: "It is under Basic Information → App Credentials → Client ID.",
    CLIENT_SECRET: "It is under Basic Information → App Credentials → Client Secret.",
    API_URL: "Leave it out for Slack itself.",
    TRIAGE_CHANNEL: "Use the channel’s ID, like C0123456789; it stands below the channel’s details in Slack.",
    PUBLIC_URL: "Use the address under which Slack reaches this bot, like https://bot.example.com.",
}
"""Where in the app's pages at https://api.slack.com/apps each value is found."""

_BOT: Final = re.compile(r"xoxb-[!-~]+")
_APP: Final = re.compile(r"xapp-[!-~]+")
_SECRET: Final = re.compile(r"[!-~]+")
_CHANNEL: Final = re.compile(r"[CG][A-Z0-9]{2,30}")


class BadSlackSettings(Refusal):
    """The settings for Slack have a mistake, so nothing was started.{problems}."""

    def __init__(self, *, problems: tuple[str, ...]) -> None:
        """Takes a sentence for each mistake."""
        self.problems = problems
        super().__init__(problems="".join(f"\n  {problem}" for problem in problems).removesuffix("."))


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSettings:
    """What the environment says of Slack; all of it fits together."""

    bot_token: SecretStr | None = None
    app_token: SecretStr | None = None
    signing_secret: SecretStr | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    api_url: str = field(default=SLACK_API)
    """Ends with a slash."""
    triage_channel: str | None = None
    public_url: str | None = None
    """Ends without a slash."""

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Self | None:
        """Gives Slack's settings; None where nothing of Slack is in the environment.

        Args:
            environ: the variables; without it, this process's.

        Raises:
            BadSlackSettings: with a sentence for every mistake.
        """
        found = os.environ if environ is None else environ
        given = _given(found)
        if SIGNING_SECRET not in found and not any(name in given for name in VARIABLES):
            return None
        problems = tuple(_problems(found, given))
        if problems:
            raise BadSlackSettings(problems=problems)
        return cls(
            bot_token=_secret(given, BOT_TOKEN),
            app_token=_secret(given, APP_TOKEN),
            signing_secret=_secret(given, SIGNING_SECRET),
            client_id=given.get(CLIENT_ID),
            client_secret=_secret(given, CLIENT_SECRET),
            api_url=given.get(API_URL, SLACK_API).rstrip("/") + "/",
            triage_channel=given.get(TRIAGE_CHANNEL),
            public_url=given[PUBLIC_URL].rstrip("/") if PUBLIC_URL in given else None,
        )

    @property
    def is_on(self) -> bool:
        """Whether there is an app to be: its bot token, or what further workspaces install it with."""
        return self.bot_token is not None or self.client_id is not None

    @property
    def socket(self) -> bool:
        """Whether events come through a connection that the bot opens (Socket Mode)."""
        return self.app_token is not None

    @property
    def http(self) -> bool:
        """Whether Slack may send events to the bot, signed."""
        return self.signing_secret is not None


def _given(environ: Mapping[str, str]) -> dict[str, str]:
    """Gives the values that are not blank, without the blanks that pasting brings along."""
    found = {name: environ.get(name, "").strip() for name in (*VARIABLES, PUBLIC_URL)}
    return {name: value for name, value in found.items() if value}


def _secret(given: Mapping[str, str], name: str) -> SecretStr | None:
    return SecretStr(given[name]) if name in given else None


def _problems(environ: Mapping[str, str], given: Mapping[str, str]) -> Iterator[str]:
    yield from _misshapen(given)
    if SIGNING_SECRET in environ and SIGNING_SECRET not in given and APP_TOKEN not in given:
        yield (
            f"{SIGNING_SECRET} is empty, so nobody could tell Slack’s requests from forged ones. Give it, or "
            f"leave it out and give {APP_TOKEN}. {WHERE[SIGNING_SECRET]}"
        )
    elif BOT_TOKEN in given and CLIENT_ID not in given and not {APP_TOKEN, SIGNING_SECRET} & set(given):
        yield (
            f"{BOT_TOKEN} is given, but nothing to hear from Slack with. Give {APP_TOKEN} for Socket Mode. "
            f"{WHERE[APP_TOKEN]} Or give {SIGNING_SECRET} for signed requests. {WHERE[SIGNING_SECRET]}"
        )
    lonely = [name for name in (APP_TOKEN, SIGNING_SECRET) if name in given]
    if lonely and not {BOT_TOKEN, CLIENT_ID, CLIENT_SECRET} & set(given):
        yield f"{lonely[0]} is given, but {BOT_TOKEN} is not. {WHERE[BOT_TOKEN]}"
    if CLIENT_SECRET in given and CLIENT_ID not in given:
        yield f"{CLIENT_SECRET} is given, but {CLIENT_ID} is not. {WHERE[CLIENT_ID]}"
    if CLIENT_ID in given:
        for name, purpose in _INSTALLING.items():
            if name not in given:
                yield f"{CLIENT_ID} is given, but {name} is not: {purpose} {WHERE[name]}"


_INSTALLING: Final = {
    CLIENT_SECRET: "without it no workspace can install the app.",
    SIGNING_SECRET: "the app hears from further workspaces by signed requests.",
    PUBLIC_URL: "Slack sends people back to it when they install the app.",
}


def _misshapen(given: Mapping[str, str]) -> Iterator[str]:
    """What is not as Slack writes it; secrets are never shown."""
    for name, shape in ((BOT_TOKEN, _BOT), (APP_TOKEN, _APP)):
        if name in given and not shape.fullmatch(given[name]):
            yield f"{name} is not such a token. {WHERE[name]}"
    for name in (SIGNING_SECRET, CLIENT_ID, CLIENT_SECRET):
        if name in given and not _SECRET.fullmatch(given[name]):
            yield f"{name} has a blank or a strange sign in it. Copy it once more. {WHERE[name]}"
    if TRIAGE_CHANNEL in given and not _CHANNEL.fullmatch(given[TRIAGE_CHANNEL]):
        yield f"{TRIAGE_CHANNEL} is no channel’s ID. {WHERE[TRIAGE_CHANNEL]}"
    for name in (API_URL, PUBLIC_URL):
        if name in given and not is_web_address(given[name]):
            yield (
                f"{name} must be an https address; http will do on 127.0.0.1 or localhost only, because "
                f"secrets travel over it. {WHERE[name]}"
            )
