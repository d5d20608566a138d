"""What the flow refuses, each in the sentence that the person reads."""

from bot.domain.errors import Refusal


class UnknownPerson(Refusal):
    """Nobody with the address “{email}” is in the directory. Check the spelling."""

    kind = "missing"


class DisabledPerson(Refusal):
    """{name}’s account is disabled, so nothing can be asked or decided with it."""

    kind = "forbidden"


class NothingSaid(Refusal):
    """There is no text in your message. Say in a few words what you need."""


class TooMuchText(Refusal):
    """Your message is longer than {limit} characters. Say it shorter, or attach it where IT can open it."""

    kind = "too_large"


class TooManyDetails(Refusal):
    """There are {limit} additions already. Withdraw the request and ask again in one message."""

    kind = "conflict"


class TooManyOpen(Refusal):
    """You have {limit} requests open. Wait until some are decided, or withdraw what you need no more."""

    kind = "conflict"


class UnknownCard(Refusal):
    """There is no such card for you. Open the newest one in your chat."""

    kind = "missing"


class UnknownRequest(Refusal):
    """There is no such request."""

    kind = "missing"


class AlreadyDecided(Refusal):
    """Too late, and nothing changed by your click: {what}."""

    kind = "conflict"


class OwnRequest(Refusal):
    """You asked for this yourself, so somebody else has to decide it."""

    kind = "forbidden"


class NotYourSeat(Refusal):
    """You cannot decide this: it is asked of {who}."""

    kind = "forbidden"


class SecondSeat(Refusal):
    """Your word counts for this request already. Somebody else has to decide here."""

    kind = "forbidden"


class AlreadyReviewed(Refusal):
    """You have approved this already. It needs {more} more from your group."""

    kind = "conflict"


class TooLate(Refusal):
    """This was open until {until}. {name} has to ask again."""

    kind = "conflict"


class NotOffered(Refusal):
    """“{action}” is not offered on this card. Use one of its buttons."""


class BadValue(Refusal):
    """{label}: {why}"""  # noqa: D415 - the reason ends the sentence

    @property
    def fields(self) -> dict[str, str]:
        """The sentence by the name of the field it is about."""
        return {str(self.facts["name"]): str(self.facts["why"])}


class NudgedAlready(Refusal):
    """You nudged at {at}. The next nudge is possible at {again}."""

    kind = "conflict"


class NotPossibleNow(Refusal):
    """That is not possible now: {status}"""  # noqa: D415 - the status ends the sentence

    kind = "conflict"


class BadForm(Refusal):
    """Some fields need another look. Nothing was sent."""

    @property
    def fields(self) -> dict[str, str]:
        """A sentence per wrong field, by its dotted path."""
        found = self.facts.get("fields")
        return {str(path): str(why) for path, why in found.items()} if isinstance(found, dict) else {}


class StillFrozen(Refusal):
    """{what} You can deny it now, or approve it then."""

    kind = "conflict"


class StandingForbidden(Refusal):
    """{tool} may not be allowed in advance: each call of it is decided by itself."""

    kind = "forbidden"
