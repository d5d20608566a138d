"""Previews as answers: what would change, what it would mean, and the button that saves it."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final

from bot.cards.answer import Answer, AnswerButton, AnswerRow, Press
from bot.cards.model import Fact, Style
from bot.cards.visible import visible
from bot.domain.rule_changes import Edit
from bot.flow.change_rules import ChangeRules, Draft, Forecast, Saved, named
from bot.flow.commands.form import Asker
from bot.flow.commands.pages import counted
from bot.flow.commands.people import people_of
from bot.flow.commands.policy_words import emails_of
from bot.flow.commands.spelling import spelled
from bot.flow.edit_words import change_of, persons_in, told_fields
from bot.flow.seams import Seams
from bot.flow.wanted import Change, ChangeKind
from bot.flow.write_edits import Author
from bot.ports.policy_files import Emails

MOST: Final = 20
"""Edits that a preview shows one by one."""
_VERBS = {ChangeKind.ADD: "new", ChangeKind.REPLACE: "changed", ChangeKind.REMOVE: "removed"}


async def emails_in(seams: Seams, edits: Sequence[Edit]) -> Emails:
    """Gives the addresses of the persons whom the edits name."""
    return emails_of(await people_of(seams.directory, persons_in(edits)))


async def previewed(
    seams: Seams,
    draft: Draft,
    asker: Asker,
    title: str,
    *,
    reason: str = "",
    undoes: int | None = None,
    note: Callable[[Forecast], Awaitable[str]] | None = None,
) -> Answer:
    """Gives the preview with the button that saves it; for the operator, what was written at once.

    An operator who only looks gets the preview without a button.

    Args:
        seams: the tenant.
        draft: what is wanted.
        asker: who wants it.
        title: the preview's title.
        reason: why, for the history.
        undoes: the number of the change that this one takes back.
        note: gives a further sentence for the preview.

    Raises:
        Refusal: the draft cannot be worked out; nothing is written.
    """
    rules, author = ChangeRules(seams), Author.of(asker.person, is_operator=asker.is_operator)
    if asker.is_operator and not asker.only_looks:
        return await saved_answer(seams, await rules.at_once(draft, author, reason=reason, undoes=undoes))
    forecast = await rules.preview(draft, author, reason=reason, undoes=undoes)
    said = await note(forecast) if note is not None else ""
    return await preview_answer(seams, title, forecast, note=said)


async def preview_answer(seams: Seams, title: str, forecast: Forecast, *, note: str = "") -> Answer:
    """Gives the preview of a change; without a Save button where nothing would change."""
    if not forecast.edits:
        return Answer(title=title, note=" ".join(filter(None, ("Nothing would change.", note))))
    emails = await emails_in(seams, forecast.edits)
    buttons: tuple[AnswerButton, ...] = ()
    if forecast.id is not None:
        label = "Ask a second admin" if forecast.needs_second else "Save"
        buttons = (
            AnswerButton(
                label=label,
                press=Press.RUN,
                value=spelled("policy save", forecast.id),
                style=Style.PRIMARY,
            ),
        )
    return Answer(
        title=title,
        facts=tuple(effect_facts(forecast)),
        lines=tuple(edit_rows(forecast.edits, emails)),
        note=" ".join(filter(None, (_saving(forecast), note))),
        buttons=buttons,
    )


async def saved_answer(seams: Seams, saved: Saved) -> Answer:
    """Gives the answer to a saved change."""
    if saved.proposal is not None:
        names = ", ".join(visible(person.name, set()) for person in saved.asked[:10])
        tools = named(saved.proposal.tools)
        return Answer(
            title="Another admin has to approve this change",
            facts=(Fact("Asked", names), Fact("Because it lets these do more", tools)),
            note="Until then everything stays as it is. You see the decision on your card.",
        )
    change = saved.change
    if change is None or not change.edits:
        return Answer(title="Nothing to save", note="It was so already.")
    first = change.edits[0].name
    title = first if len(change.edits) == 1 else f"{len(change.edits)} things"
    undo = AnswerButton(label="Undo", press=Press.RUN, value=spelled("policy undo", str(change.number)))
    return Answer(
        title=f"Saved as change {change.number}: {visible(title, set())}",
        facts=tuple(_saved_facts(saved)),
        lines=tuple(edit_rows(change.edits, await emails_in(seams, change.edits))),
        note="It holds from the next decision on.",
        buttons=(undo,),
    )


def _saved_facts(saved: Saved) -> Iterator[Fact]:
    if saved.foreseen is not None:
        yield Fact("What it changes", saved.foreseen.sentence)
    if saved.settled:
        yield Fact("It also settles", counted(len(saved.settled), "other request"))


def effect_facts(forecast: Forecast) -> list[Fact]:
    """Gives what the change would mean, and whether it takes a second admin."""
    facts = [Fact("What it changes", forecast.foreseen.sentence)]
    if forecast.needs_second:
        why = f"It lets {named(forecast.needs_second)} do more, so another admin has to approve it."
        facts.append(Fact("Second admin", why))
    return facts


def edit_rows(edits: Sequence[Edit], emails: Emails) -> list[AnswerRow]:
    """Gives the edits as rows, at most `MOST`, and how many are left."""
    rows = [_row(change_of(edit, emails)) for edit in edits[:MOST]]
    if len(edits) > MOST:
        rows.append(AnswerRow(label=f"and {len(edits) - MOST} more"))
    return rows


def _row(change: Change) -> AnswerRow:
    facts = tuple(Fact(label or "Now", visible(value, set())) for label, value in told_fields(change))
    return AnswerRow(label=visible(change.name, set()), badge=_VERBS[change.kind], facts=facts)


def _saving(forecast: Forecast) -> str:
    if forecast.id is None:
        return "Nothing is saved."
    return "Nothing is saved yet." if not forecast.needs_second else "Nothing is saved or asked yet."
