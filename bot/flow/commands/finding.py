"""Finding what a command names among the policies."""

from collections.abc import Sequence

from bot.domain.policies import Policy
from bot.domain.tools import shortened
from bot.flow.commands.pages import hint
from bot.flow.commands.refusals import NoSuchThing


def policy_named(policies: Sequence[Policy], name: str) -> Policy:
    """Gives the policy of this very name, else the only one that is it but for capital letters.

    Raises:
        NoSuchThing: there is none; it names what is most like it.
    """
    exact = next((policy for policy in policies if policy.name == name), None)
    if exact is not None:
        return exact
    alike = [policy for policy in policies if policy.name.casefold() == name.casefold()]
    if len(alike) == 1:
        return alike[0]
    known = [policy.name for policy in policies]
    raise NoSuchThing(what="policy", name=shortened(name), hint=hint(name, known))
