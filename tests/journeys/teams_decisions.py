"""What approvers do in Teams' journeys, and what those who ask do to be asked about."""

from bot.chat.teams.conversations import TEAMS
from bot.chat.teams.dialogs.inputs import code
from bot.chat.teams.dialogs.request_form import TITLE
from bot.chat.teams.kit.actions import Do, carried, press_of
from bot.chat.texts import name_words
from bot.demo.company import CONNECTOR
from bot.domain.canonical import JsonObject
from bot.domain.requests import Approval, ApprovalId
from tests.journeys.stage import TENANT
from tests.journeys.teams_stage import TECHNICIANS, TeamsStage
from tests.servers.teams_answers import Pressed
from tests.servers.teams_inputs import Input
from tests.servers.teams_things import Client, Dialog, Message
from tests.servers.teams_words import buttons, titles, words

LATE = "Too late, and nothing changed by your click: "
FOREIGN = "There is no such card for you. Open the newest one in your chat."
EVERY_BUTTON = ["Approve", "Deny…", "Always allow…"]


def old_client(stage: TeamsStage, who: str) -> None:
    """Gives a person a client that knows neither Action.Execute nor dialogs."""
    stage.user(who).client = Client(executes=False, opens_dialogs=False)


async def fills(stage: TeamsStage, who: str, tool: str, note: str = "", **arguments: str) -> None:
    """Has a person fill the request form for a tool of the demo's connector, and send it."""
    user = stage.user(who)
    opened = await stage.acme.composes(user, "request")
    assert opened.dialog is not None
    assert opened.dialog.title == TITLE
    await stage.acme.submits(user, {"tool": code(f"{CONNECTOR}:{tool}")}, "Next")
    filled = {name_words(name): value for name, value in arguments.items()}
    sent = await stage.acme.submits(user, {**filled, "Note for the approver": note}, "Send")
    assert sent.kind == "closed", words(sent.dialog) if sent.dialog else sent


async def asks_password(stage: TeamsStage, who: str = "alice", user: str = "alice") -> Message:
    """Has a person ask for a new password by form; gives the card that Bob gets for it."""
    known = {one.id for one in cards_of(stage, "bob")}
    await fills(stage, who, "reset_password", user=f"{user}@acme.test")
    return await new_card(stage, "bob", known)


async def new_card(stage: TeamsStage, who: str, known: set[str]) -> Message:
    """Waits for a card that asks the person to decide and is none of the known ones."""

    def look() -> Message | None:
        return next((one for one in cards_of(stage, who) if one.id not in known), None)

    return await stage.acme.eventually(look, f"a new card for {who}")


def cards_of(stage: TeamsStage, who: str) -> list[Message]:
    """Gives the messages in a person's chat on which they can decide."""
    user = stage.user(who)
    return [one for one in stage.acme.answers(user) if "Deny…" in titles(one, user)]


def shown_to(stage: TeamsStage, who: str) -> list[Message]:
    """Gives all cards in a person's chat but for internal notes, whatever can be done on them."""
    found = [one for one in stage.acme.answers(stage.user(who)) if one.card is not None]
    return [one for one in found if not words(one).startswith("Internal note")]


async def copies_of(stage: TeamsStage, card: Message) -> dict[str, Message]:
    """Gives the copies of a card that every technician has."""
    return {who: await stage.same_card(who, card) for who in TECHNICIANS}


def approval_id(seen: Message | Dialog) -> str:
    """Gives the id that the buttons of an approver's card carry."""
    presses = (press_of(one.data) for one in buttons(seen))
    [found] = {press.text("card") for press in presses if press is not None and press.text("card")}
    return found


async def approval_of(stage: TeamsStage, approval: str) -> Approval:
    """Gives an approval as it is stored."""
    async with stage.stage.store.view(TENANT) as view:
        found = await view.approvals.get(ApprovalId(approval))
    assert found is not None
    return found


async def comes_to(stage: TeamsStage, approval: str, status: str) -> str:
    """Waits until the request that an approval is about has this status; gives the request."""
    request = (await approval_of(stage, approval)).request
    await stage.stage.comes_to(request, status)
    return request


async def still_waits(stage: TeamsStage, approval: str) -> bool:
    """Whether the request that an approval is about waits, and nothing was done for anybody."""
    found = await stage.stage.request((await approval_of(stage, approval)).request)
    return found["status"] == "waiting" and stage.stage.changes() == []


async def opens(stage: TeamsStage, who: str, seen: Message | Dialog, button: str) -> Dialog:
    """Has a person press a button that opens a dialog, or leads to another step of one; gives it."""
    opened = await stage.presses(who, seen, button)
    assert opened.dialog is not None, opened
    return opened.dialog


async def denies(stage: TeamsStage, who: str, card: Message, reason: str = "") -> Pressed:
    """Has a person deny in the dialog that asks for the reason."""
    await opens(stage, who, card, "Deny…")
    return await stage.acme.submits(stage.user(who), {"Reason": reason} if reason else None, "Deny")


async def asks_for(stage: TeamsStage, who: str, seen: Message, card: str, action: str) -> Pressed:
    """Asks for the dialog of a card's action as no client would, in a person's name."""
    data = carried(Do.ASK, card=card, action=action)
    return await stage.acme.forges(stage.user(who), seen, data, how="task/fetch")


async def noted(stage: TeamsStage, card: Message) -> Message:
    """Waits until it is stored that a message is a copy of a card, which it is a moment after it shows."""
    place = f"personal/{card.conversation}"

    async def look() -> JsonObject | None:
        async with stage.stage.store.view(TENANT) as view:
            copy = await view.outbox.copy_at(TEAMS, place, card.id)
        return None if copy is None else {"card": copy.card}

    await stage.stage.eventually(look, "the copy of a card to be noted")
    return card


async def next_card(stage: TeamsStage, who: str, button: str, *, since: int) -> Message:
    """Waits for a card after the first ones of a person's chat that has this button."""
    user = stage.user(who)

    def look() -> Message | None:
        return next((one for one in shown_to(stage, who)[since:] if button in titles(one, user)), None)

    return await stage.acme.eventually(look, f"a card for {who} with “{button}”")


def field(stage: TeamsStage, who: str, label: str) -> Input:
    """Gives an input of the dialog that a person has open, by its label."""
    seen = stage.dialog(who)
    return next(one for one in stage.acme.inputs(seen, stage.user(who)) if one.label == label)
