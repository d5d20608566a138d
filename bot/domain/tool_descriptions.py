"""What a tool's description says that the tool does, from its first words."""

import re
from dataclasses import dataclass
from typing import Final

from bot.domain.tool_names import vocabulary
from bot.domain.verbs import READS, SENSES, WRITES, Sense, base_of

_LONGEST: Final = 1_500
"""Characters that are read; what matters stands at the beginning."""

_SENTENCE = re.compile(r"(?:[^.!?\n]|[.!?](?!\s|$)|\n(?!\s*\n))*")
_WORD = re.compile(r"[A-Za-z]+(?:['\u2019-][A-Za-z]+)*")
_BADGE = re.compile(
    r"(?:[^A-Za-z]|\b[A-Z]{3,}\b(?!\s+[a-z])|\b(?i:read-?only|experimental|beta|preview|deprecated|v\d+)\b[^A-Za-z]+)+"
)
_OPENING = re.compile(
    r"""(?:(?:this|the|an?)\s+)?
    (?:(?:mcp\s+)?(?:tool|function|command|endpoint|operation|action|method|api)s?\s+)?
    (?:(?:which|that)\s+)?
    (?:(?:can|could|may)\s+be\s+used\s+|use\s+(?:this|it)(?:\s+(?:tool|function|command|endpoint))?\s+
      |used\s+|useful\s+|is\s+used\s+|(?:allow|enable)s?\s+(?:you|users?|agents?|one)\s+
      |lets?\s+(?:you|users?|agents?)\s+|will\s+|can\s+|helps?\s+(?:you\s+)?|performs?\s+(?:an?\s+)?)?
    (?:to\s+|for\s+|when\s+you\s+need\s+to\s+)?
    (?:(?:given|use\s+the)\b[^.]{1,120}?(?:,\s*|\bto\s+)(?:this\s+tool\s+)?(?:will\s+)?)?
    (?:(?:quickly|easily|simply|efficiently|safely|directly|programmatically|automatically|bulk|batch)\s+)?""",
    re.VERBOSE | re.IGNORECASE,
)
_SHOWN = re.compile(
    r"""(?:[a-z]+ed|lightweight|full|complete|quick|fast|simple|basic|generic|current|raw|global|advanced
      |web|semantic|full-text|vector|similarity|fuzzy)\s+(?:[a-z-]+\s+){0,2}
      (?:list|lookup|search|overview|summary|view|details|history|count|status)\b
    |(?:tests?|verif(?:y|ies))\s+(?:[\w.-]+\s+){0,5}(?:connection|connectivity|authenticat\w+|credentials)\b
    |(?:takes?|captures?)\s+(?:[\w-]+\s+){0,4}(?:screenshot|accessibility\s+snapshot)\b
    |returns?\s+(?!to\b|an?\s+(?:item|order)\b)""",
    re.VERBOSE | re.IGNORECASE,
)
"""Beginnings that tell of a read without a verb that always reads."""
_BESIDE = re.compile(
    r"(?:\b(?:and|or|then)(?:/or)?|[,/])\s+(?:then\s+|also\s+|optionally\s+)?([a-z]+)", re.IGNORECASE
)
_LATER = re.compile(
    r"(?:[.!]\s+|\b(?:and|then|also|it)\s+)(?:also\s+|then\s+)?([a-z]+s)\s+"
    r"(?:an?|the|them|it|new|any|all|this|your)\b",
    re.IGNORECASE,
)
_LASTING = re.compile(
    r"\birreversibl[ey]\b|\b(?:cannot|can['\u2019]t|can not)\s+be\s+(?:undone|reversed|recovered|restored)\b"
    r"|\bpermanently\s+(?:delet|remov|eras|destroy|wip|purg)|\bno\s+undo\b",
    re.IGNORECASE,
)
_OPEN = vocabulary("call execute handle invoke manage perform process resolve run")
"""Verbs that, at the beginning, leave open what is done."""
_OF_LIMITS = vocabulary("accept apply confirm deny disable enable extend ignore reject save")
"""Verbs that, in a second place, tell of limits or of the data rather than of the tool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a description says."""

    first: str
    """The word that it begins with, in its base form if that is a known verb; empty if there is none."""
    reads: bool
    """It begins by telling of a read."""
    writes: str
    """The changing verb that it begins with, or names beside another (`Get or update`), or empty."""
    unclear: bool
    """It begins with a verb that may look or change (`Exports`); not `Query`, which a hint settles."""
    lasting: bool
    """It warns that what is done cannot be undone."""


def read_description(text: str | None) -> Account:
    """Gives what the first words of a description say; an absent one says nothing.

    Never raises. Reads 1,500 characters at most.
    """
    text = (text or "")[:_LONGEST].strip()
    opened = _start(_OPENING, _start(_BADGE, text))
    found = _WORD.match(opened)
    first = base_of(found.group().lower()) if found else ""
    sense = SENSES.get(first)
    changes = first not in _OPEN and (sense in WRITES or sense is Sense.WRITE_OR_NOUN)
    shown = bool(_SHOWN.match(opened))
    return Account(
        first=first,
        reads=shown or sense in READS,
        writes=first if changes and not shown else _second_verb(text),
        unclear=sense is Sense.UNCLEAR and first != "query" and not shown,
        lasting=bool(_LASTING.search(text)),
    )


def _start(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.match(text)
    return text[found.end() :] if found else text


def _second_verb(text: str) -> str:
    sentence = _SENTENCE.match(text)
    beside = [word.lower() for word in _BESIDE.findall(sentence.group())] if sentence else []
    later = [word.lower() for word in _LATER.findall(text)]
    for word in (*beside, *later):
        verb = base_of(word)
        # `notes, updates, emails` are things; `and updates the` is an act.
        plain = SENSES.get(verb) in WRITES or (verb == "update" and (word == verb or word in later))
        if plain and verb not in _OF_LIMITS and not word.endswith("ing"):
            return verb
    return ""
