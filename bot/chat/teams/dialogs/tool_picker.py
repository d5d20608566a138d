"""The picker of a tool: one list where they are few, else a search for it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.chat.choices import Choice
from bot.chat.teams.dialogs.fields import Drawn
from bot.chat.teams.dialogs.inputs import (
    TEXTS,
    choice_input,
    code,
    held_choice,
    held_text,
    inert,
    menu_bytes,
    text_input,
)
from bot.chat.teams.kit.actions import Do, Press, submitting
from bot.chat.teams.kit.elements import Element, Spacing, action_set, rich, run
from bot.chat.tool_choice import Named, matching
from bot.domain.canonical import JsonObject
from bot.domain.tools import ToolId

TOOL: Final = "tool"
SEARCH: Final = "search"
"""The ids of the picker's inputs."""
LIST_BYTES: Final = 9_000
"""What a list of all tools may weigh. Ours."""
_MATCHES: Final = 10
"""Tools that a search shows, at most."""
_TITLE: Final = 120
_ABOUT: Final = 150
_NEXT: Final = "next"
_BACK: Final = "back"
_NOT_LISTED: Final = "Choose one from the list."
_NO_WORD: Final = "Write a word of what should be done."


class Wish(StrEnum):
    """What a press in a picker is for."""

    FIELDS = "fields"
    """What is asked about the tool that was picked."""
    PICKER = "picker"
    """The picker once more: a search, another tool, or something is wrong."""
    WORDS = "words"
    """The words say what is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """What a press in a picker says."""

    wish: Wish
    tool: ToolId | None = None
    search: str = ""
    problem: str = ""
    """What is wrong, for the picker."""


def picker(
    tools: Sequence[Named], *, label: str, form: str, key: str = "", search: str = ""
) -> tuple[list[Drawn], list[Element]]:
    """Gives the picker: its fields, and what stands below them.

    Args:
        tools: all that can be picked.
        label: above the list or the search.
        form: which form it is for, kept with its buttons.
        key: kept with its buttons.
        search: what was searched for, where they are too many for a list.
    """
    choices = _choices(tools)
    go_on = picking("Next", form=form, step=_NEXT, key=key, style="positive")
    if menu_bytes(choices) <= LIST_BYTES:
        element = choice_input(TOOL, label, choices, required=True)
        element.pop("isRequired")
        element |= {"style": "filtered", "placeholder": "Choose or search", "errorMessage": _NOT_LISTED}
        return [Drawn(element=element)], [action_set([go_on], spacing=Spacing.SMALL)]
    found = matching(tools, search)[:_MATCHES] if search.strip() else []
    fields = [
        Drawn(element=text_input(SEARCH, label), value=search or None, hint="Write a word of it, and search.")
    ]
    buttons: list[JsonObject] = [picking("Search", form=form, step=SEARCH, key=key)]
    below: list[Element] = []
    if found:
        listed = choice_input(TOOL, "What was found", _choices(found, about=True), required=True)
        listed.pop("isRequired")
        listed.pop("placeholder", None)
        fields.append(Drawn(element={**listed, "style": "expanded"}))
        buttons.append(go_on)
    elif search.strip():
        below.append(rich(run("Nothing was found. Try another word."), spacing=Spacing.SMALL))
    return fields, [*below, action_set(buttons, spacing=Spacing.SMALL)]


def picking(
    title: str, *, form: str, step: str, key: str = "", style: str = "", note: str = ""
) -> JsonObject:
    """Gives a button of the picker; what need not be kept is left out."""
    kept = {name: text for name, text in (("key", key), ("note", note)) if text}
    return submitting(title, Do.PICK, style=style, form=form, step=step, **kept)


def back(title: str, *, form: str, key: str = "", note: str = "") -> JsonObject:
    """Gives the button that leads back to the picker, whatever stands in the form."""
    return {**picking(title, form=form, step=_BACK, key=key, note=note), "associatedInputs": "none"}


def _choices(tools: Sequence[Named], *, about: bool = False) -> list[Choice]:
    """Gives the choices, each with a label of its own."""
    titles = [TEXTS.words(title, _TITLE) or tool.name for tool, title, _ in tools]
    several = len({tool.connector for tool, _, _ in tools}) > 1
    labels = [
        f"{title} ({tool.connector})" if several else title
        for title, (tool, _, _) in zip(titles, tools, strict=True)
    ]
    counted = Counter(map(inert, labels))
    found = []
    for label, (tool, _, description) in zip(labels, tools, strict=True):
        shown = label if counted[inert(label)] == 1 else f"{label} – {tool}"
        more = TEXTS.words(description, _ABOUT) if about else ""
        found.append(Choice(code(str(tool)), f"{shown}: {more}" if more else shown))
    return found


def picked_of(press: Press, tools: Sequence[Named], *, words: str = "") -> Picked:
    """Gives what a press in a form's first step says.

    Args:
        press: of Next, Search, Send, or of what leads back.
        tools: all that can be picked.
        words: that the form takes instead of a tool.
    """
    step, search = press.text("step"), held_text(press.inputs, SEARCH).strip()
    if step == _BACK:
        return Picked(wish=Wish.PICKER)
    if step == SEARCH:
        return Picked(wish=Wish.PICKER, search=search, problem="" if search else _NO_WORD)
    chosen = held_choice(press.inputs, TOOL)
    tool = next((one[0] for one in tools if chosen and code(str(one[0])) == chosen), None)
    if tool is not None:
        return Picked(wish=Wish.FIELDS, tool=tool)
    if chosen:
        return Picked(wish=Wish.PICKER, search=search, problem=_NOT_LISTED)
    if words.strip():
        return Picked(wish=Wish.WORDS)
    if search:
        return Picked(wish=Wish.PICKER, search=search)
    return Picked(wish=Wish.PICKER, problem="Choose what should be done.")
