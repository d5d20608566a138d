"""Teams' limits, each with where it is written; what we send stays within them whatever people write."""

from typing import Final

# Source: https://learn.microsoft.com/microsoftteams/limits-specifications-teams
MESSAGE_BYTES: Final = 28_000
"""Bytes of one post, everything in it counted as it goes over the wire: as JSON with all but ASCII escaped.

More is allowed to bots elsewhere; the smaller number goes everywhere.
Source: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
"""
CARD_BYTES: Final = 26_000
"""Bytes of one card. Ours: the rest is for the activity around it."""
READ_TEXT: Final = 8_000
"""Characters of what a card shows in a chat. Ours: more is read in a dialog, page by page."""
COMPACT_BYTES: Final = 9_000
"""Bytes of what a card shows that cannot show everything. Ours: it is read at a glance."""
PIECE_BYTES: Final = 5_000
"""Bytes of one piece of a long text. Ours: a few of them make a page."""
TEXT_BYTES: Final = 12_000
"""Bytes of one plain message. Ours: more is not read at a time."""

# Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference
VERSION: Final = "1.5"
"""The newest version of Adaptive Cards that cards of bots may have."""
ROW_ACTIONS: Final = 6
"""Buttons of one row that are all shown."""

BUTTON_TEXT: Final = 60
"""Characters of a button's words. Ours: longer ones do not fit the width of a phone."""
SUMMARY_TEXT: Final = 300
"""Characters of what a notification says. Ours: Teams shows about a line of it."""
SUMMARY_BYTES: Final = 900
"""Bytes of what a notification says. Ours: it goes with a card, and both have to fit a message."""
