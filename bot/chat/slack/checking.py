"""Looks whether Slack knows the app, and whether it was installed with all that the code needs."""

from dataclasses import dataclass

from aiohttp import ClientSession
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.chat.slack.access import Access
from bot.chat.slack.api import answer, web_client
from bot.chat.slack.manifest import SCOPES
from bot.documents.json_reading import text_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """The app as Slack knows it."""

    workspace: str
    bot: str
    missing: tuple[str, ...]
    """Permissions that the code needs and the installation does not give; empty where Slack does not say."""


async def installed(access: Access, session: ClientSession) -> Installed:
    """Gives what Slack says of the bot's token.

    Raises:
        BadToken: it does not know the token.
        Unreachable: it does not answer.
    """
    client = web_client(access.api_url, session, access.bot_token)
    granted: set[str] = set()

    async def asked() -> AsyncSlackResponse:
        response = await client.auth_test()
        names = {str(name).lower(): str(value) for name, value in dict(response.headers).items()}
        granted.update(one.strip() for one in names.get("x-oauth-scopes", "").split(",") if one.strip())
        return response

    told = await answer("auth.test", asked)
    return Installed(
        workspace=text_at(told, "team"),
        bot=text_at(told, "user"),
        missing=tuple(sorted(set(SCOPES) - granted)) if granted else (),
    )
