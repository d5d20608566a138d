"""`countersign slack`: further workspaces."""

from datetime import timedelta
from typing import Final

import typer

from bot.chat.slack.oauth import INSTALL, INSTALL_PATH
from bot.cli.frame import OPERATOR, Frame, frame, run
from bot.cli.options import DataOption, JsonOption, group
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.people import PersonId
from bot.settings import SlackSettings

GOOD_FOR: Final = timedelta(hours=1)

app = group("Further Slack workspaces.")


class NothingToInstall(Refusal):
    """Set SLACK_CLIENT_ID, SLACK_CLIENT_SECRET, SLACK_SIGNING_SECRET and COUNTERSIGN_PUBLIC_URL first."""


@app.callback()
def slack() -> None:
    """Further Slack workspaces."""


@app.command("install-link")
def install_link(context: typer.Context, *, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Print a link with which an admin of another workspace installs the app; good once, for an hour."""
    run(_install_link(frame(context, data, as_json=as_json)))


async def _install_link(use: Frame) -> bool:
    settings = SlackSettings.load()
    if settings is None or settings.client_id is None or settings.public_url is None:
        raise NothingToInstall
    async with use.deployment() as deployment:
        now = deployment.clock.now()
        code = await deployment.memory.codes.issue(deployment.tenant, INSTALL, now=now, until=now + GOOD_FOR)
        async with deployment.store.unit(deployment.tenant) as unit:
            await unit.audit.append(
                AuditEntry(
                    at=now, kind="workspace.invited", actor=PersonId(OPERATOR), details={"surface": "slack"}
                )
            )
    link = f"{settings.public_url}{INSTALL_PATH}?code={code}"
    use.answer({"link": link}, f"{link}\nIt is good once, for an hour, for a workspace of yours only.")
    return True
