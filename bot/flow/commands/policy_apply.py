"""`policy apply`: a policy file that is pasted into a form."""

from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from bot.cards.form import FormPage
from bot.domain.people import Role
from bot.flow.commands.form import Asker, Command, Flag, Form, Given, Slot, SlotKind, entry
from bot.flow.commands.spelling import quoted, spelled
from bot.flow.drafts.file import Scope
from bot.flow.forms.file import FileForm
from bot.flow.seams import Seams


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyApplyCommand(Command):
    """How the file is to be taken, and why; the form asks for the file."""

    dry_run: bool = False
    prune: bool = False
    with_grants: bool = False
    reason: str = ""

    @property
    @override
    def text(self) -> str:
        return spelled(
            "policy apply",
            "--dry-run" if self.dry_run else "",
            "--prune" if self.prune else "",
            "--with-grants" if self.with_grants else "",
            quoted(self.reason),
        )


class ApplyByChat:
    """Opens the form that takes a policy file."""

    def __init__(self, seams: Seams) -> None:
        self._form = FileForm(seams)

    async def __call__(self, command: PolicyApplyCommand, _: Asker) -> FormPage:
        """Gives the form."""
        scope = Scope(prune=command.prune, with_grants=command.with_grants)
        return self._form.opened(scope, reason=command.reason, only_looks=command.dry_run)


def _read(given: Given) -> PolicyApplyCommand:
    return PolicyApplyCommand(
        dry_run=given.switch("dry-run"),
        prune=given.switch("prune"),
        with_grants=given.switch("with-grants"),
        reason=given.word("REASON"),
    )


ENTRY: Final = entry(
    Form(
        words=("policy", "apply"),
        slots=(Slot(name="REASON", kind=SlotKind.TEXT, required=False),),
        flags=(Flag(name="dry-run"), Flag(name="prune"), Flag(name="with-grants")),
        needs=Role.ADMIN,
        may="change policies",
        purpose="Paste a policy file and see what it changes; --dry-run saves nothing.",
        examples=("policy apply", "policy apply --dry-run --prune"),
        read=_read,
    ),
    PolicyApplyCommand,
    ApplyByChat,
)
