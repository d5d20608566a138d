"""Which tools' answers only the one who asked may read."""

from collections.abc import Mapping

from bot.domain.actions import Effect
from bot.domain.canonical import JsonValue
from bot.domain.sensitive import hands_out_secrets
from bot.domain.tool_inputs import read_inputs
from bot.domain.tool_names import words
from bot.domain.tools import CatalogTool


def may_answer_secrets(tool: CatalogTool) -> bool:
    """Whether the tool’s answer may hold a secret: by its output’s schema, or for a read, by its name.

    What sets a secret seldom answers with it; a server that does so says it in the schema.
    """
    definition = tool.definition
    if _says_secret(definition.output_schema):
        return True
    if tool.effect is not Effect.READ:
        return False
    names = read_inputs(definition.input_schema).names
    return hands_out_secrets(
        name=words(definition.id.name), arguments=names, description=definition.description
    )


def _says_secret(schema: JsonValue) -> bool:
    if isinstance(schema, Mapping):
        if schema.get("format") == "password" or schema.get("writeOnly") is True:
            return True
        return any(_says_secret(inner) for inner in schema.values())
    return isinstance(schema, list | tuple) and any(_says_secret(inner) for inner in schema)
