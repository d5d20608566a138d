"""What has to hold when a story is told, however often the bot was killed on the way."""

import asyncio
import json
from collections import Counter
from typing import Final

from bot.chat.web.render import card_json
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.requests import RequestId
from bot.flow.gather import gather
from bot.flow.present import Present
from tests.integration.life import ERRANDS, Life

PATIENCE_S: Final = 20.0
PEOPLE: Final = ("alice", "megan", "bob", "carol", "dan", "ada", "ahmed")


async def faults_of(life: Life) -> list[str]:
    """Gives a sentence per thing that is wrong."""
    found = (life.stage.company.data / "found").read_text(encoding="utf-8").splitlines()
    steps = [step for line in found for step in json.loads(line)["steps"].items()]
    executing = {str(request) for request, status in steps if status == "executing"}
    delivered = await _delivered(life)
    return [
        *([] if delivered else ["the outbox is never empty"]),
        *await _faults_of_calls(life, executing),
        *await _faults_of_replies(life),
        *await _faults_of_cards(life),
        *await _faults_of_log(life),
    ]


async def _delivered(life: Life) -> bool:
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while await life.count("notices"):
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True


async def _faults_of_calls(life: Life, executing: set[str]) -> list[str]:
    faults = []
    arrived = Counter((life.stage.company.data / "arrivals").read_text(encoding="utf-8").split())
    for tool in sorted({errand.tool for errand in ERRANDS}):
        of = ("position >= 0", f"tool = '{tool}'")
        succeeded = await life.count("calls", *of, "status = 'succeeded'")
        started = await life.count("calls", *of, "started IS NOT NULL")
        wanted = sum(errand.tool == tool for errand in ERRANDS)
        if not wanted == succeeded == life.changes(tool):
            faults.append(
                f"{tool}: {wanted} wanted, {succeeded} stored as done, {life.changes(tool)} happened"
            )
        if not life.changes(tool) <= arrived[tool] <= started:
            faults.append(f"{tool}: {arrived[tool]} arrived, {started} started")
    others = "SELECT id, status FROM requests WHERE tenant = :tenant AND status NOT IN ('done', 'failed')"
    faults.extend(f"request {row[0]} stays {row[1]}" for row in await life.rows(others))
    unknown = {str(entry.get("request")) for entry in await _log(life) if entry["kind"] == "call.unknown"}
    failed = await life.rows("SELECT id FROM requests WHERE tenant = :tenant AND status = 'failed'")
    if not {str(row[0]) for row in failed} <= unknown:
        faults.append("a request failed whose call's outcome was known")
    if not unknown <= executing:
        faults.append("a call is unknown although nobody was killed during it")
    return faults


async def _faults_of_replies(life: Life) -> list[str]:
    said = Counter(await life.stage.texts("alice"))
    outcomes = Counter(
        str(row[0]) for row in await life.rows("SELECT outcome FROM requests WHERE tenant = :tenant")
    )
    faults = [
        f"“{text}” was said {said[text]} times, not {times}"
        for text, times in outcomes.items()
        if said[text] != times
    ]
    unknown = sum(entry["kind"] == "call.unknown" for entry in await _log(life))
    if sum(times for text, times in said.items() if text.startswith("I sent it")) != unknown:
        faults.append("not every unknown outcome was said once")
    if sum(said.values()) != sum(outcomes.values()) + unknown:
        faults.append(f"the requester hears what nobody had to say: {sorted(said)}")
    own = [item for item in await life.stage.items("alice") if item.get("from") == "alice@acme.test"]
    asked = await life.count("requests")
    if len(own) != asked:
        faults.append(f"{len(own)} messages stand in the chat, {asked} requests came of them")
    return faults


async def _faults_of_cards(life: Life) -> list[str]:
    faults: list[str] = []
    seams = life.stage.seams
    for who in PEOPLE:
        person = await seams.directory.by_email(f"{who}@acme.test")
        assert person is not None
        shown = [_plain(item) for item in await life.stage.cards(who)]
        twice = [card for card, times in Counter(str(item["card"]) for item in shown).items() if times > 1]
        faults.extend(f"{who} has the card {card} twice" for card in twice)
        for item in shown:
            fresh = await Present(seams)(str(item["card"]), person)
            if fresh is None or item != _plain(card_json(fresh)):
                faults.append(f"{who}'s card “{item['title']}” says “{item['status']}”, which is stale")
    for row in await life.rows("SELECT id FROM requests WHERE tenant = :tenant"):
        story = await gather(seams, RequestId(str(row[0])))
        assert story is not None
        for approval in story.approvals:
            asked = ["megan"] if approval.approver else ["bob", "carol", "dan"]
            faults += [
                f"{who} never got the card {approval.id}"
                for who in asked
                if approval.id not in {item["card"] for item in await life.stage.cards(who)}
            ]
    return faults


def _plain(item: JsonObject) -> dict[str, JsonValue]:
    return {name: value for name, value in item.items() if name != "at"}


async def _faults_of_log(life: Life) -> list[str]:
    verified = await life.stage.store.verify_audit(life.tenant)
    kinds = Counter(str(entry["kind"]) for entry in await _log(life))
    counts = {
        "request.received": await life.count("requests"),
        "request.done": await life.count("requests", "status = 'done'"),
        "approval.approved": await life.count("reviews"),
        "grant.given": await life.count("grants"),
    }
    faults = [verified.fault] if verified.fault else []
    for kind, stored in counts.items():
        if kinds[kind] != stored:
            faults.append(f"the log has {kinds[kind]} of {kind}, there are {stored}")
    if await life.count("grants") != 1:
        faults.append("there is not exactly one standing approval")
    return faults


async def _log(life: Life) -> list[dict[str, object]]:
    async with life.stage.store.view(life.tenant) as view:
        return [
            {"kind": sealed.entry.kind, "request": sealed.entry.request} for sealed in await view.audit.read()
        ]
