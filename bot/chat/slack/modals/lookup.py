"""Fields in which one searches while one types: Slack asks us for the options."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.cards.model import Option
from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import Block, option, plain
from bot.chat.slack.kit.texts import units
from bot.chat.slack.modals.inputs import VALUE, code, words

_LONGEST: Final = 1000
_PLACEHOLDER: Final = "Type to search"


def found_options(found: Iterable[Option]) -> list[Block]:
    """Gives options as Slack takes them; what is too long for a value is there as its hash."""
    return [_option(one) for one in found][: limits.OPTIONS]


def search_element(chosen: Sequence[Option], *, several: bool) -> Block:
    """Gives the menu that searches, with what is chosen already in it."""
    element: Block = {
        "type": "multi_external_select" if several else "external_select",
        "action_id": VALUE,
        "placeholder": plain(_PLACEHOLDER, limits.PLACEHOLDER),
        "min_query_length": 0,
    }
    options = found_options(chosen)
    if options:
        element.update({"initial_options": list(options)} if several else {"initial_option": options[0]})
    return element


def _option(one: Option) -> Block:
    label = words(one.label, _LONGEST)
    is_cut = units(label) > limits.OPTION_TEXT
    # Long names differ at their ends more often than at their beginnings.
    return option(code(one.value), label, description=f"…{_end(label)}" if is_cut else "")


def _end(label: str) -> str:
    found = label[-limits.OPTION_DESCRIPTION + 1 :]
    while units(found) >= limits.OPTION_DESCRIPTION:
        found = found[1:]
    return found
