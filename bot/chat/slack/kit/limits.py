"""Slack's limits, each with where it is written; what we send stays within them whatever people write."""

from datetime import timedelta
from typing import Final

# Source: https://docs.slack.dev/reference/block-kit/blocks
MESSAGE_BLOCKS: Final = 50
VIEW_BLOCKS: Final = 100
HEADER_TEXT: Final = 150
SECTION_TEXT: Final = 3000
SECTION_FIELD: Final = 2000
SECTION_FIELDS: Final = 10
CONTEXT_ELEMENTS: Final = 10
ACTION_ELEMENTS: Final = 25
RICH_TEXT: Final = 3000
"""Characters of one rich text block. Ours: no limit is written down, so that of a section is kept."""
BLOCK_ID: Final = 255
INPUT_LABEL: Final = 2000
INPUT_HINT: Final = 2000

# Source: https://docs.slack.dev/reference/block-kit/block-elements
BUTTON_TEXT: Final = 75
BUTTON_VALUE: Final = 2000
ACTION_ID: Final = 255
PLACEHOLDER: Final = 150
TEXT_INPUT: Final = 3000
OPTIONS: Final = 100
OPTION_GROUPS: Final = 100
OVERFLOW_OPTIONS: Final = 5
CHECKBOXES: Final = 10

# Source: https://docs.slack.dev/reference/block-kit/composition-objects
OPTION_TEXT: Final = 75
OPTION_VALUE: Final = 150
OPTION_DESCRIPTION: Final = 75
CONFIRM_TITLE: Final = 100
CONFIRM_TEXT: Final = 300
CONFIRM_BUTTON: Final = 30

# Source: https://docs.slack.dev/reference/views
VIEW_TITLE: Final = 24
PRIVATE_METADATA: Final = 3000
CALLBACK_ID: Final = 255
VIEW_BYTES: Final = 250_000
PAGE_BLOCKS: Final = 80
PAGE_BYTES: Final = 200_000
"""What one page of a long card holds. Ours: the rest is for headings, buttons and metadata."""

# Source: https://docs.slack.dev/reference/methods/chat.postMessage
FALLBACK_TEXT: Final = 4000
"""Characters of `text` that are not cut; more than 40,000 are refused."""
MESSAGE_TEXT: Final = 13_200
"""Characters of all texts of a message together. Source: measured; the answer is `msg_blocks_too_long`."""
CARD_WEIGHT: Final = 12_000
"""Characters of a card's blocks as JSON. What Slack counts is not written down; messages with less text
than `MESSAGE_TEXT` were refused, so what is around the texts counts too.

Source: https://github.com/slackapi/bolt-js/issues/2867, https://github.com/slackapi/bolt-js/issues/2509
"""
COMPACT_WEIGHT: Final = 5_000
"""Characters, as JSON, of what a card shows that cannot show everything. Ours: it is read at a glance."""

# Source: https://docs.slack.dev/apis/web-api/rate-limits
POST_EVERY: Final = timedelta(seconds=1)
"""How often one channel takes a message."""

# Source: https://docs.slack.dev/apis/events-api, https://docs.slack.dev/interactivity
ACKNOWLEDGE: Final = timedelta(seconds=3)
TRIGGER: Final = timedelta(seconds=3)
