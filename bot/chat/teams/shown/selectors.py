"""Selectors beside the rows of an answer: what is chosen ends the command that the button carries."""

from collections.abc import Sequence
from typing import Final

from bot.cards.answer import AnswerSelect
from bot.chat.teams.dialogs.inputs import CHOICE, TEXTS, inert, label_of
from bot.chat.teams.kit.actions import Do, execute
from bot.chat.teams.kit.elements import Element, Spacing, action_set, columns
from bot.domain.canonical import JsonValue

SET: Final = "Set"
_ID: Final = "select:"


def selector(select: AnswerSelect, number: int) -> Element:
    """Gives a list with a button beside it.

    Args:
        select: what can be chosen.
        number: of the row, which no other one on the card has.
    """
    beginning = shared([one.value for one in select.options])
    ends = {one.value.removeprefix(beginning): one.label for one in select.options}
    name = f"{_ID}{number}"
    choices: list[JsonValue] = [
        {"title": inert(TEXTS.words(label, CHOICE)) or end, "value": end} for end, label in ends.items()
    ]
    chosen = next((end for end, label in ends.items() if label == select.chosen), "")
    element: Element = {
        "type": "Input.ChoiceSet",
        "id": name,
        "label": label_of(select.label),
        "style": "compact",
        "choices": choices,
        **({"value": chosen} if chosen else {"placeholder": "Choose"}),
    }
    button = execute(SET, Do.CHOOSE, line=beginning, input=name)
    return columns(
        ("stretch", [element]), ("auto", [action_set([button])]), spacing=Spacing.SMALL, lowered=True
    )


def shared(commands: Sequence[str]) -> str:
    """Gives the words with which all commands begin, so that each has words left, and none twice."""
    words = [one.split(" ") for one in commands]
    most = min(map(len, words), default=1) - 1
    alike = next((at for at in range(most) if len({one[at] for one in words}) > 1), most)
    return "".join(f"{word} " for word in words[0][:alike]) if words else ""
