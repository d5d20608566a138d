"""The internal note: diagnosis, reads and plan, for technicians' eyes only."""

from bot.cards.story import Story
from bot.cards.visible import visible
from bot.cards.words import one_line, shown_arguments
from bot.domain.requests import CallStatus, RequestStatus
from bot.domain.tools import shortened


def note_text(story: Story) -> str:
    """Gives the note as plain text, one fact a line."""
    request = story.request
    words = shortened(visible(one_line(request.text), set()), 500)
    asked = f"asked: “{words}”" if words else "filled the request form"
    lines = [f"Internal note · {story.name(request.requester)} {asked}"]
    if request.diagnosis:
        lines.append(f"Diagnosis: {visible(request.diagnosis, set())}")
    for call in story.reads:
        answer = "answered" if call.status is CallStatus.SUCCEEDED else "did not answer"
        lines.append(f"Read {call.tool} ({shown_arguments(story, call)}): {answer}.")
    if story.steps:
        lines.append("Plan:")
    for number, call in enumerate(story.steps, start=1):
        decision = f"{call.action.value}. {call.reason}" if call.action else "not decided yet."
        lines.append(f"{number}. {call.tool} ({shown_arguments(story, call)}) → {decision}")
    if not story.steps:
        lines.append("Plan: nothing to run.")
    if request.status is RequestStatus.NOTED:
        lines.append("This tenant is in plan mode: nothing runs and nobody is asked.")
    return "\n".join(lines)
