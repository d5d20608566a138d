"""Everything that chat surfaces remember, in one hand."""

from dataclasses import dataclass

from bot.ports.chat import Codes, Conversations, Homes, Inbox, Installations, Postings
from bot.ports.signin import SignIns


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the chat surfaces remember."""

    installations: Installations
    postings: Postings
    inbox: Inbox
    homes: Homes
    codes: Codes
    conversations: Conversations
    sign_ins: SignIns
