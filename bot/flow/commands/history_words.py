"""Changes as answers show them: what changed, who did it, when and why."""

from collections.abc import Iterable, Mapping
from datetime import tzinfo

from bot.cards.answer import AnswerButton, AnswerRow, Press
from bot.cards.model import Fact
from bot.cards.visible import visible
from bot.domain.people import Person, PersonId
from bot.domain.rule_changes import RuleChange
from bot.domain.tools import shortened
from bot.flow.commands.people import shown_name
from bot.flow.commands.policy_words import emails_of, moment
from bot.flow.commands.spelling import spelled
from bot.flow.edit_words import edit_sentence, persons_in

_SHOWN = 3
"""Edits of a change that a list shows."""
_SENTENCE = 400


def named_in_changes(changes: Iterable[RuleChange]) -> set[PersonId]:
    """Gives the persons whom the changes name: authors, second admins, and those in their edits."""
    found = set[PersonId]()
    for change in changes:
        found |= {one for one in (change.actor, change.approved_by) if one is not None}
        found |= persons_in(change.edits)
    return found


def change_row(
    change: RuleChange, people: Mapping[PersonId, Person], zone: tzinfo, *, may_undo: bool
) -> AnswerRow:
    """Gives one change as a row, with what it changed and, for who may, the button that takes it back."""
    emails = emails_of(people)
    told = [shortened(edit_sentence(edit, emails), _SENTENCE) for edit in change.edits[:_SHOWN]]
    if len(change.edits) > _SHOWN:
        told.append(f"and {len(change.edits) - _SHOWN} more: policy diff {change.number - 1} {change.number}")
    by = shown_name(people, change.by) if change.actor else change.by
    second = f", approved by {shown_name(people, change.approved_by)}" if change.approved_by else ""
    facts = [Fact("What", visible(line, set())) for line in told]
    facts.append(Fact("By", f"{by}{second}, {moment(change.at, zone)}"))
    if change.undoes is not None:
        facts.append(Fact("Takes back", f"change {change.undoes}"))
    if change.reason:
        facts.append(Fact("Reason", visible(change.reason, set())))
    undo = AnswerButton(label="Undo", press=Press.RUN, value=spelled("policy undo", str(change.number)))
    return AnswerRow(label=f"Change {change.number}", facts=tuple(facts), button=undo if may_undo else None)
