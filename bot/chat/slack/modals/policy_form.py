"""The form that sets what a tool may do: the tool, an action, and whether the manager is asked too."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.chat.slack.kit.blocks import Block, context, cut, field, modal, section
from bot.chat.slack.kit.words import DECISIONS
from bot.chat.slack.modals.inputs import Choice, held, held_text, menu, picker, state_of, text_input
from bot.chat.slack.modals.tool_picker import TOOL, picked_tool, picker_field
from bot.domain.actions import Action
from bot.domain.canonical import JsonObject
from bot.domain.policies import DESCRIPTION_LIMIT
from bot.domain.tools import ToolId
from bot.flow.set_policy import Setting

POLICY: Final = "policy"
ACTION: Final = "action"
MANAGER: Final = "manager"
REASON: Final = "reason"
"""The blocks' ids; what was typed is kept while another tool is picked."""
_DEFAULT: Final = "default"
_ASKED: Final = "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenPolicy:
    """What was chosen; with problems, nothing of it may be saved."""

    target: str
    setting: Setting
    problems: Mapping[str, str]
    """A sentence by block id."""


def policy_view(
    tools: Sequence[tuple[ToolId, str, str]],
    *,
    chosen: ToolId | None = None,
    current: str = "",
    action: Action | None = None,
    manager: bool = False,
    reason: str = "",
    notice: str = "",
    metadata: JsonObject | None = None,
) -> Block:
    """Gives the modal; every pick of a tool is reported, so that what holds for it can be shown.

    The action and the manager are inputs of their own for each tool: Slack keeps what was picked in one.

    Args:
        tools: all that can be picked.
        chosen: the tool that is picked at first.
        current: what holds for it now, in a sentence of ours.
        action: what stands in the form at first once a tool is chosen; None for no policy of its own.
        manager: whether the manager is asked too, at first.
        reason: what stands in the reason at first.
        notice: a sentence above everything.
        metadata: small texts that are kept with the view.
    """
    blocks = [section(notice)] if notice else []
    if not tools:
        blocks.append(section("No connector offers a tool yet. Connect one first."))
        return modal(POLICY, "Set a policy", blocks)
    blocks.append(picker_field(tools, label="Tool", chosen=chosen, optional=False))
    if chosen is not None and current:
        blocks.append(context(f"Now: {current}"))
    scope = str(chosen or "")
    blocks.append(_action_field(scope, action))
    ticked = {_ASKED} if manager else set[str]()
    options = menu([Choice(_ASKED, "Ask the requester’s manager too")]).options
    blocks.append(
        field(
            _id(MANAGER, scope),
            "Manager",
            picker(options, chosen=ticked, several=True, clearable=True),
            hint="Only where approval is needed.",
        )
    )
    element = text_input(cut(" ".join(reason.split()), DESCRIPTION_LIMIT), most=DESCRIPTION_LIMIT)
    blocks.append(field(REASON, "Reason", element, hint="For whoever looks at it later."))
    return modal(
        POLICY, "Set a policy", blocks, submit="Save", private_metadata=json.dumps(dict(metadata or {}))
    )


def _action_field(scope: str, action: Action | None) -> Block:
    choices = [Choice(one.value, DECISIONS[one.value]) for one in Action]
    found = menu([*choices, Choice(_DEFAULT, "No policy of its own: the defaults decide")])
    chosen = {action.value if action else _DEFAULT} if scope else set[str]()
    element = picker(found.options, chosen=chosen, several=False, clearable=False)
    return field(_id(ACTION, scope), "What a call of it does", element, optional=False)


def _id(name: str, scope: str) -> str:
    return f"{name}:{hashlib.sha256(scope.encode()).hexdigest()[:8]}" if scope else name


def policy_setting(view: JsonObject, tools: Sequence[tuple[ToolId, str, str]]) -> ChosenPolicy:
    """Gives what was chosen.

    Args:
        view: the submitted view.
        tools: all that can be picked, as for the view.
    """
    state = state_of(view)
    blocks = {block.partition(":")[0]: block for block in state}
    problems = {}
    tool = picked_tool(view, tools)
    if tool is None:
        problems[TOOL] = "Choose a tool. The one that was chosen is not offered any more, or none was."
    elif _id(ACTION, str(tool)) not in state:
        # What is ticked is what holds for another tool.
        problems[TOOL] = "Wait until the form shows what holds for this tool now, then save."
    word = held_text(state, blocks.get(ACTION, ACTION))
    known = {one.value: one for one in Action}
    if word not in {*known, _DEFAULT}:
        problems[blocks.get(ACTION, ACTION)] = "Choose what a call of it does."
    action = known.get(word)
    _, ticked = held(state, blocks.get(MANAGER, MANAGER))
    if ticked and action is not Action.APPROVAL_NEEDED:
        problems[blocks.get(MANAGER, MANAGER)] = "A manager is asked only where approval is needed."
    setting = Setting(
        action=action,
        manager=bool(ticked) if action is Action.APPROVAL_NEEDED else None,
        reason=held_text(state, REASON).strip(),
    )
    return ChosenPolicy(target=str(tool or ""), setting=setting, problems=problems)
