"""Tools: their names, their definitions, and what the catalog knows of them."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, NewType, Self

from typing_extensions import override

from bot.domain.actions import Effect
from bot.domain.canonical import JsonObject, digest
from bot.domain.errors import Refusal

ConnectorName = NewType("ConnectorName", str)

_CONNECTOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_TOOL = re.compile(r"[A-Za-z0-9_.:/-]{1,256}")


class BadConnectorName(Refusal):
    """“{name}” cannot name a connector. Use letters, digits, dot, dash and underscore, at most 64."""


class BadToolName(Refusal):
    """“{name}” cannot name a tool. Tool names have letters, digits and _ . : / - only, at most 256."""


class NotATool(Refusal):
    """“{text}” does not name a tool. Write connector:tool, for example acme-it:reset_password."""


class ToolId(NamedTuple):
    """A tool's identity: the connector and the name, compared byte for byte."""

    connector: str
    name: str

    @override
    def __str__(self) -> str:
        return f"{self.connector}:{self.name}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Gives the tool that `connector:name` names; the name may itself hold colons.

        Raises:
            NotATool: no colon, or a part that cannot be a name.
        """
        connector, colon, name = text.partition(":")
        if not colon or not _CONNECTOR.fullmatch(connector) or not _TOOL.fullmatch(name):
            raise NotATool(text=shortened(text))
        return cls(connector, name)


def check_connector_name(name: str) -> ConnectorName:
    """Gives the name back if a connector can have it.

    Raises:
        BadConnectorName: characters outside the alphabet, or too long.
    """
    if not _CONNECTOR.fullmatch(name):
        raise BadConnectorName(name=shortened(name))
    return ConnectorName(name)


def check_tool_name(name: str) -> str:
    """Gives the name back if a tool can have it.

    Raises:
        BadToolName: characters outside the alphabet, not in NFC, or too long.
    """
    if not _TOOL.fullmatch(name) or unicodedata.normalize("NFC", name) != name:
        raise BadToolName(name=shortened(name))
    return name


def shortened(text: str, limit: int = 80) -> str:
    """Gives the text for a sentence: at most `limit` characters, with a mark where it was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDefinition:
    """A tool as its server describes it; outside text, shown but never trusted."""

    id: ToolId
    title: str = ""
    description: str = ""
    input_schema: JsonObject
    output_schema: JsonObject | None = None
    annotations: JsonObject | None = None

    @property
    def fingerprint(self) -> str:
        """SHA-256 over everything an approver or an agent relies on; any change of it is drift."""
        return digest(
            {
                "connector": self.id.connector,
                "name": self.id.name,
                "title": self.title,
                "description": self.description,
                "input": self.input_schema,
                "output": self.output_schema,
                "annotations": self.annotations,
            }
        )

    @property
    def plain_title(self) -> str:
        """What to call the tool in a sentence for people."""
        if self.title:
            return self.title
        words = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", self.id.name)
        return re.sub(r"[\s_./:-]+", " ", words).strip().capitalize() or self.id.name


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogTool:
    """What Countersign knows of a tool: the definition, its effect, and whether it may be used."""

    definition: ToolDefinition
    fingerprint: str
    accepted: str
    effect: Effect
    why: str
    present: bool = True
    enabled: bool = True
    connector_on: bool = True

    @property
    def id(self) -> ToolId:
        """The tool's identity."""
        return self.definition.id

    @property
    def drifted(self) -> bool:
        """Whether the definition is another one than the one that was accepted."""
        return self.fingerprint != self.accepted


Catalog = Mapping[ToolId, CatalogTool]
