"""Problems in a file, each with its line; collected, so that a person mends them all in one go."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.errors import Refusal

_SHOWN = 20
"""Problems that one sentence lists; more than that is one mistake repeated."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What is wrong in one line, counted from 1."""

    line: int
    sentence: str


class BadDocument(Refusal):
    """{file} cannot be used, and nothing was changed.{problems}."""

    def __init__(self, *, file: str, findings: Iterable[Finding]) -> None:
        """Lists the findings by line, each once."""
        self.findings = tuple(sorted(set(findings)))
        super().__init__(file=file, problems=listed(self.findings).removesuffix("."))


def listed(findings: Iterable[Finding]) -> str:
    """Gives the findings as lines of text, by line, each starting with a line break."""
    ordered = sorted(set(findings))
    lines = [f"\n  line {finding.line}: {finding.sentence}" for finding in ordered[:_SHOWN]]
    if len(ordered) > _SHOWN:
        lines.append(f"\n  … and {len(ordered) - _SHOWN} more.")
    return "".join(lines)
