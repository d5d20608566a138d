"""Values that a runbook makes of the lists that its reads gave."""

from collections.abc import Mapping

from bot.agent.runbook import Derived
from bot.agent.templates import fill
from bot.domain.canonical import JsonObject, JsonValue


def derive(derived: Derived, root: JsonObject) -> JsonValue:
    """Gives the first member that fits, or None; with a text, the list of the fitting members’ texts.

    Raises:
        Missing: the list, or what members are compared with, is not there.
    """
    among = derived.among.get(root)
    members = among if isinstance(among, list | tuple) else []
    wanted = {name: fill(tree, root) for name, tree in derived.where.items()}
    fitting = [member for member in members if _fits(member, wanted)]
    if derived.text is None:
        return fitting[0] if fitting else None
    return [derived.text.text({**root, "item": member}) for member in fitting]


def _fits(member: JsonValue, wanted: JsonObject) -> bool:
    if not wanted:
        return True
    return isinstance(member, Mapping) and all(member.get(name) == value for name, value in wanted.items())
