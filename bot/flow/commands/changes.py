"""The numbers of changes that commands name."""

from typing import Final

from bot.domain.errors import Refusal
from bot.domain.rule_changes import RuleChange
from bot.domain.tools import shortened
from bot.flow.seams import Seams

_DIGITS: Final = 9
_MOST: Final = 500
"""Changes that are compared at once."""


class NotAChange(Refusal):
    """“{text}” is not the number of a change. “policy history” has the numbers; write one like 12."""


class TooFarApart(Refusal):
    """There are more than {most} changes in between. Compare moments that are closer to each other."""

    kind = "too_large"


class NoSuchChange(Refusal):
    """There is no change {number}. The newest is {newest}; “policy history” shows them."""

    kind = "missing"


def change_number(text: str) -> int:
    """Gives the number; a # before it may be written too.

    Raises:
        NotAChange: the text is none.
    """
    digits = text.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS):
        raise NotAChange(text=shortened(text))
    return int(digits)


async def change_of(seams: Seams, number: int) -> RuleChange:
    """Gives the change of this number.

    Raises:
        NoSuchChange: there is none.
    """
    async with seams.store.view(seams.tenant) as view:
        found = await view.changes.after(number - 1, upto=number) if number else ()
        newest = await view.changes.newest()
    if not found:
        raise NoSuchChange(number=number, newest=newest)
    return found[0]


async def changes_between(seams: Seams, first: int, last: int | None) -> tuple[RuleChange, ...]:
    """Gives the changes after the first number, up to the last one, oldest first; None stands for the newest.

    Raises:
        NoSuchChange: one of the numbers is of no change; 0 stands for the time before all of them.
        TooFarApart: there are too many in between.
    """
    async with seams.store.view(seams.tenant) as view:
        newest = await view.changes.newest()
        for number in (first, newest if last is None else last):
            if not 0 <= number <= newest:
                raise NoSuchChange(number=number, newest=newest)
        if (newest if last is None else last) - first > _MOST:
            raise TooFarApart(most=_MOST)
        return await view.changes.after(first, upto=last)
