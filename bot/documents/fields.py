"""Reading typed fields from a tree: what does not fit is noted with its line, and reading goes on."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import Final, TypeVar
from unicodedata import category

from bot.documents.findings import Finding
from bot.documents.tree import Listing, Scalar, Table, Tree
from bot.domain.errors import Refusal

Kept = TypeVar("Kept")

_UNSEEN: Final = ("Cc", "Cs", "Zl", "Zp")
"""Controls, halves of surrogate pairs, and separators of lines."""


@dataclass(slots=True)
class Notes:
    """The problems found so far."""

    findings: list[Finding] = field(default_factory=list)

    def add(self, line: int, sentence: str) -> None:
        """Notes one problem."""
        self.findings.append(Finding(line, sentence))

    def table(
        self, tree: Tree, *, what: str, known: Collection[str], needed: Collection[str] = ()
    ) -> Mapping[str, Tree]:
        """Gives the known entries that are not null; notes unknown and missing names."""
        if not isinstance(tree, Table):
            self.add(tree.line, f"{what} must be names with values, like “{next(iter(known))}: …”.")
            return {}
        for name in tree.entries:
            if name not in known:
                self.add(tree.lines[name], f"“{name[:80]}” is not a key of {what}.{_hint(name, known)}")
        given = {
            name: entry
            for name, entry in tree.entries.items()
            if name in known and not (isinstance(entry, Scalar) and entry.value is None)
        }
        for name in needed:
            if name not in given:
                self.add(tree.line, f"{what} needs “{name}”.")
        return given

    def items(self, tree: Tree | None, *, what: str) -> Iterator[Tree]:
        """Gives the items of a list; nothing, with a note, for anything else."""
        if isinstance(tree, Listing):
            yield from tree.items
        elif tree is not None:
            self.add(tree.line, f"{what} must be a list, one item after each “-” or between [ and ].")

    def text(self, tree: Tree | None, *, what: str, limit: int = 256) -> str | None:
        """Gives a text of one line that is not blank; None, with a note, for anything else."""
        value = self.prose(tree, what=what, limit=limit)
        if tree is None or value is None:
            return None
        if not value.strip() or value != value.strip() or any(category(sign) in _UNSEEN for sign in value):
            self.add(tree.line, f"{what} must be one line of visible text, without spaces around it.")
            return None
        return value

    def prose(self, tree: Tree | None, *, what: str, limit: int) -> str | None:
        """Gives a text of any kind; None, with a note, for anything else."""
        if tree is None:
            return None
        value = tree.value if isinstance(tree, Scalar) else None
        if not isinstance(value, str):
            self.add(tree.line, f"{what} must be a text. Put it in quotes if it looks like something else.")
        elif len(value) > limit:
            self.add(tree.line, f"{what} has {len(value)} characters; {limit} is the most.")
        else:
            return value
        return None

    def texts(self, tree: Tree | None, *, what: str) -> tuple[tuple[str, int], ...]:
        """Gives the texts of a list with their lines; notes what is none, and what stands there twice."""
        found: dict[str, int] = {}
        for item in self.items(tree, what=what):
            text = self.text(item, what=f"An item of {what}")
            if text is not None and text in found:
                self.add(item.line, f"“{text}” stands in {what} twice.")
            elif text is not None:
                found[text] = item.line
        return tuple(found.items())

    def truth(self, tree: Tree | None, *, what: str, otherwise: bool) -> bool:
        """Gives true or false; `otherwise` where nothing stands, or, with a note, something else."""
        if tree is None:
            return otherwise
        if isinstance(tree, Scalar) and isinstance(tree.value, bool):
            return tree.value
        self.add(tree.line, f"{what} must be true or false.")
        return otherwise

    def count(self, tree: Tree | None, *, what: str, most: int) -> int | None:
        """Gives a whole number from 1; None where nothing stands, or, with a note, something else."""
        if tree is None:
            return None
        value = tree.value if isinstance(tree, Scalar) else None
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most:
            return value
        self.add(tree.line, f"{what} must be a whole number from 1 to {most}.")
        return None

    def moment(self, tree: Tree | None, *, what: str) -> datetime | None:
        """Gives a moment with its zone; None where nothing stands, or, with a note, something else."""
        if tree is None:
            return None
        if isinstance(tree, Scalar) and isinstance(tree.value, str):
            found = read_moment(tree.value)
            if found is not None:
                return found
        self.add(tree.line, f"{what} must be a date and time with its zone, like 2027-01-31T00:00:00Z.")
        return None

    def converted(self, line: int, convert: Callable[[], Kept]) -> Kept | None:
        """Gives what the conversion gives; notes the sentence of a `Refusal` and gives None."""
        try:
            return convert()
        except Refusal as refusal:
            self.add(line, refusal.sentence)
            return None


def read_moment(text: str) -> datetime | None:
    """Gives the moment that ISO 8601 with a zone spells; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _hint(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name.lower(), known, n=1)
    return f" Did you mean “{close[0]}”?" if close else f" It can have: {', '.join(known)}."
