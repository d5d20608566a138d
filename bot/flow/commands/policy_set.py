"""`policy set`: what a tool may do for everyone, or what holds where no policy speaks."""

from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer
from bot.cards.form import FormPage
from bot.cards.visible import visible
from bot.domain.actions import Action
from bot.domain.errors import Refusal
from bot.domain.people import Role
from bot.domain.rule_changes import PolicyEdit
from bot.domain.tools import ToolId, shortened
from bot.flow.change_rules import Forecast
from bot.flow.commands.form import Asker, ChangingCommand, Flag, Form, Given, Slot, SlotKind, entry
from bot.flow.commands.pages import hint
from bot.flow.commands.previewing import previewed
from bot.flow.commands.refusals import NoSuchThing
from bot.flow.commands.spelling import quoted, spelled
from bot.flow.commands.tool_words import is_covered
from bot.flow.drafts.setting import Setting, Stamp, UnknownTarget, set_target
from bot.flow.forms.setting import SettingForm
from bot.flow.seams import Seams

_NAMED: Final = 5
DEFAULT: Final = "default"
"""The word that removes a tool's own policy, or a default."""


class BothManagers(Refusal):
    """You wrote --manager and --no-manager. Choose one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySetCommand(ChangingCommand):
    """What is to hold for which tool or default; without an action, a form is to ask for the rest."""

    target: str = ""
    action: str = ""
    """An action, or `default` to have none of its own."""
    manager: bool | None = None
    reason: str = ""

    @property
    @override
    def text(self) -> str:
        switch = {True: "--manager", False: "--no-manager", None: ""}[self.manager]
        return spelled("policy set", quoted(self.target), quoted(self.action), switch, quoted(self.reason))

    @property
    @override
    def about(self) -> str:
        return self.target


class SetPolicyByChat:
    """Previews a change of a tool's own policy or of a default, in an admin's name."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, command: PolicySetCommand, asker: Asker) -> Answer | FormPage:
        """Gives what would change and mean, with the button that saves it; or the form, without an action.

        Raises:
            NoSuchThing: no tool or connector is called so.
            NotATarget, OnlyForTools, ManagerNotAsked: it cannot be set so.
        """
        if not command.action:
            return await SettingForm(self._seams).begin(command.target)
        seams, target = self._seams, command.target
        action = None if command.action == DEFAULT else Action.parse(command.action)
        setting = Setting(action=action, manager=command.manager, reason=command.reason)
        stamp = Stamp(now=seams.clock.now(), by=asker.person.id, ids=seams.ids)
        draft = set_target(target, setting, stamp)
        try:
            return await previewed(
                seams,
                draft,
                asker,
                f"Set {target} to {_wanted(command)}?",
                reason=command.reason,
                note=lambda forecast: self._stricter(target, forecast),
            )
        except UnknownTarget as refusal:
            raise await self._unknown(target, refusal) from None

    async def _unknown(self, target: str, refusal: UnknownTarget) -> NoSuchThing:
        async with self._seams.store.view(self._seams.tenant) as view:
            tools = map(str, await view.connections.catalog())
            defaults = (f"{one.name}:*" for one in await view.connections.all())
            known = [*tools, *defaults]
        what = str(refusal.facts.get("what", "tool"))
        return NoSuchThing(what=what, name=shortened(target), hint=hint(target, known))

    async def _stricter(self, target: str, forecast: Forecast) -> str:
        """Gives a sentence on other policies that stay stricter for some calls; empty where none is."""
        after = [edit.after for edit in forecast.edits if isinstance(edit, PolicyEdit) and edit.after]
        if not after:
            return ""
        connector, _, name = target.partition(":")
        async with self._seams.store.view(self._seams.tenant) as view:
            policies = await view.policies.all()
        others = [
            f"“{visible(policy.name, set())}” ({policy.action})"
            for policy in policies
            if is_covered(policy, ToolId(connector, name))
            and policy.id != after[0].id
            and policy.enabled
            and policy.action.rung > after[0].action.rung
        ]
        if not others:
            return ""
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        return f"These stay stricter for some calls: {', '.join(others[:_NAMED])}{more}."


def _wanted(command: PolicySetCommand) -> str:
    manager = {True: ", and ask the manager too", False: ", without the manager", None: ""}[command.manager]
    return f"{command.action}{manager}"


def _read(given: Given) -> PolicySetCommand:
    word = given.word("ACTION")
    if given.switch("manager") and given.switch("no-manager"):
        raise BothManagers
    manager = True if given.switch("manager") else False if given.switch("no-manager") else None
    return PolicySetCommand(
        target=given.word("TARGET"),
        action=DEFAULT if word == DEFAULT else Action.parse(word).value if word else "",
        manager=manager,
        reason=given.word("REASON"),
    )


ENTRY: Final = entry(
    Form(
        words=("policy", "set"),
        slots=(
            Slot(name="TARGET", required=False),
            Slot(name="ACTION", kind=SlotKind.ACTION, required=False),
            Slot(name="REASON", kind=SlotKind.TEXT, required=False),
        ),
        flags=(Flag(name="manager"), Flag(name="no-manager")),
        needs=Role.ADMIN,
        may="change policies",
        purpose="Set what a tool, connector:* or * may do; without anything, open the form.",
        examples=(
            "policy set acme-it:reset_password approval_needed --manager",
            "policy set acme-it:* disabled until the audit is over",
            "policy set",
        ),
        read=_read,
    ),
    PolicySetCommand,
    SetPolicyByChat,
)
