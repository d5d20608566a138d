"""`countersign policy`: list, set and test; the files, and the words of the chat."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Final

import typer

from bot.cli.chat_command import SameWords
from bot.cli.frame import OPERATOR, Frame, frame, read_input, run, say, spelled, table
from bot.cli.operator import operator_seams
from bot.cli.options import DataOption, JsonOption, group
from bot.cli.policy_files import apply, emails_of, export, schema
from bot.cli.question import Answers, Asked, read_arguments, read_question, told
from bot.domain.actions import Action
from bot.domain.canonical import JsonValue
from bot.domain.errors import Refusal
from bot.domain.policies import Policy, Standing
from bot.flow.change_rules import ChangeRules
from bot.flow.commands.policy_list import has_text
from bot.flow.commands.policy_words import subjects_of
from bot.flow.drafts.setting import Setting, Stamp, set_target
from bot.flow.edit_words import edit_sentence, persons_in
from bot.flow.seams import AGENT
from bot.flow.set_policy import set_sentence
from bot.flow.wanted import policy_words
from bot.flow.write_edits import Author, rulebook_of
from bot.policyfile.write import document
from bot.ports.policy_files import Content

_SORTINGS: Final[Mapping[str, Callable[[Policy], str | float]]] = {
    "name": lambda policy: policy.name,
    "action": lambda policy: -policy.action.rung,
    "changed": lambda policy: -policy.updated.timestamp(),
}

app = group("See, test and change what may run.", name="policy", kind=SameWords)
app.command()(export)
app.command()(apply)
app.command()(schema)


@app.command("list")
def list_policies(
    context: typer.Context,
    *,
    connector: Annotated[str | None, typer.Option(help="Only those of this connector.")] = None,
    action: Annotated[str | None, typer.Option(help="Only those with this action.")] = None,
    search: Annotated[
        str, typer.Option(metavar="TEXT", help="Only those whose name, description or tools hold the text.")
    ] = "",
    sort: Annotated[str, typer.Option(help="name, action (the strictest first) or changed.")] = "name",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the policies and the defaults."""
    if sort not in _SORTINGS:
        raise typer.BadParameter(f"Use one of: {', '.join(_SORTINGS)}.", param_hint="--sort")
    run(_list(frame(context, data, as_json=as_json), connector, action, search=search, sort=sort))


async def _list(use: Frame, connector: str | None, action: str | None, *, search: str, sort: str) -> bool:
    wanted_action = Action.parse(action) if action else None
    async with use.deployment() as deployment, deployment.store.view(deployment.tenant) as view:
        policies = [
            policy
            for policy in await view.policies.all()
            if connector in (None, policy.connector)
            and wanted_action in (None, policy.action)
            and has_text(policy, search)
        ]
        defaults = await view.policies.defaults()
        emails = await emails_of(deployment, subjects_of(policies))
    content = document(Content(defaults=defaults, policies=policies), emails)
    listed = content["policies"]
    written = {entry["name"]: entry for entry in listed} if isinstance(listed, list) else {}
    stored = sorted(sorted(policies, key=lambda policy: policy.name), key=_SORTINGS[sort])
    entries: list[JsonValue] = [
        {
            **written[policy.name],
            "id": policy.id,
            "version": policy.version,
            "source": policy.source.value,
            "enabled": policy.enabled,
        }
        for policy in stored
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
    word: Annotated[
        str,
        typer.Argument(
            metavar="ACTION", help="auto, step_up, approval_needed, disabled, or default to remove it"
        ),
    ],
    *,
    manager: Annotated[
        bool | None, typer.Option("--manager/--no-manager", help="Whether the manager is asked too.")
    ] = None,
    standing_approvals: Annotated[
        str | None, typer.Option("--standing", help="allowed or forbidden: standing approvals.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, for the policy and the audit log.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change, and what it would mean.")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set what a tool may do for everyone, or a default."""
    if standing_approvals not in (None, Standing.ALLOWED, Standing.FORBIDDEN):
        raise typer.BadParameter("Use allowed or forbidden.", param_hint="--standing")
    said = Standing(standing_approvals) if standing_approvals else None
    use = frame(context, data, as_json=as_json)
    setting = Setting(action=None, manager=manager, standing=said, reason=reason)
    run(_set(use, target, word, setting, dry_run=dry_run))


async def _set(use: Frame, target: str, word: str, setting: Setting, *, dry_run: bool) -> bool:
    action = None if word.strip().lower() == "default" else Action.parse(word)
    setting = replace(setting, action=action)
    answer: dict[str, JsonValue] = {
        "target": target,
        "action": action.value if action else None,
    }
    async with use.deployment() as deployment:
        stamp = Stamp(now=deployment.clock.now(), by=OPERATOR, ids=deployment.ids)
        draft = set_target(target, setting, stamp)
        rules = ChangeRules(operator_seams(deployment))
        if dry_run:
            forecast = await rules.preview(draft, Author(by=OPERATOR))
            emails = await emails_of(deployment, persons_in(forecast.edits))
            lines = [edit_sentence(edit, emails) for edit in forecast.edits] or ["Nothing would change."]
            effect = forecast.foreseen.sentence
            said = "\n".join([*lines, effect, "Nothing is saved."])
            use.answer({**answer, "saved": False, "changes": lines, "effect": effect}, said)
            return True
        saved = await rules.at_once(draft, Author(by=OPERATOR), reason=setting.reason)
        async with deployment.store.view(deployment.tenant) as view:
            sentence = set_sentence(target, await rulebook_of(view))
    foreseen = f"\n{saved.foreseen.sentence}" if saved.foreseen else ""
    use.answer({**answer, "sentence": sentence}, sentence + foreseen)
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
