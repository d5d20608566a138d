"""What a tool answered, made small enough to store and show."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.canonical import JsonValue, canonical, parse
from bot.domain.errors import Refusal
from bot.domain.requests import CallResult

MAX_TEXT: Final = 100_000
"""Characters of text that are kept of an answer."""

MAX_CONTENT: Final = 256_000
"""Characters that the structured answer may have in canonical form."""

_CUT: Final = "\n\n[The answer was longer. The rest is not kept.]"
_DROPPED: Final = "[The structured answer was too large and is not kept.]"

_NOTHING_MORE: Final = (
    "The tool asks for more input while it runs, which is not supported. Nothing was changed."
)


class NoAnswer(Refusal):
    """The server's answer is no answer to a tool call."""


def read_result(result: Mapping[str, object], *, duration_s: float) -> CallResult:
    """Gives the result of a tool call, as it came over the wire, as text and as JSON.

    The JSON is what the server calls structured, else its one text if that is JSON, else None. What is too
    long is cut and says so; pictures and files are named only.

    Raises:
        NoAnswer: it is nothing that a tool answers.
    """
    blocks = result.get("content")
    structured = result.get("structuredContent")
    if result.get("resultType") == "input_required":
        return CallResult(ok=False, text=_NOTHING_MORE, duration_s=duration_s)
    if not isinstance(blocks, list | tuple) and structured is None:
        raise NoAnswer
    described = [_described(block) for block in blocks] if isinstance(blocks, list | tuple) else []
    text = "\n".join(filter(None, described))
    if structured is None:
        content = _parsed(described[0]) if len(described) == 1 and _is_text(blocks) else None
    else:
        content = _kept(structured)
        if content is None:
            text = f"{text}\n\n{_DROPPED}".strip()
        elif not text:
            text = json.dumps(content, ensure_ascii=False)
    return CallResult(
        ok=result.get("isError") is not True, text=cut(text), content=content, duration_s=duration_s
    )


def cut(text: str, limit: int = MAX_TEXT) -> str:
    """Gives the text, cut at the limit with a mark that says so; halves of surrogates become a `?`."""
    whole = text.encode(errors="replace").decode()
    return whole if len(whole) <= limit else whole[: limit - len(_CUT)] + _CUT


def _is_text(blocks: object) -> bool:
    return isinstance(blocks, Sequence) and isinstance(blocks[0], Mapping) and blocks[0].get("type") == "text"


def _described(block: object) -> str:
    """Gives a block's text; for any other kind, what it is."""
    if not isinstance(block, Mapping):
        return "[something that cannot be shown]"
    kind, text, resource = block.get("type"), block.get("text"), block.get("resource")
    if kind == "text" and isinstance(text, str):
        return text
    if kind == "resource" and isinstance(resource, Mapping):
        inner = resource.get("text")
        return inner if isinstance(inner, str) else _named("a file", resource)
    known = {"image": "a picture", "audio": "a sound recording", "resource_link": "a link"}
    return _named(known.get(str(kind), "something that cannot be shown"), block)


def _named(what: str, block: Mapping[object, object]) -> str:
    facts = [str(block[key])[:200] for key in ("name", "uri", "mimeType") if block.get(key)]
    return f"[{what}: {', '.join(facts)}]" if facts else f"[{what}]"


def _parsed(text: str) -> JsonValue:
    """Gives the value that the text spells as JSON; None when it is too long or no list or object."""
    if len(text) > MAX_CONTENT or text.lstrip()[:1] not in {"{", "["}:
        return None
    try:
        return parse(text)
    except Refusal:
        return None


def _kept(structured: object) -> JsonValue:
    """Gives the structured answer; None when it is too large, too deep, or no JSON."""
    value: JsonValue = structured  # type: ignore[assignment]  # whether it is one, `canonical` finds out
    try:
        return value if len(canonical(value)) <= MAX_CONTENT else None
    except Refusal:
        return None
