"""What commands refuse, each in the sentence that the person reads."""

from bot.domain.errors import Refusal


class OnlyAdmins(Refusal):
    """Only admins can {may}, and you are none. Ask an admin to do it."""

    kind = "forbidden"


class OnlyTechnicians(Refusal):
    """Only technicians and admins can {may}. Ask one of them."""

    kind = "forbidden"


class NotANumber(Refusal):
    """“{text}” is not the number of a page. Write it like --page 2."""


class NotASorting(Refusal):
    """“{text}” is not an order. Use one of: {known}."""


class UnknownMention(Refusal):
    """I do not know who that mention is. Write their e-mail address instead."""

    kind = "missing"


class NoSuchThing(Refusal):
    """There is no {what} “{name}”.{hint}"""  # noqa: D415 - the hint ends the sentence

    kind = "missing"


class NoSuchGrant(Refusal):
    """There is no standing approval “{start}” that you can see. “grants list” shows those there are."""

    kind = "missing"


class NotYoursToRevoke(Refusal):
    """Only an admin, or {name}, who gave it, can revoke this standing approval. Ask one of them."""

    kind = "forbidden"


class NotAPerson(Refusal):
    """“{text}” is no person. Mention them, or write their e-mail address."""
