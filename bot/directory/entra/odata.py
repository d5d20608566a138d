"""Writes what Graph's query options take; whatever people typed is only text there.

Source: https://learn.microsoft.com/graph/query-parameters
"""

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

_PLAIN: Final = "$(),'@"
"""What stands for itself within a query option; `:` and `/` do not, so that no text looks like an address."""


def literal(text: str) -> str:
    """Gives the text in quotes; a quote within it is doubled."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def equal(property_: str, values: Iterable[str]) -> str:
    """Gives the filter that the property has one of these values, compared without case by Graph."""
    return " or ".join(f"{property_} eq {literal(value)}" for value in sorted(values))


def begins(properties: Iterable[str], text: str) -> str:
    """Gives the filter that one of the properties begins with the text; empty for an empty text."""
    if not text:
        return ""
    return " or ".join(f"startswith({one},{literal(text)})" for one in properties)


def path(resource: str, **options: str) -> str:
    """Gives the resource with its query options, named without their `$`; empty ones are left out."""
    query = "&".join(f"${name}={quote(value, safe=_PLAIN)}" for name, value in options.items() if value)
    return f"{resource}?{query}" if query else resource
