"""Lays down a whole policy, new or instead of the one that somebody looked at."""

from collections.abc import Iterable, Sequence

from bot.domain.errors import Refusal
from bot.domain.policies import Policy
from bot.domain.rule_changes import Edit, PolicyEdit, Rulebook
from bot.domain.tools import NotATool, ToolId, shortened
from bot.flow.change_rules import Draft
from bot.flow.wanted import bare


class NameTaken(Refusal):
    """There is a policy named “{name}” already. Choose another name, or change that one with “policy edit”."""  # noqa: E501 - one sentence, as it is read

    kind = "conflict"


def lay_down(policy: Policy, before: Policy | None) -> Draft:
    """Gives the draft of the policy instead of `before`, which is as it was when it was looked at.

    The draft raises NameTaken where another policy has the name. It has no edits where both say the same.
    """

    def draft(rulebook: Rulebook) -> Sequence[Edit]:
        holder = rulebook.named(policy.name)
        if holder is not None and holder.id != policy.id:
            raise NameTaken(name=shortened(policy.name))
        if before is not None and bare(policy) == bare(before):
            return ()
        return (PolicyEdit(before=before, after=policy),)

    return draft


def is_of_a_tool(name: str, connectors: Iterable[str]) -> bool:
    """Whether a policy of this name would pass for a tool's own policy, or for a default."""
    if name == "*" or any(name.startswith(f"{connector}:") for connector in connectors):
        return True
    try:
        ToolId.parse(name)
    except NotATool:
        return False
    return True
