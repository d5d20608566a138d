"""`countersign slack`: further workspaces, and whose accounts are whose."""

from datetime import timedelta
from typing import Annotated, Final

import typer

from bot.app import Deployment
from bot.chat.slack.api import new_session
from bot.chat.slack.oauth import INSTALL, INSTALL_PATH
from bot.chat.slack.workspaces import SLACK, Workspaces
from bot.cli.accounts import PlatformAccounts, Scope
from bot.cli.frame import OPERATOR, Frame, frame, run
from bot.cli.options import DataOption, JsonOption, group
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.people import PersonId
from bot.settings import SlackSettings

GOOD_FOR: Final = timedelta(hours=1)
SLACK_ACCOUNTS: Final = PlatformAccounts(SLACK, "Slack")

app = group("Further Slack workspaces, and whose accounts are whose.")


TeamOption = Annotated[
    str, typer.Option("--team", metavar="ID", help="The workspace, where there are several.")
]


class WhichWorkspace(Refusal):
    """Say with --team which workspace the account is in: {known}."""


class NothingToInstall(Refusal):
    """Set SLACK_CLIENT_ID, SLACK_CLIENT_SECRET, SLACK_SIGNING_SECRET and COUNTERSIGN_PUBLIC_URL first."""


@app.callback()
def slack() -> None:
    """Further Slack workspaces, and whose accounts are whose."""


@app.command("install-link")
def install_link(context: typer.Context, *, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Print a link with which an admin of another workspace installs the app; good once, for an hour."""
    run(_install_link(frame(context, data, as_json=as_json)))


@app.command()
def link(
    context: typer.Context,
    email: Annotated[str, typer.Argument(help="The person's address in the directory.")],
    user: Annotated[str, typer.Argument(help="The member ID of their Slack account, like U0123456789.")],
    *,
    team: TeamOption = "",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tie a Slack account to a person, where their address does not; what either was tied to is undone."""
    run(SLACK_ACCOUNTS.tie(frame(context, data, as_json=as_json), email, user, _scope_of(team)))


@app.command()
def unlink(
    context: typer.Context,
    user: Annotated[str, typer.Argument(help="The member ID of the Slack account.")],
    *,
    team: TeamOption = "",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Untie a Slack account; its address may tie it again when it is used."""
    run(SLACK_ACCOUNTS.untie(frame(context, data, as_json=as_json), user, _scope_of(team)))


@app.command()
def links(context: typer.Context, *, data: DataOption = None, as_json: JsonOption = False) -> None:
    """List which Slack account is whose."""
    run(SLACK_ACCOUNTS.list_ties(frame(context, data, as_json=as_json)))


def _scope_of(team: str) -> Scope:
    async def scope(deployment: Deployment) -> str:
        return team or await _scope(deployment)

    return scope


async def _scope(deployment: Deployment) -> str:
    """Gives the organisation or workspace that the accounts belong to, where there is only one.

    Raises:
        WhichWorkspace: there are several, or none is known yet.
    """
    settings = SlackSettings.load()
    scopes = {
        one.enterprise or one.team
        for one in await deployment.memory.installations.all(deployment.tenant, SLACK)
    }
    if settings is not None and settings.bot_token is not None:
        session = new_session()
        try:
            workspace = await Workspaces(
                tenant=deployment.tenant,
                installations=deployment.memory.installations,
                clock=deployment.clock,
                session=session,
                api_url=settings.api_url,
                token=settings.bot_token.get_secret_value(),
            ).own()
        finally:
            await session.close()
        if workspace is not None:
            scopes.add(workspace.scope)
    if len(scopes) != 1:
        raise WhichWorkspace(known=", ".join(sorted(scopes)) or "none is known yet")
    return scopes.pop()


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
