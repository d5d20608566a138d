"""`countersign slack`: further workspaces, and whose accounts are whose."""

from datetime import datetime, timedelta
from typing import Annotated, Final

import typer

from bot.app import Deployment
from bot.chat.slack.api import new_session
from bot.chat.slack.oauth import INSTALL, INSTALL_PATH
from bot.chat.slack.workspaces import SLACK, Workspaces
from bot.cli.frame import OPERATOR, Frame, frame, run
from bot.cli.options import DataOption, JsonOption, group
from bot.domain.canonical import JsonValue
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.people import PersonId
from bot.domain.tools import shortened
from bot.flow.refusals import UnknownPerson
from bot.ports.chat import ChatUser, Link, Proof
from bot.settings import SlackSettings

GOOD_FOR: Final = timedelta(hours=1)

app = group("Further Slack workspaces, and whose accounts are whose.")


TeamOption = Annotated[
    str, typer.Option("--team", metavar="ID", help="The workspace, where there are several.")
]


class NotLinked(Refusal):
    """{user} is tied to nobody. “countersign slack links” shows who is."""

    kind = "missing"


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
    run(_link(frame(context, data, as_json=as_json), email, user, team))


async def _link(use: Frame, email: str, user: str, team: str) -> bool:
    async with use.deployment() as deployment:
        person = await deployment.directory.by_email(email)
        if person is None:
            raise UnknownPerson(email=shortened(email))
        now, scope = deployment.clock.now(), team or await _scope(deployment)
        account = ChatUser(surface=SLACK, team=scope, id=user)
        async with deployment.store.unit(deployment.tenant) as unit:
            for old in await unit.links.of_person(person.id, SLACK):
                if old.user.team == scope:
                    await unit.links.remove(old.user)
            await unit.links.remove(account)
            await unit.links.add(Link(user=account, person=person.id, proof=Proof.OPERATOR, at=now))
            await unit.audit.append(_entry("person.linked", person.id, account, now))
    use.answer({"person": person.email, "user": user, "team": scope}, f"{user} is {person.name} now.")
    return True


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
    run(_unlink(frame(context, data, as_json=as_json), user, team))


async def _unlink(use: Frame, user: str, team: str) -> bool:
    async with use.deployment() as deployment:
        account = ChatUser(surface=SLACK, team=team or await _scope(deployment), id=user)
        async with deployment.store.unit(deployment.tenant) as unit:
            link = await unit.links.of_user(account)
            if link is None:
                raise NotLinked(user=shortened(user))
            await unit.links.remove(account)
            await unit.audit.append(_entry("person.unlinked", link.person, account, deployment.clock.now()))
    use.answer({"user": user}, f"{user} is tied to nobody now.")
    return True


@app.command()
def links(context: typer.Context, *, data: DataOption = None, as_json: JsonOption = False) -> None:
    """List which Slack account is whose."""
    run(_links(frame(context, data, as_json=as_json)))


async def _links(use: Frame) -> bool:
    async with use.deployment() as deployment, deployment.store.view(deployment.tenant) as view:
        found = [link for link in await view.links.all() if link.user.surface == SLACK]
    rows: list[JsonValue] = [
        {"team": one.user.team, "user": one.user.id, "person": one.person, "by": one.proof.value}
        for one in found
    ]
    lines = [f"{one.user.team}  {one.user.id}  {one.person}  by {one.proof.value}" for one in found]
    use.answer({"links": rows}, "\n".join(lines) or "No Slack account is tied to anybody yet.")
    return True


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


def _entry(kind: str, person: PersonId, account: ChatUser, at: datetime) -> AuditEntry:
    details = {"surface": SLACK, "team": account.team, "user": account.id, "by": OPERATOR}
    return AuditEntry(at=at, kind=kind, actor=person, agent=OPERATOR, details=dict(details))


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
