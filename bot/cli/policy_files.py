"""The policy file on the command line: written, read, and described for editors."""

from collections.abc import Iterable
from typing import Annotated

import typer

from bot.app import Deployment
from bot.cli.applied import applied_document, applied_text
from bot.cli.frame import OPERATOR, Frame, frame, read_input, run, say, spelled
from bot.cli.operator import operator_seams
from bot.cli.options import DataOption, JsonOption
from bot.domain.errors import Refusal
from bot.domain.people import PersonId
from bot.domain.terminal import in_terminal
from bot.flow.apply import Apply
from bot.flow.commands.grant_words import named_in
from bot.flow.commands.policy_words import subjects_of
from bot.flow.drafts.file import Scope
from bot.flow.shown_people import shown_people
from bot.flow.wanted import standing
from bot.policyfile.read import read_wanted
from bot.policyfile.schema import schema_text
from bot.policyfile.write import document, write_text
from bot.ports.policy_files import Content, Emails


class NoSuchConnector(Refusal):
    """There is no connector “{name}”. “{command}” shows them."""

    kind = "missing"


def export(
    context: typer.Context,
    connector: Annotated[str, typer.Argument(metavar="[CONNECTOR]", help="Only what is of this one.")] = "",
    *,
    with_grants: Annotated[bool, typer.Option(help="Also the standing approvals.")] = True,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print everything, or what is of one connector, as a policy file."""
    run(_export(frame(context, data, as_json=as_json), connector, with_grants=with_grants))


async def _export(use: Frame, connector: str, *, with_grants: bool) -> bool:
    async with use.deployment() as deployment, deployment.store.view(deployment.tenant) as view:
        grants = standing(await view.grants.all(), deployment.clock.now()) if with_grants else []
        if connector and connector not in {one.name for one in await view.connections.all()}:
            raise NoSuchConnector(name=connector, command=in_terminal("connector list", use.tenant))
        said = Content(
            defaults=await view.policies.defaults(),
            policies=await view.policies.all(),
            grants=grants,
            connector=connector,
        )
        emails = await emails_of(deployment, subjects_of(said.policies) | named_in(said.grants))
        content = document(said, emails)
    say(spelled(content) if use.as_json else write_text(content).rstrip("\n"))
    return True


def apply(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A policy file, or - for standard input.")],
    *,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Only show what would change, and its effect on the last 30 days."),
    ] = False,
    reason: Annotated[str, typer.Option(help="Why, for the history and the audit log.")] = "",
    prune: Annotated[bool, typer.Option("--prune", help="Remove what the file does not name.")] = False,
    with_grants: Annotated[
        bool, typer.Option("--with-grants", help="Take its standing approvals too.")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the stored policies what a policy file says."""
    use = frame(context, data, as_json=as_json)
    run(_apply(use, file, reason=reason, dry_run=dry_run, prune=prune, with_grants=with_grants))


async def _apply(
    use: Frame, file: str, *, reason: str, dry_run: bool, prune: bool, with_grants: bool
) -> bool:
    text = read_input(file)
    async with use.deployment() as deployment:
        async with deployment.store.view(deployment.tenant) as view:
            catalog = await view.connections.catalog()
            connectors = [connector.name for connector in await view.connections.all()]
        wanted = await read_wanted(
            text,
            file="Standard input" if file == "-" else file,
            catalog=catalog,
            connectors=connectors,
            directory=deployment.directory,
            with_grants=with_grants,
        )
        bring = Apply(operator_seams(deployment), by=OPERATOR)
        scope = Scope(prune=prune, with_grants=with_grants)
        applied = await (bring.rehearsed(wanted, scope) if dry_run else bring(wanted, scope, reason=reason))
    use.answer(applied_document(applied, dry_run=dry_run), applied_text(applied, dry_run=dry_run))
    return True


def schema(context: typer.Context, *, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Print the JSON Schema of policy files, for editors and checks."""
    _ = frame(context, data, as_json=as_json)
    say(schema_text().rstrip("\n"))


async def emails_of(deployment: Deployment, wanted: Iterable[PersonId]) -> Emails:
    """Gives their addresses; nobody's when the directory does not answer, for reading goes on without."""
    people = (await shown_people(deployment.directory, wanted)).people
    return {person.id: person.email for person in people.values()}
