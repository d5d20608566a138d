"""What every form has: how its pages are sent, and its last page, which shows what saving means."""

from typing import Final, Protocol

from bot.cards.answer import Answer
from bot.cards.form import FormPage
from bot.cards.model import Dialog, Option
from bot.cards.visible import visible
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.rule_changes import Edit
from bot.flow.change_rules import Forecast, named
from bot.flow.commands.form import Asker
from bot.flow.commands.previewing import MOST, emails_in
from bot.flow.edit_words import change_of, edit_sentence, told_fields
from bot.flow.seams import Seams
from bot.flow.wanted import ChangeKind
from bot.ports.policy_files import Emails

SAVE: Final = "save "
"""What the state of a last page begins with; the preview's id follows."""


class UnknownForm(Refusal):
    """This form is not known any more. Close it and open it again."""

    kind = "missing"


class FormStage(Protocol):
    """A form; admins only."""

    async def begin(self, target: str) -> FormPage:
        """Gives the first page.

        Raises:
            Refusal: the target is nothing that the form is for.
        """
        ...

    async def sent(self, state: str, values: JsonObject, asker: Asker) -> FormPage | Answer:
        """Gives what comes after a page: the same with its problems, the next one, or the answer.

        `state` is the page's; `values` are by the names of its fields, as dialogs give them.

        Raises:
            Refusal: it cannot be gone on with.
        """
        ...

    async def look_up(self, state: str, field: str, typed: str) -> tuple[Option, ...]:
        """Gives what fits the typed text in one of the page's fields, best first, at most 50."""
        ...


async def last_page(seams: Seams, form: str, forecast: Forecast) -> FormPage | Answer:
    """Gives the page that shows what would change and mean, and saves it; an answer if nothing would."""
    if not forecast.edits or forecast.id is None:
        return Answer(title="Nothing would change", note="It is so already.")
    emails = await emails_in(seams, forecast.edits)
    lines = [visible(_told(edit, emails), set()) for edit in forecast.edits[:MOST]]
    if len(forecast.edits) > MOST:
        lines.append(f"and {len(forecast.edits) - MOST} more")
    lines.append(forecast.foreseen.sentence)
    if forecast.needs_second:
        lines.append(f"This lets {named(forecast.needs_second)} do more, so another admin has to approve it.")
    submit = "Ask a second admin" if forecast.needs_second else "Save"
    return FormPage(
        form=form,
        state=SAVE + forecast.id,
        dialog=Dialog(title="Look before you save", submit=submit, summary="\n\n".join(lines)),
    )


def _told(edit: Edit, emails: Emails) -> str:
    """Gives the difference in a line, or where there is more of it, a line for each thing."""
    change = change_of(edit, emails)
    told = told_fields(change)
    if change.kind is ChangeKind.REMOVE or len(told) <= 1:
        return edit_sentence(edit, emails)
    opening = f"{change.name}: {'new' if change.kind is ChangeKind.ADD else 'changed'}"
    return "\n".join([opening, *(f"{label}: {value}" if label else value for label, value in told)])
