"""Reads what Slack is sent, as a person would: the texts in their order, and the buttons."""

from collections.abc import Iterator, Mapping, Sequence

from bot.domain.canonical import JsonObject, JsonValue


def objects_in(value: JsonValue) -> Iterator[JsonObject]:
    """Gives every object at any depth, in order."""
    if isinstance(value, Mapping):
        yield value
        for inner in value.values():
            yield from objects_in(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            yield from objects_in(inner)


def read(blocks: Sequence[JsonObject]) -> str:
    """Gives all the texts of the blocks, one after the other."""
    return "".join(str(one["text"]) for one in objects_in(blocks) if isinstance(one.get("text"), str))


def contents(blocks: Sequence[JsonObject]) -> str:
    """Gives the texts below the heading, without what we say of where something goes on."""
    shown = [block for block in blocks if block["type"] in {"section", "rich_text"}]
    return "".join(
        str(one["text"])
        for one in objects_in(shown)
        if isinstance(one.get("text"), str) and one.get("style") != {"italic": True}
    )


def buttons_of(blocks: Sequence[JsonObject]) -> dict[str, JsonObject]:
    """Gives the buttons by their action id."""
    return {str(one["action_id"]): one for one in objects_in(blocks) if one.get("type") == "button"}


def blocks_of(view: JsonObject) -> list[JsonObject]:
    """Gives the blocks of a view."""
    blocks = view["blocks"]
    assert isinstance(blocks, list)
    return [block for block in blocks if isinstance(block, dict)]
