"""Conditions of a runbook, with the operators that policies have."""

from dataclasses import dataclass

from bot.agent.paths import Missing, Path
from bot.agent.templates import Tree, fill
from bot.domain.canonical import JsonObject
from bot.domain.comparisons import comparison
from bot.domain.policies import Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A test of what is known: `path operator value`."""

    path: Path
    operator: Operator
    value: Tree

    def holds(self, root: JsonObject) -> bool | None:
        """Whether it holds; None where a value is missing or of a kind that cannot be compared."""
        try:
            actual = self.path.get(root)
        except Missing:
            return self.value is False if self.operator is Operator.EXISTS else None
        if self.operator is Operator.EXISTS:
            return self.value is True
        try:
            return comparison(self.operator, fill(self.value, root))(actual)
        except Missing:
            return None


def all_hold(conditions: tuple[Condition, ...], root: JsonObject) -> bool:
    """Whether every condition holds; one that cannot be told does not."""
    return all(condition.holds(root) is True for condition in conditions)


def decided(conditions: tuple[Condition, ...], root: JsonObject) -> bool:
    """Whether every condition holds, where guessing is not good enough.

    Raises:
        Missing: none is false, and one cannot be told.
    """
    verdicts = [condition.holds(root) for condition in conditions]
    if False in verdicts:
        return False
    if None in verdicts:
        raise Missing(conditions[verdicts.index(None)].path)
    return True
