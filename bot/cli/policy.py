"""`countersign policy`: list, set, export, apply and test."""

from typing import Annotated

import typer

from bot.app import Deployment
from bot.cli.applied import applied_document, applied_text
from bot.cli.frame import OPERATOR, Frame, frame, read_input, run, say, spelled, table
from bot.cli.options import DataOption, JsonOption, group
from bot.cli.question import Answers, Asked, read_arguments, read_question, told
from bot.domain.actions import Action
from bot.domain.canonical import JsonValue
from bot.domain.errors import Refusal
from bot.domain.policies import Standing
from bot.flow.apply import Apply
from bot.flow.seams import AGENT
from bot.flow.set_policy import SetPolicy, Setting
from bot.flow.wanted import Emails, policy_words, standing
from bot.policyfile.read import read_wanted
from bot.policyfile.write import document, write_text
from bot.ports.outside import DirectoryUnreachable

app = group("See, test and change what may run.")


@app.command("list")
def list_policies(
    context: typer.Context,
    *,
    connector: Annotated[str | None, typer.Option(help="Only those of this connector.")] = None,
    action: Annotated[str | None, typer.Option(help="Only those with this action.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the policies and the defaults."""
    run(_list(frame(context, data, as_json=as_json), connector, action))


async def _list(use: Frame, connector: str | None, action: str | None) -> bool:
    wanted_action = Action.parse(action) if action else None
    async with use.deployment() as deployment, deployment.store.view(deployment.tenant) as view:
        policies = [
            policy
            for policy in await view.policies.all()
            if connector in (None, policy.connector) and wanted_action in (None, policy.action)
        ]
        defaults = await view.policies.defaults()
        emails = await _emails(deployment)
    content = document(defaults=defaults, policies=policies, grants=(), emails=emails)
    listed = content["policies"]
    stored = sorted(policies, key=lambda policy: policy.name)
    entries: list[JsonValue] = [
        {
            **(entry if isinstance(entry, dict) else {}),
            "id": policy.id,
            "version": policy.version,
            "source": policy.source.value,
            "enabled": policy.enabled,
        }
        for entry, policy in zip(listed if isinstance(listed, list) else [], stored, strict=True)
    ]
    rows = []
    for policy in stored:
        words = policy_words(policy, emails)
        extras = [f"{key}: {words[key]}" for key in ("when", "ends", "standing") if key in words]
        off = [] if policy.enabled else ["off"]
        manager = ["manager too"] if policy.requirement.manager else []
        rows.append(
            (
                policy.name,
                policy.action.value,
                policy.connector,
                words["tools"],
                words["subjects"],
                policy.source.value,
                policy.version,
                "; ".join([*off, *manager, *extras]),
            )
        )
    heads = ("NAME", "ACTION", "CONNECTOR", "TOOLS", "SUBJECTS", "SOURCE", "VERSION", "MORE")
    text = table(heads, rows) if rows else "There are no such policies."
    ends = "".join(f"\n{name}:* is {chosen}" for name, chosen in sorted(defaults.connectors.items()))
    use.answer(
        {"defaults": content["defaults"], "policies": entries},
        f"{text}\n\nWhere no policy speaks: * is {defaults.tenant}{ends}",
    )
    return True


@app.command("set")
def set_policy(
    context: typer.Context,
    target: Annotated[str, typer.Argument(metavar="TARGET", help="connector:tool, connector:* or *")],
    action: Annotated[
        str, typer.Argument(help="auto, step_up, approval_needed, disabled, or default to remove it")
    ],
    *,
    manager: Annotated[
        bool | None, typer.Option("--manager/--no-manager", help="Whether the manager is asked too.")
    ] = None,
    standing_approvals: Annotated[
        str | None, typer.Option("--standing", help="allowed or forbidden: standing approvals.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, for the policy and the audit log.")] = "",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set what a tool may do for everyone, or a default."""
    if standing_approvals not in (None, Standing.ALLOWED, Standing.FORBIDDEN):
        raise typer.BadParameter("Use allowed or forbidden.", param_hint="--standing")
    said = Standing(standing_approvals) if standing_approvals else None
    use = frame(context, data, as_json=as_json)
    run(_set(use, target, action, manager=manager, said=said, reason=reason))


async def _set(
    use: Frame,
    target: str,
    word: str,
    *,
    manager: bool | None,
    said: Standing | None,
    reason: str,
) -> bool:
    action = None if word.strip().lower() == "default" else Action.parse(word)
    setting = Setting(action=action, manager=manager, standing=said, reason=reason)
    async with use.deployment() as deployment:
        set_it = SetPolicy(
            store=deployment.store, tenant=deployment.tenant, clock=deployment.clock, ids=deployment.ids
        )
        sentence = await set_it(target, setting, by=OPERATOR)
    use.answer({"target": target, "action": action.value if action else None, "sentence": sentence}, sentence)
    return True


@app.command()
def export(
    context: typer.Context,
    *,
    with_grants: Annotated[bool, typer.Option(help="Also the standing approvals.")] = True,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print everything as a policy file."""
    run(_export(frame(context, data, as_json=as_json), with_grants=with_grants))


async def _export(use: Frame, *, with_grants: bool) -> bool:
    async with use.deployment() as deployment, deployment.store.view(deployment.tenant) as view:
        grants = standing(await view.grants.all(), deployment.clock.now()) if with_grants else []
        content = document(
            defaults=await view.policies.defaults(),
            policies=await view.policies.all(),
            grants=grants,
            emails={person.id: person.email for person in await deployment.directory.everyone()},
        )
    say(spelled(content) if use.as_json else write_text(content).rstrip("\n"))
    return True


@app.command()
def apply(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A policy file, or - for standard input.")],
    *,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Only show what would change, and its effect on the last 30 days."),
    ] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Remove what the file does not name.")] = False,
    with_grants: Annotated[
        bool, typer.Option("--with-grants", help="Take its standing approvals too.")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the stored policies what a policy file says."""
    use = frame(context, data, as_json=as_json)
    run(_apply(use, file, dry_run=dry_run, prune=prune, with_grants=with_grants))


async def _apply(use: Frame, file: str, *, dry_run: bool, prune: bool, with_grants: bool) -> bool:
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
        bring = Apply(
            store=deployment.store,
            tenant=deployment.tenant,
            clock=deployment.clock,
            ids=deployment.ids,
            emails=await _emails(deployment),
        )
        if dry_run:
            applied = await bring.rehearsed(wanted, prune=prune, with_grants=with_grants)
        else:
            applied = await bring(wanted, prune=prune, with_grants=with_grants, by=OPERATOR)
    use.answer(applied_document(applied, dry_run=dry_run), applied_text(applied, dry_run=dry_run))
    return True


@app.command("test")
def explain(
    context: typer.Context,
    *,
    email: Annotated[str | None, typer.Option("--as", metavar="EMAIL", help="Who asks.")] = None,
    tool: Annotated[str | None, typer.Option(metavar="C:T", help="The tool, as connector:tool.")] = None,
    arguments: Annotated[str, typer.Option("--args", metavar="JSON", help="The call's arguments.")] = "{}",
    agent: Annotated[str, typer.Option(help="The agent that calls.")] = AGENT,
    surface: Annotated[str, typer.Option(help="The surface that is asked on.")] = "web",
    at: Annotated[str | None, typer.Option(metavar="TIME", help="The moment; now if left out.")] = None,
    batch: Annotated[
        str | None, typer.Option(metavar="FILE", help="Questions as JSON lines, or - for standard input.")
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain the decision on a call; nothing is called."""
    use = frame(context, data, as_json=as_json)
    if batch is not None:
        run(_batch(use, batch))
        return
    if email is None or tool is None:
        raise typer.BadParameter("Give --as and --tool, or --batch.", param_hint="policy test")
    run(_test(use, email, tool, arguments, agent=agent, surface=surface, at=at))


async def _test(
    use: Frame, email: str, tool: str, arguments: str, *, agent: str, surface: str, at: str | None
) -> bool:
    question = Asked(
        email=email, tool=tool, arguments=read_arguments(arguments), agent=agent, surface=surface, at=at
    )
    async with use.deployment() as deployment:
        answer = await (await Answers.of(deployment))(question)
    use.answer(answer, told(answer))
    return True


async def _batch(use: Frame, source: str) -> bool:
    lines = [line for line in read_input(source).splitlines() if line.strip()]
    well = True
    async with use.deployment() as deployment:
        answers = await Answers.of(deployment)
        for line in lines:
            try:
                say(spelled(await answers(read_question(line))))
            except Refusal as refusal:
                well = False
                say(spelled({"error": refusal.sentence}))
    return well


async def _emails(deployment: Deployment) -> Emails:
    """Gives everybody's address; nobody's when the directory does not answer, for reading goes on without."""
    try:
        return {person.id: person.email for person in await deployment.directory.everyone()}
    except DirectoryUnreachable:
        return {}
