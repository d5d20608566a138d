"""What admins see, made by the product on a stage: answers, forms page by page, cards and messages."""

import asyncio
import tempfile
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Final

from bot.cards.answer import Answer
from bot.cards.form import FormPage
from bot.cards.model import Card, FieldKind
from bot.chat.commands import parse_command
from bot.demo.company import CONNECTOR
from bot.domain.actions import Action
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.errors import Refusal
from bot.domain.policies import Requirement
from bot.domain.tools import ToolDefinition, ToolId
from bot.flow.commands.dispatch import Dispatch
from bot.flow.open_card import OpenCard
from bot.flow.suggest import Suggest
from bot.flow.unused_grants import ProposeRemovals
from bot.flow.warn_grants import WarnGrants
from bot.storage.engine import open_engine
from bot.storage.migrate import migrate
from bot.storage.postings import SqlPostings
from tests.builders import a_condition, a_definition, a_policy, chosen, tools_named
from tests.commanding import asker, person
from tests.journeys.arranging import list_tools, put_policy, set_tool, switch_tool
from tests.journeys.stage import Stage, staged

_RESET: Final = f"{CONNECTOR}:reset_password"
_DELETE: Final = f"{CONNECTOR}:delete_user"


@dataclass(frozen=True, slots=True)
class Scenes:
    """What there is to draw, by name."""

    answers: dict[str, Answer] = field(default_factory=dict)
    pages: dict[str, FormPage] = field(default_factory=dict)
    cards: dict[str, Card] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)


@cache
def scenes() -> Scenes:
    """Gives everything, made once."""
    return asyncio.run(_played())


async def _played() -> Scenes:
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/countersign.db"
        await migrate(database)
        async with staged(database, Path(folder)) as stage:
            scenes = Scenes()
            player = Player(stage, scenes)
            await _requests(player)
            await _policies(player)
            await _forms(player)
            await _grants(player, database)
            await _tools(player)
            await _second(player)
            await _freezing(player)
            return scenes


class Player:
    """Has people do things, and keeps what they see."""

    def __init__(self, stage: Stage, scenes: Scenes) -> None:
        self.stage, self.scenes = stage, scenes

    async def runs(self, who: str, text: str, name: str = "") -> Answer | FormPage:
        """Has somebody give a command, and keeps what comes of it under the name."""
        try:
            found = await Dispatch(self.stage.seams)(parse_command(text), await asker(self.stage, who))
        except Refusal as refusal:
            self.scenes.told[name or f"refused-{text}"] = refusal.sentence
            return Answer(title=refusal.sentence)
        assert isinstance(found, Answer | FormPage), found
        return self._kept(name, found)

    async def sends(self, who: str, page: FormPage, kept: str, /, **values: JsonValue) -> Answer | FormPage:
        """Has somebody send a page with what stands there and these values."""
        standing: dict[str, JsonValue] = {}
        for one in page.dialog.fields:
            empty: JsonValue = False if one.kind is FieldKind.CHECKBOX else ""
            standing[one.name] = empty if one.value is None else one.value
        filled: JsonObject = {**standing, **values}
        dispatch = Dispatch(self.stage.seams)
        try:
            found = await dispatch.submit(page.form, page.state, filled, await asker(self.stage, who))
        except Refusal as refusal:
            self.scenes.told[kept] = refusal.sentence
            return Answer(title=refusal.sentence)
        return self._kept(kept, found)

    async def sees(self, who: str, card: str, name: str) -> Card:
        """Keeps a card as somebody sees it."""
        found = await OpenCard(self.stage.seams)(card, await person(self.stage, who))
        self.scenes.cards[name] = found
        return found

    async def newest(self, who: str, prefix: str) -> str:
        """Gives the id of the newest card of its kind in somebody's chat."""
        await self.stage.worker.settle(None)
        found = [str(one["card"]) for one in await self.stage.cards(who)]
        return [one for one in found if one.startswith(prefix)][-1]

    async def hears(self, who: str, words: str, name: str) -> None:
        """Keeps the newest text with these words that somebody was told."""
        await self.stage.worker.settle(None)
        found = [text for text in await self.stage.texts(who) if words in text]
        self.scenes.told[name] = found[-1]

    def _kept(self, name: str, found: Answer | FormPage) -> Answer | FormPage:
        if name:
            match found:
                case Answer():
                    self.scenes.answers[name] = found
                case FormPage():
                    self.scenes.pages[name] = found
        return found


async def _requests(player: Player) -> None:
    """Has people ask for things, so that there is a history."""
    stage = player.stage
    for _ in range(6):
        request = await stage.fills("alice", "reset_password", user="alice@acme.test")
        await stage.approves("bob", request)
        await stage.ends(request)
        stage.clock.advance(timedelta(hours=1))
    waiting = await stage.says("eve", "I need access to Zendesk")
    await stage.card("bob", waiting)
    await player.runs("ada", f"policy why {waiting[:8]}", "policy-why")
    await player.runs("ada", "policy why", "policy-why-list")


