"""Says how a field is filled in, where that is not plain to see."""

from collections.abc import Mapping
from typing import Final

from bot.chat.schema_form.kinds import Kind, Takes
from bot.chat.schema_form.measures import Measures
from bot.chat.texts import TextMeasure
from bot.domain.canonical import JsonObject, canonical

_FORMATS: Final = {
    "email": "An e-mail address.",
    "idn-email": "An e-mail address.",
    "uri": "A full web address, such as https://example.com/page.",
    "iri": "A full web address, such as https://example.com/page.",
    "time": "A time, such as 09:30:00Z.",
    "duration": "A duration, such as P3D or PT2H.",
}


def how(schema: JsonObject, kind: Kind, takes: Takes, measures: Measures) -> str:
    """Gives how the field is filled in; empty where nothing needs to be said.

    Args:
        schema: the argument's, without “or nothing”.
        kind: of field that the argument wants.
        takes: what the field takes, which is another thing where there are too many choices for a menu.
        measures: of the platform.
    """
    match takes:
        case Takes.NAMED:
            shown = _examples(kind, measures.texts)
            return f"There are too many for a list. Write it exactly, such as {shown}."
        case Takes.LINES:
            what = {Takes.WHOLE: "One whole number", Takes.NUMBER: "One number"}.get(kind.item, "One")
            return f"{what} on each line."
        case Takes.WHOLE | Takes.NUMBER:
            return _range(schema)
        case Takes.MOMENT:
            return measures.moment
        case Takes.JSON:
            return _json(schema, measures.texts)
        case Takes.TEXT:
            return _FORMATS.get(str(schema.get("format")), "")
        case _:
            return ""


def _examples(kind: Kind, texts: TextMeasure) -> str:
    values = [value for _, value in kind.choices[:3]]
    return ", ".join(
        texts.words(value if isinstance(value, str) else canonical(value), 40) for value in values
    )


def _range(schema: JsonObject) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if isinstance(least, int | float) and isinstance(most, int | float):
        return f"From {least} to {most}."
    if isinstance(least, int | float):
        return f"{least} or more."
    return f"{most} or less." if isinstance(most, int | float) else ""


def _json(schema: JsonObject, texts: TextMeasure) -> str:
    if schema.get("type") == "array":
        return "A list, written as JSON."
    properties = schema.get("properties")
    if isinstance(properties, Mapping) and properties:
        names = [texts.words(name, 40) for name in list(properties)[:8]]
        more = ", and others" if len(properties) > len(names) else ""
        return f"Written as JSON, with these names: {', '.join(names)}{more}."
    return 'Written as JSON, such as {"name": "value"}.'
