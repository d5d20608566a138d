"""Why nothing can be done from an account in Teams."""

from bot.chat.accounts import UnknownAccount
from bot.domain.errors import Refusal


class NobodySigned(UnknownAccount):
    """I do not know who you are: Teams does not say which account this is. Sign in with your work account."""


class GuestUnknown(UnknownAccount):
    """You are a guest in this organisation, so your address proves nothing. Ask IT to link your account."""


class GuestHere(Refusal):
    """You are a guest in this organisation, and guests decide nothing here. Somebody else has to."""

    kind = "forbidden"


class AddMeFirst(Refusal):
    """I cannot find out yet who you are. Add me in Teams (Apps, then Add), and try it again."""

    kind = "conflict"


class StrangerHere(Refusal):
    """You are from another organisation, so nothing can be asked or decided from your account here."""

    kind = "forbidden"
