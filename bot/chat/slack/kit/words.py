"""Our words for statuses, effects and decisions, the same as on the web surface."""

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


def _plainly(word: str) -> str:
    return word.replace("_", " ").strip().capitalize() or "–"
