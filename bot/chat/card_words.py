"""Our words on cards and answers, the same on every surface."""

from typing import Final

STATUSES: Final = {
    "received": ("●", "Received"),
    "planning": ("●", "Planning"),
    "waiting": ("○", "Waiting"),
    "executing": ("●", "Running"),
    "answered": ("✓", "Answered"),
    "done": ("✓", "Done"),
    "failed": ("✕", "Failed"),
    "denied": ("✕", "Denied"),
    "expired": ("–", "Expired"),
    "withdrawn": ("–", "Withdrawn"),
    "attention": ("!", "Needs attention"),
    "noted": ("–", "Noted"),
    "approved": ("✓", "Approved"),
    "pending": ("○", "Pending"),
    "void": ("–", "No longer valid"),
    "succeeded": ("✓", "Succeeded"),
    "refused": ("✕", "Refused"),
    "skipped": ("–", "Left out"),
    "unknown": ("!", "Outcome unknown"),
}
"""A mark and a word for every status of a request, an approval and a call; never the mark alone."""

EFFECTS: Final = {"read": "Only reads", "write": "Changes data", "destroy": "Destroys data"}

DECISIONS: Final = {
    "auto": "Runs without asking",
    "step_up": "Needs a fresh sign-in",
    "approval_needed": "Needs approval",
    "disabled": "Switched off",
}

NOTHING: Final = "–"
"""Stands where a text is empty."""
BETWEEN: Final = "\u00a0· "
NO_ARGUMENTS: Final = "No arguments."
ANSWER: Final = "Answer of the system"
NOT_EVERYTHING: Final = "Not everything fits here."
WHOLE: Final = "The whole request"
VIEW_ALL: Final = "View all"
PREVIOUS: Final = "Previous"
NEXT: Final = "Next"
UNTITLED: Final = "A request"
UNSHOWN: Final = "This card cannot be shown here. Open it to see everything, and to decide."
CUT: Final = "This is not all of it: the rest does not fit here. Narrow it with words."
PREVIOUS_PAGE: Final = "Previous page"
NEXT_PAGE: Final = "Next page"


def status_word(status: str) -> str:
    """Gives the status in words."""
    return STATUSES[status][1] if status in STATUSES else _plainly(status)


def marked_status(status: str) -> str:
    """Gives the status in words, after its mark."""
    return " ".join(STATUSES[status]) if status in STATUSES else _plainly(status)


def effect_words(effect: str) -> str:
    """Gives what a tool does to the system behind it."""
    return EFFECTS.get(effect) or _plainly(effect)


def decision_words(decision: str) -> str:
    """Gives what the policy says of a call."""
    return DECISIONS.get(decision) or _plainly(decision)


def left_out_words(text: str) -> str:
    """Gives what stands for a text that does not fit."""
    return f"not shown here, {len(text):,} characters"


def part_words(name: str, number: int, total: int) -> str:
    """Gives what stands above a part of something long."""
    return f"{name}, part {number} of {total}:"


def page_words(page: int, total: int) -> str:
    """Gives which page it is."""
    return f"Page {page} of {total}."


def _plainly(word: str) -> str:
    return word.replace("_", " ").strip().capitalize() or NOTHING
