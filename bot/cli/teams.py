"""`countersign teams`: whose accounts are whose."""

from typing import Annotated, Final

import typer

from bot.app import Deployment
from bot.chat.teams.access import LOCAL, Access
from bot.chat.teams.conversations import TEAMS
from bot.chat.teams.ids import is_object_id
from bot.cli.accounts import PlatformAccounts, Scope
from bot.cli.frame import Frame, frame, run
from bot.cli.options import DataOption, JsonOption, group
from bot.domain.errors import Refusal
from bot.domain.tools import shortened
from bot.settings import TeamsSettings

TEAMS_ACCOUNTS: Final = PlatformAccounts(TEAMS, "Teams")

TenantOption = Annotated[
    str, typer.Option("--tenant", metavar="ID", help="The Entra tenant, where there are several.")
]

app = group("Whose Teams accounts are whose.")


class NotAnObjectId(Refusal):
    """“{user}” is no object id. In the Entra admin center it is under Users → the person → Object ID."""


class WhichTenant(Refusal):
    """Say with --tenant which Entra tenant the account is in: {known}."""


class NotServed(Refusal):
    """People of the Entra tenant {tenant} may not use the bot. TEAMS_TENANTS lists whose people may."""


@app.callback()
def teams() -> None:
    """Whose Teams accounts are whose."""


@app.command()
def link(
    context: typer.Context,
    email: Annotated[str, typer.Argument(help="The person's address in the directory.")],
    object_id: Annotated[str, typer.Argument(help="The object ID of their account in Entra.")],
    *,
    tenant: TenantOption = "",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tie a Teams account to a person, where its sign-in name does not; what either was tied to is undone."""
    use = frame(context, data, as_json=as_json)
    run(_link(use, email, object_id, tenant))


async def _link(use: Frame, email: str, object_id: str, tenant: str) -> bool:
    user = object_id.strip().lower()
    if not is_object_id(user):
        raise NotAnObjectId(user=shortened(object_id))
    return await TEAMS_ACCOUNTS.tie(use, email, user, _scope_of(tenant))


@app.command()
def unlink(
    context: typer.Context,
    object_id: Annotated[str, typer.Argument(help="The object ID of the account in Entra.")],
    *,
    tenant: TenantOption = "",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Untie a Teams account; its sign-in name may tie it again when it is used."""
    user = object_id.strip().lower()
    run(TEAMS_ACCOUNTS.untie(frame(context, data, as_json=as_json), user, _named_or_only(tenant)))


@app.command()
def links(context: typer.Context, *, data: DataOption = None, as_json: JsonOption = False) -> None:
    """List which Teams account is whose."""
    run(TEAMS_ACCOUNTS.list_ties(frame(context, data, as_json=as_json)))


def _scope_of(tenant: str) -> Scope:
    """Gives the tenant that an account to tie is in.

    It raises `WhichTenant` where there are several, and `NotServed` where it is none of the bot's.
    """

    async def scope(_: Deployment) -> str:
        found = _access().scope(tenant or _only())
        if found is None:
            raise NotServed(tenant=shortened(tenant))
        return found

    return scope


def _named_or_only(tenant: str) -> Scope:
    """Gives the tenant that a tied account is in; one whose people may not use the bot any more, too."""

    async def scope(_: Deployment) -> str:
        return tenant.lower() or _only()

    return scope


def _only() -> str:
    """Gives the one tenant whose people may use the bot.

    Raises:
        WhichTenant: there are several.
    """
    access = _access()
    if access.is_open:
        return LOCAL
    if len(access.tenants) != 1:
        raise WhichTenant(known=", ".join(sorted(access.tenants)))
    return next(iter(access.tenants))


def _access() -> Access:
    settings = TeamsSettings.load()
    return Access() if settings is None else settings.access
