"""What a check found, and how it is printed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.cli.frame import Frame
from bot.domain.canonical import JsonValue


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    NOTE = "note"
    """Works, but somebody may want to do something."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    about: str
    level: Level
    sentence: str


def tell(
    use: Frame, found: Sequence[Finding], *, more: Mapping[str, JsonValue] | None = None, above: str = ""
) -> bool:
    """Prints what was found, a line each, and gives whether nothing of it is wrong.

    Args:
        use: the frame of the command.
        found: in the order in which to mend it.
        more: further entries of the JSON document.
        above: text that stands above the findings.
    """
    well = all(finding.level is not Level.WRONG for finding in found)
    listed: list[JsonValue] = [
        {"about": finding.about, "level": finding.level.value, "sentence": finding.sentence}
        for finding in found
    ]
    lines = [above] if above else []
    lines += _lines(found)
    lines.append("Everything that is needed is there." if well else "Something is wrong; see above.")
    use.answer({"ok": well, **(more or {}), "findings": listed}, "\n".join(lines))
    return well


def _lines(found: Iterable[Finding]) -> list[str]:
    return [f"{finding.level:<6}{finding.about}: {finding.sentence}" for finding in found]
