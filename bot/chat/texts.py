"""Outside text as a form shows it: in one line, hidden characters visible, cut as the platform measures."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.cards.visible import visible

EMPTY: Final = "(empty)"
_ELLIPSIS: Final = "…"
_LONGEST_NAME: Final = 2_000


@dataclass(frozen=True, slots=True)
class TextMeasure:
    """How long a platform finds a text."""

    length: Callable[[str], int]
    fitting: Callable[[str, int], str]
    """Gives as much of a text's beginning as a limit allows."""

    def cut(self, text: str, limit: int) -> str:
        """Gives the text if it fits, else its beginning and an ellipsis; never for what is decided on."""
        if self.length(text) <= limit:
            return text
        room = max(limit - self.length(_ELLIPSIS), 0)
        return self.fitting(text, room).rstrip() + _ELLIPSIS

    def words(self, text: str, limit: int) -> str:
        """Gives outside text in one line, hidden characters visible, cut with an ellipsis at the limit."""
        start = self.fitting(text, 4 * limit)
        rest = _ELLIPSIS if len(start) < len(text) else ""
        return self.cut(" ".join((visible(start, set()) + rest).split()), limit)


def name_words(name: str) -> str:
    """Gives a name of a program as words; of a very long one, the beginning."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name[:_LONGEST_NAME])
    found = re.sub(r"[\s_./:-]+", " ", spaced).strip()
    return found[:1].upper() + found[1:] or name.strip() or EMPTY