async def _policies(player: Player) -> None:
    stage = player.stage
    scoped = replace(
        a_policy(
            Action.APPROVAL_NEEDED,
            name="Contractors ask twice",
            connector=CONNECTOR,
            subjects=chosen(persons=["p-eve"], groups=["contractors"]),
            tools=tools_named("reset_password", "unlock_account", "grant_app_access"),
            conditions=(
                a_condition("args.user", "matches", "*@acme.test"),
                a_condition("time.hour", ">=", 18),
            ),
        ),
        description="Until the offboarding runbook is signed off.",
        requirement=Requirement(groups={"technicians": 2}, manager=True),
        ends=stage.clock.now() + timedelta(days=60),
        owner="p-ada",
    )
    await put_policy(stage, scoped)
    await set_tool(stage, "unlock_account", Action.AUTO)
    await switch_tool(stage, "list_devices", on=False)
    await player.runs("ada", "policy list", "policy-list")
    await player.runs("ada", "policy list --search nothing", "policy-list-nothing")
    await player.runs("ada", "policy connector", "policy-connectors")
    await player.runs("ada", f"policy connector {CONNECTOR}", "policy-connector")
    await player.runs("bob", f"policy connector {CONNECTOR} --search password", "policy-connector-technician")
    await player.runs("ada", f"policy show {_RESET}", "policy-show-tool")
    await player.runs("ada", "policy show Contractors ask twice", "policy-show")
    await player.runs("ada", f"policy show {CONNECTOR}:*", "policy-show-default")
    await player.runs("ada", f'policy test eve@acme.test {_RESET} {{"user": "eve@acme.test"}}', "policy-test")
    await player.runs(
        "ada",
        f'policy test eve@acme.test {_RESET} {{"user": "eve@acme.test"}} --at 2027-01-04T20:00:00Z',
        "policy-test-at",
    )
    await player.runs("ada", f"policy test alice@acme.test {_DELETE}", "policy-test-disabled")
    await player.runs("ada", f"policy test alice@acme.test {CONNECTOR}:get_user", "policy-test-runs")
    shown = await player.runs("ada", f"policy set {_RESET} auto they forget it every Monday", "preview")
    assert isinstance(shown, Answer)
    await player.runs("ada", shown.buttons[0].value, "saved")
    await player.runs("ada", shown.buttons[0].value, "refused-saved-twice")
    await player.runs("ada", f"policy set {_RESET} auto", "preview-nothing")
    await player.runs("ada", f"policy set {CONNECTOR}:* disabled", "preview-default")
    await player.runs("ada", f"policy switch {CONNECTOR} off", "preview-connector-off")
    await player.runs("ada", "policy undo 1", "preview-undo")
    await player.runs("ada", "policy history", "policy-history")
    await player.runs("ada", "policy diff 0", "policy-diff")
    await player.runs("ada", "help", "help")
    await player.runs("ada", "help policy", "help-policy")
    await player.runs("bob", f"policy set {_RESET} auto", "refused-technician")
    await player.runs("ada", "policy show acme-it:reset_pasword", "refused-misspelt")
    await player.runs("ada", "policy frobnicate", "refused-unknown")


async def _forms(player: Player) -> None:
    first = await player.runs("ada", "policy new", "form-1")
    assert isinstance(first, FormPage)
    wrong = await player.sends(
        "ada", first, "form-1-wrong", name="acme-it:reset_password", connector="nowhere"
    )
    assert isinstance(wrong, FormPage)
    second = await player.sends(
        "ada", first, "form-2", name="Sales never delete", description="They do it by accident.",
        connector=CONNECTOR, scope="named", tools=[_DELETE, f"{CONNECTOR}:revoke_app_access"],
    )  # fmt: skip
    assert isinstance(second, FormPage)
    more = await player.sends(
        "ada", second, "form-2-more", who="chosen", groups=["sales"], persons=["p-eve"],
        attribute_1="args.user", operator_1="matches", value_1="*@acme.test", more=True,
    )  # fmt: skip
    assert isinstance(more, FormPage)
    await player.sends("ada", more, "form-2-wrong", attribute_2="time.hour", operator_2=">", value_2="noon")
    third = await player.sends("ada", more, "form-3", more=False)
    assert isinstance(third, FormPage)
    await player.sends("ada", third, "form-3-wrong", action="auto", manager=True, quorum="0")
    last = await player.sends("ada", third, "form-4", action="disabled", reason="Two accounts were lost.")
    assert isinstance(last, FormPage)
    await player.sends("ada", last, "form-saved")
    await player.runs("ada", "policy edit Contractors ask twice", "form-edit-1")
    picking = await player.runs("ada", "policy set", "form-set-1")
    setting = await player.runs("ada", f"policy edit {_RESET}", "form-edit-tool")
    if isinstance(picking, FormPage):
        setting = await player.sends("ada", picking, "form-set-2", tool=_DELETE)
    if isinstance(setting, FormPage):
        await player.sends(
            "ada", setting, "form-set-3", action="approval_needed", reason="We trust ourselves."
        )


