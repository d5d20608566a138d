"""Dialogs as Teams sends them back: with what stood in their inputs at first, or with what a test puts in."""

from collections.abc import Mapping

from bot.chat.teams.dialogs.view import DialogView
from bot.chat.teams.kit.actions import Press, press_of
from bot.chat.teams.kit.limits import CARD_BYTES
from bot.chat.teams.kit.texts import wire_bytes
from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.teams_inputs import complaints, inputs_of, sent, taken, visible
from tests.servers.teams_rules import card_problems
from tests.servers.teams_things import Client


def checked(view: DialogView) -> DialogView:
    """Gives the dialog back if Teams takes it, in a dialog and in a chat."""
    assert card_problems(view.card, in_dialog=True) == []
    assert wire_bytes(view.card) <= CARD_BYTES
    assert 0 < len(view.title) <= 60
    return view


def buttons_of(view: DialogView) -> dict[str, JsonObject]:
    """Gives the dialog's buttons by what stands on them, those among its fields too."""
    rows = [one for one in visible(view.card["body"]) if one["type"] == "ActionSet"]
    found: list[JsonValue] = []
    for row in [*rows, view.card]:
        actions = row.get("actions")
        found += actions if isinstance(actions, list) else []
    return {str(one["title"]): one for one in found if isinstance(one, dict)}


def elements_of(view: DialogView) -> dict[str, JsonObject]:
    """Gives the inputs by their ids, in their order."""
    return {one.id: one.content for one in inputs_of(view.card)}


def texts_of(view: DialogView) -> list[str]:
    """Gives what the dialog says besides its inputs, paragraph by paragraph."""
    found = []
    for one in visible(view.card["body"]):
        inlines = one.get("inlines")
        if isinstance(inlines, list):
            found.append("".join(str(run["text"]) for run in inlines if isinstance(run, dict)))
        elif one["type"] == "TextBlock":
            found.append(str(one["text"]))
    return found


def complained(view: DialogView, put_in: Mapping[str, JsonValue] | None = None) -> list[str]:
    """Gives the ids of the inputs that keep a person from sending."""
    return list(complaints(view.card, _put(view, put_in)))


def pressed(
    view: DialogView,
    button: str,
    put_in: Mapping[str, JsonValue] | None = None,
    *,
    client: Client | None = None,
) -> Press:
    """Gives the press of a button, whatever the client would complain of.

    Args:
        view: the dialog.
        button: what stands on it.
        put_in: what is put into the inputs, by their ids.
        client: which Teams it is.
    """
    action = buttons_of(view)[button]
    data = action["data"]
    assert isinstance(data, dict)
    inputs: JsonObject = {}
    if action.get("associatedInputs") != "none":
        inputs = sent(view.card, _put(view, put_in), client or Client())
    found = press_of({**data, **inputs})
    assert found is not None
    return found


def _put(view: DialogView, put_in: Mapping[str, JsonValue] | None) -> dict[str, str]:
    return {name: taken(view.card, name, entry) for name, entry in (put_in or {}).items()}
