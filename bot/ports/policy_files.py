"""Policy files: what one wants to be so, what is wrong with one, and how they are read and written."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from bot.domain.actions import Action
from bot.domain.errors import Refusal
from bot.domain.grants import Grant
from bot.domain.people import PersonId
from bot.domain.policies import Defaults, Policy
from bot.domain.tools import Catalog
from bot.ports.directory import Directory

TENANT_DEFAULT: Final = "*"
"""What stands in a file for the tenant's default."""

Emails = Mapping[PersonId, str]
"""Everybody's address; who is missing is named by their id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The content of a policy file, with persons by their id."""

    defaults: Mapping[str, Action] = field(default_factory=dict)
    """By connector; `*` is the tenant's."""
    policies: tuple[Policy, ...] = ()
    """As `bare` gives them; no name twice."""
    grants: tuple[Grant, ...] = ()
    """As `bare_grant` gives them."""
    grant_lines: tuple[int, ...] = ()
    """In which line of the file each of the grants begins; empty where nobody needs to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a policy file is to say."""

    defaults: Defaults
    policies: Iterable[Policy]
    grants: Iterable[Grant] = ()
    connector: str = ""
    """Whose policies, default and standing approvals it is to say; empty for everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """A policy file in pages, each a policy file of its own."""

    texts: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    """The names of what is too long for any page."""


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """What is wrong in one line of a file, counted from 1.

    Where it cannot be read as YAML, the sentence names the column.
    """

    line: int
    sentence: str


class BadPolicyFile(Refusal):
    """This policy file cannot be used, and nothing was changed: line {line}: {sentence}"""  # noqa: D415 - what fills it ends the sentence

    def __init__(self, mistakes: Collection[Mistake]) -> None:
        """Takes every mistake, at least one; the sentence tells of the first."""
        self.mistakes = tuple(sorted(set(mistakes)))
        first = self.mistakes[0]
        super().__init__(line=first.line, sentence=first.sentence)


class PolicyFiles(Protocol):
    """Reads and writes policy files."""

    async def pages(self, content: Content, emails: Emails, *, page: int, line: int) -> Pages:
        """Gives the file in pages of so many characters, and lines of so many; at least one page."""
        ...

    async def read(
        self,
        text: str,
        *,
        catalog: Catalog,
        connectors: Collection[str],
        directory: Directory,
        with_grants: bool,
    ) -> Wanted:
        """Gives what the file wants, with every name looked up; standing approvals `with_grants` only.

        Raises:
            BadPolicyFile: with every mistake.
            DirectoryUnreachable: persons and groups cannot be looked up.
        """
        ...