async def _grants(player: Player, database: str) -> None:
    stage, engine = player.stage, open_engine(database)
    postings = SqlPostings(engine)
    await set_tool(stage, "reset_password", Action.APPROVAL_NEEDED)
    await player.runs("bob", "grants suggestions", "grants-suggestions")
    await Suggest(stage.seams, postings)()
    await player.hears("bob", "standing approval could answer", "told-suggestion")
    await player.runs("alice", "grants list", "grants-none")
    for who, giver, days in (("alice", "bob", 200), ("dan", "carol", 30)):
        request = await stage.fills(who, "reset_password", user=f"{who}@acme.test")
        card, reason = await stage.card(giver, request), "It is asked every Monday."
        await stage.presses(giver, card, "always_allow", reason=reason, ends_in_days=days)
        await stage.ends(request)
    listed = await player.runs("ada", "grants list", "grants-list")
    assert isinstance(listed, Answer)
    await player.runs("ada", f"grants show {_id(listed)}", "grants-show")
    stage.clock.advance(timedelta(days=28))
    await WarnGrants(stage.seams, postings)()
    await player.hears("carol", "ends on", "told-warning")
    stage.clock.advance(timedelta(days=3))
    await ProposeRemovals(stage.seams, postings)()
    await player.hears("bob", "Nobody used", "told-removal")
    await player.runs("ada", "grants list --unused", "grants-unused")
    await engine.close()


def _id(listed: Answer) -> str:
    return next(fact.value for fact in listed.lines[0].facts if fact.label == "Id")


async def _tools(player: Player) -> None:
    stage = player.stage

    def changed(tool: ToolDefinition) -> ToolDefinition:
        if str(tool.id) != _RESET:
            return tool
        known = tool.input_schema["properties"]
        assert isinstance(known, dict)
        schema = {**tool.input_schema, "properties": {**known, "forward_to": {"type": "string"}}}
        return replace(tool, description="Sends a link, and forwards a copy.", input_schema=schema)

    new = a_definition(
        ToolId(CONNECTOR, "wipe_device"),
        title="Wipe a device",
        description="Removes everything from a device. It cannot be undone.",
    )
    await list_tools(stage, changed, new)
    await stage.worker.settle(None)
    await player.runs("ada", "tools changed", "tools-changed")
    cards = [str(one["card"]) for one in await stage.cards("ada") if str(one["card"]).startswith("tool-")]
    for number, card in enumerate(dict.fromkeys(cards), 1):
        await player.sees("ada", card, f"tool-{number}")
    said = await stage.presses("ada", cards[-1], "keep_asking")
    player.scenes.told["tool-kept"] = str(said.json.get("message"))
    await player.sees("ahmed", cards[-1], "tool-kept")
    await player.runs("ada", f"policy connector {CONNECTOR} --search reset", "policy-connector-drifted")
    texts = [text for text in await stage.texts("ada") if "new" in text and CONNECTOR in text]
    if texts:
        player.scenes.told["told-listing"] = texts[-1]


async def _second(player: Player) -> None:
    shown = await player.runs(
        "ada", f"policy set {_DELETE} approval_needed we trust ourselves", "preview-second"
    )
    assert isinstance(shown, Answer)
    await player.runs("ada", shown.buttons[0].value, "saved-second")
    card = await player.newest("ahmed", "change-")
    await player.sees("ahmed", card, "proposal")
    await player.sees("ada", card, "proposal-author")
    said = await player.stage.presses("ada", card, "approve")
    player.scenes.told["refused-own-change"] = str(said.body)
    said = await player.stage.presses("ahmed", card, "deny", reason="Not this week. We have an audit.")
    player.scenes.told["told-denied-change"] = str(said.json.get("message"))
    await player.sees("ada", card, "proposal-denied")


async def _freezing(player: Player) -> None:
    stage = player.stage
    request = await stage.fills("alice", "reset_password", user="megan@acme.test")
    await stage.card("bob", request)
    await player.runs("ada", f"freeze connector {CONNECTOR} A key of the server leaked.", "freeze")
    await player.runs("ada", f"freeze connector {CONNECTOR}", "refused-frozen-already")
    await player.runs("ada", f"unfreeze connector {CONNECTOR}", "refused-own-freeze")
    await player.runs("ada", "freeze person alice@acme.test", "freeze-person")
    await player.runs("ahmed", "freezes", "freezes")
    await player.runs("ada", "freezes", "freezes-own")
    await stage.worker.settle(None)
    card = str((await stage.card("bob", request))["card"])
    await player.sees("bob", card, "frozen-approval")
    await player.sees("alice", f"status-{request}", "frozen-status")
    said = await stage.presses("bob", card, "approve")
    player.scenes.told["refused-approve-frozen"] = said.error
    await player.runs("ada", f"policy connector {CONNECTOR} --search reset", "policy-connector-frozen")
    await player.runs("ada", f"policy test alice@acme.test {_RESET}", "policy-test-frozen")
    await player.runs("ahmed", f"unfreeze connector {CONNECTOR} The key was changed.", "unfreeze")
    asked = await stage.fills("alice", "reset_password", user="eve@acme.test")
    await stage.ends(asked)
    player.scenes.told["told-frozen"] = (await stage.texts("alice"))[-1]
