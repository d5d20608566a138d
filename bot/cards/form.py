"""Forms of several pages, written once for every surface."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.cards.model import Dialog


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPage:
    """One page of a form; sending it gives the next page, or an answer."""

    form: str
    """The form's name; one word."""
    state: str = ""
    """What the surface keeps with the page and gives back as it was: our own, at most 1,000 characters."""
    dialog: Dialog
    problems: Mapping[str, str] = field(default_factory=dict)
    """What is wrong with what was filled in, in a sentence by the name of the field."""
