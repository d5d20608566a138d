"""Reads foreign JSON without trusting its shape."""

from bot.domain.canonical import JsonObject, JsonValue


def object_of(value: object) -> JsonObject:
    """Gives the value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def object_at(data: JsonObject, *path: str) -> JsonObject:
    """Gives the object at a path of names; empty where there is none."""
    at: JsonValue = data
    for name in path:
        at = at.get(name) if isinstance(at, dict) else None
    return object_of(at)


def text_at(data: JsonObject, *path: str) -> str:
    """Gives the text at a path of names; empty where there is none."""
    found = object_at(data, *path[:-1]).get(path[-1])
    return found if isinstance(found, str) else ""


def rows_at(data: JsonObject, name: str) -> list[JsonObject]:
    """Gives the objects of a list; empty where there is none."""
    found = data.get(name)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
