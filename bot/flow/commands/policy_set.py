"""`policy set`: what a tool may do for everyone, or what holds where no policy speaks."""

from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer, AnswerButton, FormName, OpenForm, Press
from bot.cards.model import Fact
from bot.cards.visible import visible
from bot.domain.actions import Action
from bot.domain.errors import Refusal
from bot.domain.people import Role
from bot.domain.tools import ToolId, shortened
from bot.flow.commands.form import Asker, Command, Flag, Form, Given, Slot, SlotKind, entry
from bot.flow.commands.pages import counted, hint
from bot.flow.commands.policy_words import asks_words
from bot.flow.commands.refusals import NoSuchThing
from bot.flow.commands.spelling import quoted, spelled
from bot.flow.commands.tool_words import is_covered
from bot.flow.seams import Seams
from bot.flow.set_policy import NotATarget, SetPolicy, Setting
from bot.ports.store import Unit

DEFAULT: Final = "default"
"""The word that removes a tool's own policy, or a default."""

_DOES: Final = {
    Action.AUTO: "runs unasked",
    Action.STEP_UP: "runs after the requester has signed in once more",
    Action.APPROVAL_NEEDED: "waits for approval",
    Action.DISABLED: "is refused",
}


class BothManagers(Refusal):
    """You wrote --manager and --no-manager. Choose one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySetCommand(Command):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What is said about a target by itself, and what else covers it."""

    action: Action | None
    asks: str = ""
    others: tuple[str, ...] = ()
    """Other policies that are stricter."""
    fallback: str = ""
    """What holds where the target has nothing of its own."""
    where: str = ""
    """For a default: where it holds."""
    free: int = 0
    """For a default: the tools without any policy."""

    @property
    def words(self) -> str:
        """The state in a few words."""
        if self.action is None:
            return f"none of its own ({self.fallback})"
        return self.action.value + (f", asks {self.asks}" if self.asks else "")


class SetPolicyByChat:
    """Changes a tool's own policy or a default, in an admin's name."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._set = SetPolicy(store=seams.store, tenant=seams.tenant, clock=seams.clock, ids=seams.ids)

    async def __call__(self, command: PolicySetCommand, asker: Asker) -> Answer | OpenForm:
        """Gives what held before and what holds now; or the form, where no action was said.

        Raises:
            NoSuchThing: no tool or connector is called so.
            NotATarget, OnlyForTools, ManagerNotAsked: it cannot be set so.
        """
        if not command.action:
            return OpenForm(form=FormName.POLICY, target=command.target)
        before = await self._state(command.target)
        action = None if command.action == DEFAULT else Action.parse(command.action)
        setting = Setting(action=action, manager=command.manager, reason=command.reason)
        sentence = await self._set(command.target, setting, by=asker.person.id, actor=asker.person.id)
        after = await self._state(command.target)
        return _answer(command.target, sentence, before, after)

    async def _state(self, target: str) -> _State:
        connector, colon, name = target.partition(":")
        async with self._seams.store.view(self._seams.tenant) as view:
            if target == "*" or name == "*":
                return await _default_state(view, "" if target == "*" else connector)
            if not (connector and colon and name):
                raise NotATarget(text=shortened(target))
            return await _tool_state(view, ToolId(connector, name))


async def _default_state(view: Unit, connector: str) -> _State:
    defaults = await view.policies.defaults()
    connectors = {one.name for one in await view.connections.all()}
    if connector and connector not in connectors:
        known = hint(connector, connectors)
        raise NoSuchThing(what="connector", name=shortened(connector), hint=known)
    policies = await view.policies.all()
    tools = [
        tool
        for tool in await view.connections.catalog()
        if tool.connector == connector or not (connector or tool.connector in defaults.connectors)
    ]
    return _State(
        action=defaults.connectors.get(connector) if connector else defaults.tenant,
        fallback=f"* is {defaults.tenant}",
        where="where no policy speaks, ",
        free=sum(not any(is_covered(policy, tool) for policy in policies) for tool in tools),
    )


async def _tool_state(view: Unit, tool: ToolId) -> _State:
    catalog = await view.connections.catalog()
    if tool not in catalog:
        known = hint(str(tool), map(str, catalog))
        raise NoSuchThing(what="tool", name=shortened(str(tool)), hint=known)
    covering = [policy for policy in await view.policies.all() if is_covered(policy, tool)]
    own = next((policy for policy in covering if policy.name == str(tool)), None)
    rung = own.action.rung if own else -1
    return _State(
        action=own.action if own else None,
        asks=asks_words(own) if own else "",
        others=tuple(
            f"“{visible(policy.name, set())}” ({policy.action})"
            for policy in covering
            if policy is not own and policy.enabled and policy.action.rung > rung
        ),
        fallback="the defaults and other policies decide",
    )


def _answer(target: str, sentence: str, before: _State, after: _State) -> Answer:
    facts = [
        Fact("Before", before.words),
        Fact("Now", after.words),
        Fact("What it changes", _change(before, after)),
    ]
    if after.free:
        facts.append(Fact("Holds for", counted(after.free, "tool") + " without any policy"))
    if after.others:
        facts.append(Fact("Stricter for some calls", ", ".join(after.others)))
    show = AnswerButton(label="Show", press=Press.RUN, value=spelled("policy show", quoted(target)))
    return Answer(
        title=f"{target}: {before.words} → {after.words}", facts=tuple(facts), note=sentence, buttons=(show,)
    )


def _change(before: _State, after: _State) -> str:
    if before.action is None or after.action is None:
        now = after.fallback if after.action is None else f"a call {_DOES[after.action]}"
        return f"From now on, {after.where}{now}."
    if (before.action, before.asks) == (after.action, after.asks):
        return f"Nothing: {after.where}a call {_DOES[after.action]}, as before."
    if before.action is after.action:
        return f"A call waits for {after.asks} now, and no more for {before.asks}."
    call = f"{after.where}a call {_DOES[after.action]} now; until now, it {_was(before.action)}."
    return call[:1].upper() + call[1:]


def _was(action: Action) -> str:
    return {
        Action.AUTO: "ran unasked",
        Action.STEP_UP: "ran after a second sign-in",
        Action.APPROVAL_NEEDED: "waited for approval",
        Action.DISABLED: "was refused",
    }[action]


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
