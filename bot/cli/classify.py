"""What `connector classify` makes of a tool definition; no deployment is needed."""

from collections.abc import Mapping

from bot.domain.canonical import JsonObject, parse
from bot.domain.effects import annotations_of, seed
from bot.domain.errors import Refusal
from bot.domain.tools import check_tool_name


class BadDefinition(Refusal):
    """This line is no tool definition: {why}. It is JSON like {example}."""

    def __init__(self, *, why: str) -> None:
        """Says what is wrong, with an example of what is right."""
        example = (
            '{"name": "get_user", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": true}}'
        )
        super().__init__(why=why, example=example)


def classified(line: str) -> JsonObject:
    """Gives name, effect, action and why of the MCP tool definition that the line holds.

    Raises:
        NotJson: it is no JSON.
        BadDefinition: it is something else than a tool definition.
        BadToolName: no connector could have a tool of this name.
    """
    value = parse(line, what="This line")
    if not isinstance(value, Mapping):
        raise BadDefinition(why="it is no JSON object")
    name, description = value.get("name"), value.get("description")
    schema, annotations = value.get("inputSchema", {}), value.get("annotations")
    if not isinstance(name, str) or not name:
        raise BadDefinition(why="“name” must be a text")
    if description is not None and not isinstance(description, str):
        raise BadDefinition(why="“description” must be a text")
    if not isinstance(schema, Mapping):
        raise BadDefinition(why="“inputSchema” must be an object")
    if annotations is not None and not isinstance(annotations, Mapping):
        raise BadDefinition(why="“annotations” must be an object")
    seeding = seed(
        name=check_tool_name(name),
        description=description,
        input_schema=schema,
        annotations=annotations_of(annotations),
    )
    return {
        "name": name,
        "effect": seeding.effect.value,
        "action": seeding.action.value,
        "why": seeding.why.value,
    }
