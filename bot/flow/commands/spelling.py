"""Spells commands so that reading them gives them back."""

from typing import Final

from bot.domain.canonical import JsonObject, canonical
from bot.flow.commands.form import EmailRef, MentionRef, PersonRef

QUOTES: Final = '"“”„‟«»'
"""What may open and close a word with spaces; keyboards turn the first into the others."""

DASHES: Final = ("--", "—", "–")
"""What may stand before a flag's name; keyboards turn the first into the others."""

ESCAPED: Final = frozenset(f"{QUOTES}\\<")
"""What a backslash takes its meaning from between quotation marks."""

_NOT_FIRST: Final = (*QUOTES, *DASHES, "-", "{", "[", "/", "@")


def spelled(*parts: str) -> str:
    """Gives the command of these parts; empty ones are left out."""
    return " ".join(part for part in parts if part)


def flagged(name: str, written: str) -> str:
    """Gives the flag with what stands behind it; nothing where that is nothing."""
    return f"--{name} {written}" if written else ""


def on_page(page: int) -> str:
    """Gives the flag for this page; nothing for the first."""
    return flagged("page", str(page) if page > 1 else "")


def quoted(text: str) -> str:
    """Gives the text as one word of a command, in quotation marks where needed; nothing for nothing."""
    is_plain = text.isprintable() and not text.startswith(_NOT_FIRST)
    if is_plain and not any(sign.isspace() or sign in ESCAPED for sign in text):
        return text
    signs = (f"\\{sign}" if sign in ESCAPED else sign for sign in text)
    return f'"{"".join(signs)}"' if text else ""


def written_person(person: PersonRef | str | None) -> str:
    """Gives the person as one would name them; a text is the name of something else, like a group."""
    match person:
        case MentionRef(surface_id=surface_id):
            return f"<@{surface_id}>"
        case EmailRef(email=email):
            return quoted(email)
        case str():
            return quoted(person)
        case None:
            return ""


def written_arguments(arguments: JsonObject) -> str:
    """Gives the arguments as one would write them; nothing for none."""
    return canonical(arguments).replace("<", "\\u003c") if arguments else ""
