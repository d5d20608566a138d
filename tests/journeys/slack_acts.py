"""What people do in Slack's journeys: fill forms, command, press; and what the bot gave Slack for it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.chat.slack.modals.dialog import block_id
from bot.chat.slack.modals.inputs import VALUE
from bot.chat.texts import name_words
from bot.demo.company import CONNECTOR
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.requests import Approval, ApprovalId
from bot.domain.tools import CatalogTool
from tests.journeys.arranging import change_tool
from tests.journeys.slack_stage import SlackStage, has_button, title
from tests.journeys.stage import TENANT, Stage
from tests.servers.slack_clicks import Values
from tests.servers.slack_delivery import Delivery
from tests.servers.slack_elements import actionable
from tests.servers.slack_shapes import is_list, is_object
from tests.servers.slack_sight import words
from tests.servers.slack_views import View
from tests.servers.slack_world import Message

TECHNICIANS = ("bob", "carol", "dan", "ada", "ahmed")
"""Who is asked for a technician: three of them, and the admins."""


async def commands(stage: SlackStage, who: str, name: str, text: str = "") -> None:
    """Has a person type a slash command in their direct message."""
    await stage.acme.commands(stage.user(who), stage.acme.dm(stage.user(who)), name, text)


async def replied(stage: SlackStage, who: str, line: str, part: str) -> Message:
    """Has a person type a slash command; gives the answer that only they see, once it says this."""
    before = len(stage.acme.ephemerals(stage.user(who)))
    name, _, text = line.partition(" ")
    await commands(stage, who, name, text)
    return await ephemeral(stage, who, part, since=before)


async def ephemeral(stage: SlackStage, who: str, part: str, *, since: int = 0) -> Message:
    """Waits for a message that only this person sees, and that says this."""

    def look() -> Message | None:
        found = stage.acme.ephemerals(stage.user(who))[since:]
        return next((one for one in reversed(found) if part in words(one)), None)

    return await stage.acme.eventually(look, f"only {who} to be told “{part}”")


async def told_for(stage: SlackStage, who: str, seen: Message | View, action: str, part: str) -> Message:
    """Has a person press a button of a card; gives what only they are told for it, once it says this."""
    before = len(stage.acme.ephemerals(stage.user(who)))
    await stage.presses(who, seen, action)
    return await ephemeral(stage, who, part, since=before)


async def forges(
    stage: SlackStage, who: str, seen: Message | View, action_id: str, value: str, part: str
) -> None:
    """Sends a click that no client would, in a person's name; waits until they are told this for it."""
    known = {one.ts for one in told_alone(stage, who)}
    await stage.acme.presses(stage.user(who), seen, action_id, value, forged=True)

    def look() -> bool | None:
        return any(part in words(one) for one in told_alone(stage, who) if one.ts not in known) or None

    await stage.acme.eventually(look, f"{who} to be told “{part}”")


def told_alone(stage: SlackStage, who: str) -> list[Message]:
    """Gives what the bot wrote that only this person can read."""
    return [*stage.acme.answers(stage.user(who)), *stage.acme.ephemerals(stage.user(who))]


async def opens(stage: SlackStage, who: str, seen: Message | View, action: str, *, showing: str) -> View:
    """Has a person press a button that opens a modal; gives the new modal once it shows these words."""
    before = stage.acme.modal(stage.user(who))
    await stage.presses(who, seen, action)
    await stage.acme.eventually(lambda: stage.acme.modal(stage.user(who)) is not before or None, "a modal")
    return await stage.modal(who, showing=showing)


async def fills(stage: SlackStage, who: str, tool: str, note: str = "", **arguments: str) -> None:
    """Has a person fill the request form for a tool of the demo's connector, and send it."""
    await commands(stage, who, "/request")
    form = await stage.modal(who, showing="Or say it in your own words")
    await stage.acme.chooses(stage.user(who), form, "tool", f"{CONNECTOR}:{tool}")
    await stage.modal(who, showing="Note for the approver")
    inputs = {label_of(block): block for block in form.blocks if block["type"] == "input"}
    filled: dict[str, dict[str, JsonValue]] = {"note": {VALUE: note or None}}
    for name, value in arguments.items():
        block = inputs[name_words(name)]
        element = block["element"]
        assert is_object(element)
        filled[str(block["block_id"])] = {str(element["action_id"]): value}
    answer = await stage.acme.submits(stage.user(who), form, filled)
    assert answer == {"response_action": "clear"}, answer


async def asks_password(stage: SlackStage, who: str = "alice", user: str = "alice") -> Message:
    """Has a person ask for a new password by form; gives the card that Bob gets for it."""
    known = {one.ts for one in stage.acme.answers(stage.user("bob"))}
    await fills(stage, who, "reset_password", user=f"{user}@acme.test")

    def look() -> Message | None:
        return next((one for one in cards_of(stage, "bob") if one.ts not in known), None)

    return await stage.acme.eventually(look, "a new card for bob")


def cards_of(stage: SlackStage, who: str) -> list[Message]:
    """Gives the messages in a person's direct message where Approve can be pressed."""
    return [one for one in stage.acme.answers(stage.user(who)) if has_button(one, "approve")]


def label_of(block: JsonObject) -> str:
    """Gives what stands above an input, or on a button."""
    found = block.get("label") or block.get("text")
    return str(found["text"]) if is_object(found) else ""


