"""Reading the fields that provide access: secrets, addresses, and paths."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.documents.fields import Notes
from bot.documents.tree import Table, Tree
from bot.outgoing.web_addresses import is_web_address

MOST: Final = 100_000
"""Characters of a secret's file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What reading a section needs: where notes go, where paths start, and where secrets are."""

    notes: Notes
    folder: Path
    environ: Mapping[str, str]

    @classmethod
    def of(cls, file: Path, notes: Notes, environ: Mapping[str, str] | None) -> "Reading":
        """Gives the reading of a file; without variables, those of this process."""
        return cls(notes=notes, folder=file.parent, environ=os.environ if environ is None else environ)

    def section(
        self, tree: Tree, *, what: str, known: tuple[str, ...], needed: tuple[str, ...] = ()
    ) -> Mapping[str, Tree]:
        """Gives a section's entries; notes unknown and missing names."""
        return self.notes.table(tree, what=what, known=known, needed=needed)

    def secret(self, tree: Tree | None, *, what: str, example: str) -> str:
        """Gives what the environment or a file holds; empty, with a note, where it holds nothing.

        Args:
            tree: what stands there; nothing is noted where nothing does.
            what: the secret's name, for the notes.
            example: a fitting name of a variable.
        """
        if tree is None:
            return ""
        if not isinstance(tree, Table):
            self.notes.add(
                tree.line,
                f"{what} must not stand here. Put it into the environment and write {{env: {example}}}, or "
                "into a file of its own and write {file: PATH}.",
            )
            return ""
        given = self.notes.table(tree, what=what, known=("env", "file"))
        if len(given) != 1:
            self.notes.add(tree.line, f"{what} needs either env or file.")
            return ""
        if "env" in given:
            return self._from_environment(given["env"], what=what)
        return self._from_file(given["file"], what=what)

    def _from_environment(self, tree: Tree, *, what: str) -> str:
        name = self.notes.text(tree, what=f"{what}: env")
        if name is None:
            return ""
        found = self.environ.get(name, "").strip()
        if not found:
            self.notes.add(tree.line, f"{what}: the environment has no {name}. Set it, and start again.")
        return found

    def _from_file(self, tree: Tree, *, what: str) -> str:
        path = self.path(tree, what=f"{what}: file")
        if path is None:
            return ""
        try:
            with path.open(encoding="utf-8") as file:
                found = file.read(MOST + 1).strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            self.notes.add(tree.line, f"{what}: {path} cannot be read ({why}).")
            return ""
        if not found or len(found) > MOST:
            self.notes.add(tree.line, f"{what}: {path} is empty, or too long for a secret.")
            return ""
        return found

    def path(self, tree: Tree | None, *, what: str) -> Path | None:
        """Gives a path; a relative one starts at the folder of the directory file."""
        text = self.notes.text(tree, what=what, limit=1000)
        return None if text is None else self.folder / text

    def address(self, tree: Tree | None, *, what: str, otherwise: str = "") -> str:
        """Gives a web address that ends with a slash; `otherwise` where none stands."""
        text = self.notes.text(tree, what=what, limit=500)
        if tree is None or text is None:
            return otherwise
        if not is_web_address(text):
            self.notes.add(
                tree.line,
                f"{what} must be an https address; http will do on 127.0.0.1 or localhost only, because "
                "secrets travel over it.",
            )
            return otherwise
        return text.rstrip("/") + "/"
