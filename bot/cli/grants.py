"""`countersign grants`: list, revoke and resume standing approvals."""

from datetime import datetime
from typing import Annotated

import typer

from bot.cli.chat_command import SameWords
from bot.cli.frame import OPERATOR, Frame, frame, run, table
from bot.cli.operator import operator_seams
from bot.cli.options import DataOption, JsonOption, group
from bot.cli.policy_files import emails_of
from bot.domain.canonical import JsonObject
from bot.domain.grants import Grant, HolderGroup, HolderPerson
from bot.domain.tools import shortened
from bot.flow.commands.grant_words import named_in
from bot.flow.resume import ResumeGrant
from bot.flow.revoke import RevokeGrant, UnknownGrant
from bot.flow.standing import grant_named, state_of
from bot.flow.wanted import grant_words, standing
from bot.ports.policy_files import Emails

app = group("See, give and revoke standing approvals.", name="grants", kind=SameWords)


@app.command("list")
def list_grants(
    context: typer.Context,
    *,
    holder: Annotated[
        str | None, typer.Option(metavar="WHO", help="Only those of this e-mail, group, or everyone.")
    ] = None,
    tool: Annotated[str | None, typer.Option(metavar="C:T", help="Only those for this tool.")] = None,
    unused: Annotated[bool, typer.Option("--unused", help="Only those that were never used.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Revoked and ended ones too.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the standing approvals."""
    use = frame(context, data, as_json=as_json)
    run(_list(use, holder, tool, unused=unused, everything=everything))


async def _list(use: Frame, holder: str | None, tool: str | None, *, unused: bool, everything: bool) -> bool:
    async with use.deployment() as deployment:
        now = deployment.clock.now()
        async with deployment.store.view(deployment.tenant) as view:
            grants = await view.grants.all()
        emails = await emails_of(deployment, named_in(grants))
    chosen = [
        grant
        for grant in (grants if everything else standing(grants, now))
        if tool in (None, str(grant.tool))
        and (holder is None or _held_by(grant, holder, emails))
        and not (unused and grant.uses)
    ]
    entries = [_entry(grant, emails, now) for grant in chosen]
    heads = ("ID", "TOOL", "HOLDER", "ARGUMENTS", "ENDS", "USES", "STATE")
    rows = [
        (
            entry["id"],
            entry["tool"],
            entry["holder"],
            shortened(str(entry["arguments"]), 60),
            entry["ends"],
            f"{grant.uses}" + (f" of {grant.uses_limit}" if grant.uses_limit is not None else ""),
            f"{entry['state']} ({grant.suspended_why})" if entry["why"] else entry["state"],
        )
        for grant, entry in zip(chosen, entries, strict=True)
    ]
    use.answer({"grants": entries}, table(heads, rows) if rows else "There are no such standing approvals.")
    return True


def _held_by(grant: Grant, who: str, emails: Emails) -> bool:
    match grant.holder:
        case HolderPerson(person=person):
            return who == person or who.casefold() == emails.get(person, "").casefold()
        case HolderGroup(group=group_name):
            return who == group_name
        case _:
            return who == "everyone"


def _entry(grant: Grant, emails: Emails, now: datetime) -> JsonObject:
    words = grant_words(grant, emails)
    return {
        "id": grant.id,
        "tool": str(grant.tool),
        "holder": words["holder"],
        "arguments": words["arguments"],
        "agent": grant.agent or "any",
        "seats": [
            *(["technician"] if grant.technician_groups else []),
            *(["manager"] if grant.manager else []),
        ],
        "giver": words["giver"],
        "reason": grant.reason,
        "created": grant.created.isoformat(),
        "ends": words["ends"],
        "uses": grant.uses,
        "uses_limit": grant.uses_limit,
        "uses_per_day": grant.daily_limit,
        "last_used": grant.last_used.isoformat() if grant.last_used else None,
        "state": state_of(grant, now),
        "why": grant.suspended_why if grant.suspended else "",
    }


@app.command()
def revoke(
    context: typer.Context,
    grant: Annotated[str, typer.Argument(metavar="ID", help="Its id, or the beginning of it.")],
    *,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Revoke a standing approval; it holds from the next decision on."""
    run(_revoke(frame(context, data, as_json=as_json), grant))


async def _revoke(use: Frame, start: str) -> bool:
    async with use.deployment() as deployment:
        async with deployment.store.view(deployment.tenant) as view:
            chosen = grant_named(await view.grants.all(), start)
        if chosen is None:
            raise UnknownGrant(grant=shortened(start))
        end = RevokeGrant(store=deployment.store, tenant=deployment.tenant, clock=deployment.clock)
        grant = await end(chosen.id, by=OPERATOR)
    sentence = f"The standing approval {grant.id} for {grant.tool} is revoked."
    use.answer({"id": grant.id, "revoked": True}, sentence)
    return True


@app.command()
def resume(
    context: typer.Context,
    grant: Annotated[str, typer.Argument(metavar="ID", help="Its id, or the beginning of it.")],
    *,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have a standing approval count again that was suspended because somebody left."""
    run(_resume(frame(context, data, as_json=as_json), grant))


async def _resume(use: Frame, start: str) -> bool:
    async with use.deployment() as deployment:
        async with deployment.store.view(deployment.tenant) as view:
            chosen = grant_named(await view.grants.all(), start)
        if chosen is None:
            raise UnknownGrant(grant=shortened(start))
        grant = await ResumeGrant(operator_seams(deployment))(chosen.id, by=OPERATOR)
    sentence = f"The standing approval {grant.id} for {grant.tool} counts again."
    use.answer({"id": grant.id, "resumed": True}, sentence)
    return True
