"""`countersign people`: who people are for the directory, and which accounts are theirs."""

from dataclasses import replace
from typing import Annotated

import typer

from bot.app import Deployment
from bot.chat.accounts import entry_of, tie
from bot.cli.accounts import GATEWAY, KINDS, NamedAccount, person_named
from bot.cli.frame import OPERATOR, Frame, frame, run
from bot.cli.options import DataOption, JsonOption, group
from bot.cli.people_shown import show_person, show_ties
from bot.cli.people_views import account_document, person_document, plain
from bot.domain.canonical import JsonValue
from bot.domain.errors import Refusal
from bot.domain.people import Person
from bot.domain.terminal import in_terminal
from bot.domain.tools import shortened
from bot.ports.chat import ChatUser, Link, Proof

app = group("See who people are, and tie their accounts to them.")

PersonArgument = Annotated[
    str, typer.Argument(metavar="EMAIL", help="Their address, or the directory’s own id of them.")
]
SlackOption = Annotated[
    str | None, typer.Option("--slack", metavar="ID", help="A Slack account, by its member ID.")
]
TeamsOption = Annotated[
    str | None, typer.Option("--teams", metavar="ID", help="A Teams account, by its object ID in Entra.")
]
GatewayOption = Annotated[
    str | None, typer.Option("--gateway", metavar="SUBJECT", help="Whom tokens of other agents name (sub).")
]
IssuerOption = Annotated[
    str, typer.Option("--issuer", metavar="ISSUER", help="Who issues these tokens (iss).", show_default=False)
]
TeamOption = Annotated[
    str,
    typer.Option(
        "--team",
        metavar="ID",
        help="The Slack workspace or the Entra tenant, where there are several.",
        show_default=False,
    ),
]


class NotLinked(Refusal):
    """{account} is tied to nobody. “{command}” lists which accounts are tied to whom."""

    kind = "missing"


@app.command()
def link(
    context: typer.Context,
    person: PersonArgument,
    *,
    slack: SlackOption = None,
    teams: TeamsOption = None,
    gateway: GatewayOption = None,
    issuer: IssuerOption = "",
    team: TeamOption = "",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tie an account to a person, where its address does not; what either was tied to is undone."""
    account = NamedAccount(slack=slack, teams=teams, gateway=gateway, issuer=issuer, team=team)
    run(_link(frame(context, data, as_json=as_json), person, account))


async def _link(use: Frame, said: str, named: NamedAccount) -> bool:
    async with use.deployment() as deployment:
        account = await named.to_tie(deployment)
        person = await person_named(deployment.directory, said)
        undone = await _undone_by(deployment, account, person)
        now = deployment.clock.now()
        await tie(deployment.store, deployment.tenant, account, person, now=now)
    made = Link(user=account, person=person.id, proof=Proof.OPERATOR, at=now)
    lines = [f"{_called(account)} is {plain(person.name)}’s now: {plain(person.email)}, {person.id}."]
    for old in undone:
        if old.user == account:
            lines.append(f"It was tied to {old.person} before.")
        else:
            lines.append(f"{_called(old.user)}, which was theirs, is tied to nobody now.")
    if not person.enabled:
        lines.append(
            "Their account in the directory is disabled, so nothing can be asked or decided with it."
        )
    document: dict[str, JsonValue] = {
        "person": person_document(person),
        "account": account_document(made),
        "undone": [{"person": old.person, **account_document(old)} for old in undone],
    }
    use.answer(document, "\n".join(lines))
    return True


async def _undone_by(deployment: Deployment, account: ChatUser, person: Person) -> list[Link]:
    """Gives the ties that tying both undoes."""
    async with deployment.store.view(deployment.tenant) as view:
        of_account = await view.links.of_user(account)
        of_person = await view.links.of_person(person.id, account.surface)
    found = [one for one in of_person if one.user.team == account.team and one.user != account]
    return found if of_account is None or of_account.person == person.id else [of_account, *found]


@app.command()
def unlink(
    context: typer.Context,
    *,
    slack: SlackOption = None,
    teams: TeamsOption = None,
    gateway: GatewayOption = None,
    issuer: IssuerOption = "",
    team: TeamOption = "",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Untie an account; in chat its address may tie it again when it is used."""
    account = NamedAccount(slack=slack, teams=teams, gateway=gateway, issuer=issuer, team=team)
    run(_unlink(frame(context, data, as_json=as_json), account))


async def _unlink(use: Frame, named: NamedAccount) -> bool:
    async with use.deployment() as deployment:
        account = await named.tied(deployment)
        async with deployment.store.unit(deployment.tenant) as unit:
            found = await unit.links.of_user(account)
            if found is None:
                raise NotLinked(account=_called(account), command=in_terminal("people show", use.tenant))
            await unit.links.remove(account)
            gone = replace(found, at=deployment.clock.now())
            await unit.audit.append(entry_of("person.unlinked", gone, agent=OPERATOR))
    text = f"{_called(account)} is tied to nobody now; it was tied to {found.person}."
    if account.surface != GATEWAY:
        text += "\nIts address may tie it again when it is used."
    use.answer({"person": found.person, "account": account_document(found)}, text)
    return True


def _called(account: ChatUser) -> str:
    kind = KINDS.get(account.surface, account.surface)
    return plain(f"The {kind} {shortened(account.id)} of {shortened(account.team)}")


@app.command()
def show(
    context: typer.Context,
    person: Annotated[
        str | None,
        typer.Argument(metavar="[EMAIL]", help="Their address, or the directory’s own id of them."),
    ] = None,
    *,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who a person is for the directory, and their accounts; without a person, every tied account."""
    use = frame(context, data, as_json=as_json)
    run(show_ties(use) if person is None else show_person(use, person))
