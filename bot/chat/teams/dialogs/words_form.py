"""The form that passes a message, or plain words, on as a request."""

from typing import Final

from bot.chat.teams.dialogs.fields import laid_out, with_errors
from bot.chat.teams.dialogs.request_form import NOTE, TITLE, note_field
from bot.chat.teams.dialogs.view import DialogView, view
from bot.chat.teams.kit.actions import Do, submitting
from bot.chat.teams.kit.limits import CARD_BYTES
from bot.chat.teams.kit.texts import fitting, wire_bytes
from bot.flow.intake import MAX_TEXT

WORDS: Final = "words"
"""The word under which its button keeps that no tool can be picked in it."""
_LABEL: Final = "What do you need?"
_HINT: Final = "Say in a few words what you need. Change what stands here as you like."
_CUT: Final = f"{_HINT} The message was too long, so only its beginning stands here."


def words_view(text: str, *, key: str, problem: str = "") -> DialogView:
    """Gives the form with the text in it; it is read as the first step of the request form is.

    Args:
        text: the message; empty for none.
        key: the surface's own id of what will be sent, at most 200 characters.
        problem: what was wrong with the words.
    """
    whole = text.strip()
    send = submitting("Send", Do.SEND, style="positive", key=key, form=WORDS)
    room = CARD_BYTES - wire_bytes(view(TITLE, [], [send]).card)
    empty = with_errors([note_field(_LABEL, "", hint=_CUT, required=True)], {NOTE: problem})
    shown = fitting(whole[:MAX_TEXT], room - empty[0].bytes() - 100)
    while len(shown.encode("utf-16-le", "surrogatepass")) // 2 > MAX_TEXT:
        shown = shown[: -max(1, len(shown) // 50)]
    words = note_field(_LABEL, shown, hint=_HINT if shown == whole else _CUT, required=True)
    return view(TITLE, laid_out(with_errors([words], {NOTE: problem}), room), [send])
