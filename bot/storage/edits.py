"""Edits of what is laid down as documents, and tools' definitions."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from bot.domain.actions import Action
from bot.domain.grants import Grant
from bot.domain.policies import Policy
from bot.domain.rule_changes import DefaultEdit, Edit, GrantEdit, PolicyEdit, SwitchEdit
from bot.domain.tools import ToolDefinition, ToolId
from bot.storage.documents import Document, grant_of, policy_of, written


def written_edits(edits: Iterable[Edit]) -> list[Document]:
    """Gives the edits as documents."""
    return [{"kind": _KINDS[type(edit)], **written(edit)} for edit in edits]


def edits_of(documents: Iterable[Any]) -> tuple[Edit, ...]:
    """Gives the edits that were written."""
    return tuple(_READERS[document["kind"]](document) for document in documents)


def definition_of(document: Document) -> ToolDefinition:
    """Gives the definition that was written."""
    return ToolDefinition(**{**document, "id": ToolId(*document["id"])})


def _policy(document: Document | None) -> Policy | None:
    return None if document is None else policy_of(document)


def _grant(document: Document | None) -> Grant | None:
    return None if document is None else grant_of(document)


def _action(word: str | None) -> Action | None:
    return None if word is None else Action(word)


_KINDS: Final[Mapping[type, str]] = {
    PolicyEdit: "policy",
    DefaultEdit: "default",
    SwitchEdit: "switch",
    GrantEdit: "grant",
}
_READERS: Final[Mapping[str, Callable[[Document], Edit]]] = {
    "policy": lambda it: PolicyEdit(before=_policy(it["before"]), after=_policy(it["after"])),
    "default": lambda it: DefaultEdit(
        connector=it["connector"], before=_action(it["before"]), after=_action(it["after"])
    ),
    "switch": lambda it: SwitchEdit(
        connector=it["connector"], tool=it["tool"], before=it["before"], after=it["after"]
    ),
    "grant": lambda it: GrantEdit(before=_grant(it["before"]), after=_grant(it["after"])),
}