def buttons(seen: Message | View) -> list[JsonObject]:
    """Gives the buttons, in their order."""
    return [one for _, one in actionable(seen.blocks) if one["type"] == "button"]


def labels(seen: Message | View) -> list[str]:
    """Gives what the buttons say, in their order."""
    return [label_of(one) for one in buttons(seen)]


async def presses_label(stage: SlackStage, who: str, seen: Message | View, label: str) -> None:
    """Has a person press the first button that says this."""
    button = next(one for one in buttons(seen) if label_of(one) == label)
    await stage.acme.presses(stage.user(who), seen, str(button["action_id"]), str(button["value"]))


async def card_id(stage: SlackStage, seen: Message) -> str:
    """Gives the card whose copy a message is, once that is stored."""
    place = f"{stage.acme.team_id}/{seen.channel}"

    async def look() -> JsonObject | None:
        async with stage.stage.store.view(TENANT) as view:
            copy = await view.outbox.copy_at("slack", place, seen.ts)
        return None if copy is None else {"card": copy.card}

    return str((await stage.stage.eventually(look, "the copy of a card to be known"))["card"])


async def approval_of(stage: SlackStage, seen: Message) -> Approval:
    """Gives the approval of a card as it is stored."""
    found_id = ApprovalId(await card_id(stage, seen))
    async with stage.stage.store.view(TENANT) as view:
        found = await view.approvals.get(found_id)
    assert found is not None
    return found


async def request_of(stage: SlackStage, seen: Message) -> str:
    """Gives the request that an approver's card is about."""
    return (await approval_of(stage, seen)).request


async def asked(stage: SlackStage, who: str, ts: str) -> str:
    """Gives the request that a person's message opened, once their card is in its thread."""
    return (await card_id(stage, await stage.status_card(who, ts))).removeprefix("status-")


async def comes_to(stage: SlackStage, seen: Message, status: str) -> None:
    """Waits until the request that a card is about has this status."""
    await stage.stage.comes_to(await request_of(stage, seen), status)


async def still_waits(stage: SlackStage, seen: Message) -> bool:
    """Whether the request that a card is about waits for approval, and nothing was done for anybody."""
    found = await stage.stage.request(await request_of(stage, seen))
    return found["status"] == "waiting" and stage.stage.changes() == []


def values(**fields: JsonValue) -> Values:
    """Gives what is put into a dialog, by the names of its fields."""
    return {block_id(name): {VALUE: value} for name, value in fields.items()}


async def changes_terms(stage: SlackStage, who: str, form: View, **fields: JsonValue) -> None:
    """Has a person change fields of Always allow, and wait for each that the rule is worked out anew."""
    for name, value in fields.items():
        before = form.hash
        await stage.acme.chooses(stage.user(who), form, VALUE, value, block_id(name))
        await is_redrawn(stage, form, before)


async def is_redrawn(stage: SlackStage, form: View, before: str) -> None:
    """Waits until a modal shows something else than with this hash."""
    await stage.acme.eventually(lambda: form.hash != before or None, "the modal to be drawn anew")


async def allows(
    stage: SlackStage, who: str, seen: Message | View, *, reason: str | None = None, **fields: JsonValue
) -> str:
    """Has a person open Always allow, change its fields one by one, and save; gives what they are told."""
    form = await opens(stage, who, seen, "always_allow", showing="without asking")
    await changes_terms(stage, who, form, **fields)
    await stage.acme.submits(stage.user(who), form, values(reason=reason))
    top = stage.acme.modal(stage.user(who))
    assert top is not None
    assert title(top) == "Saved", words(top)
    return words(top)


def delivered(stage: SlackStage, kind: str) -> list[Delivery]:
    """Gives what people did of this kind, such as `block_actions`, oldest first."""
    return [one for one in stage.acme.deliveries.all if one.envelope.payload.get("type") == kind]


async def takes_texts(stage: Stage, tool: str, *names: str) -> None:
    """Has a tool take these texts, too, so that people can put more into its form than the demo's takes."""

    def changed(known: CatalogTool) -> CatalogTool:
        schema = known.definition.input_schema
        taken = schema["properties"]
        assert is_object(taken)
        more = {name: {"type": "string"} for name in names}
        definition = replace(known.definition, input_schema={**schema, "properties": {**taken, **more}})
        mark = definition.fingerprint
        return replace(known, definition=definition, fingerprint=mark, accepted=mark)

    await change_tool(stage, tool, changed)


def sent_to_slack(stage: SlackStage) -> Iterator[JsonObject]:
    """Gives all that the bot gave Slack: in calls, in its answers to what people did, and to commands."""
    yield from (call.arguments for call in stage.slack.calls)
    yield from (one.answer.payload for one in stage.acme.deliveries.all)
    for user in stage.acme.world.users.values():
        for message in stage.acme.ephemerals(user):
            yield {"text": message.text, "blocks": message.blocks}


def objects_in(value: JsonValue) -> Iterator[Mapping[str, JsonValue]]:
    """Gives every object in a value."""
    if is_object(value):
        yield value
        for inner in value.values():
            yield from objects_in(inner)
    elif is_list(value):
        for inner in value:
            yield from objects_in(inner)


def everything(stage: SlackStage) -> str:
    """Gives all that the bot gave Slack as one text, to be searched."""
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in sent_to_slack(stage))


def shown_texts(found: Sequence[Message]) -> str:
    """Gives all that can be read in these messages."""
    return "\n".join(words(one) for one in found)
