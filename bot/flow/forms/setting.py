"""The form that sets what one tool may do: the tool, then what holds, then what it means."""

from typing import Final

from bot.cards.answer import Answer
from bot.cards.form import FormPage
from bot.cards.model import Dialog, Field, FieldKind, Option
from bot.cards.visible import visible
from bot.domain.actions import Action
from bot.domain.canonical import JsonObject
from bot.domain.policies import DESCRIPTION_LIMIT, Policy
from bot.domain.tools import CatalogTool, NotATool, ToolId
from bot.flow.change_rules import ChangeRules
from bot.flow.commands.form import Asker
from bot.flow.drafts.setting import Setting, Stamp, set_target
from bot.flow.forms.lookups import find_tools
from bot.flow.forms.page import last_page
from bot.flow.seams import Seams
from bot.flow.write_edits import Author

NAME: Final = "setting"
TITLE: Final = "Set a policy"
DEFAULT: Final = "default"
_WORDS: Final = {
    Action.AUTO: "auto: it runs at once",
    Action.STEP_UP: "step_up: after the requester has signed in once more",
    Action.APPROVAL_NEEDED: "approval_needed: a technician is asked",
    Action.DISABLED: "disabled: it is refused",
}


class SettingForm:
    """Takes what a tool may do, in two pages and a preview."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._rules = ChangeRules(seams)

    async def begin(self, target: str) -> FormPage:
        """Gives the second page for a tool of the catalog, else the page that asks for one."""
        tool, own = await self._known(target)
        return _first_page() if tool is None else _second_page(tool, own)

    async def sent(self, state: str, values: JsonObject, asker: Asker) -> FormPage | Answer:
        """Gives the page after this one."""
        if not state:
            chosen = values.get("tool")
            tool, own = await self._known(chosen if isinstance(chosen, str) else "")
            if tool is None:
                return _first_page(problem="Choose a tool that a connector offers.")
            return _second_page(tool, own)
        tool, own = await self._known(state)
        if tool is None:
            return _first_page(problem="This tool is not offered any more. Choose another one.")
        word, manager = values.get("action"), values.get("manager") is True
        asks = word == Action.APPROVAL_NEEDED
        if word not in {*Action, DEFAULT} or not isinstance(word, str):
            return _second_page(tool, own, problems={"action": "Choose what a call of it does."})
        if manager and not asks:
            problem = {"manager": "A manager is asked only where approval is needed."}
            return _second_page(tool, own, problems=problem)
        reason = values.get("reason")
        said = " ".join(reason.split())[:DESCRIPTION_LIMIT] if isinstance(reason, str) else ""
        setting = Setting(
            action=None if word == DEFAULT else Action(word), manager=manager if asks else None, reason=said
        )
        stamp = Stamp(now=self._seams.clock.now(), by=asker.person.id, ids=self._seams.ids)
        draft = set_target(str(tool.id), setting, stamp)
        forecast = await self._rules.preview(draft, Author.of(asker.person), reason=said)
        return await last_page(self._seams, NAME, forecast)

    async def look_up(self, _: str, field: str, typed: str) -> tuple[Option, ...]:
        """Gives tools for the first page."""
        return await find_tools(self._seams, typed) if field == "tool" else ()

    async def _known(self, target: str) -> tuple[CatalogTool | None, Policy | None]:
        try:
            wanted = ToolId.parse(target)
        except NotATool:
            return None, None
        async with self._seams.store.view(self._seams.tenant) as view:
            tool = (await view.connections.catalog()).get(wanted)
            own = [policy for policy in await view.policies.all() if policy.name == target]
        return tool, own[0] if own else None


def _first_page(*, problem: str = "") -> FormPage:
    field = Field(name="tool", label="Tool", kind=FieldKind.LOOKUP, required=True)
    return FormPage(
        form=NAME,
        dialog=Dialog(title=TITLE, submit="Next", fields=(field,)),
        problems={"tool": problem} if problem else {},
    )


def _second_page(
    tool: CatalogTool, own: Policy | None, *, problems: dict[str, str] | None = None
) -> FormPage:
    others = "no policy of its own, so other policies and the defaults decide"
    now = own.action.value if own else others
    options = tuple(Option(action.value, words) for action, words in _WORDS.items())
    none = Option(DEFAULT, f"default: {others}")
    fields = (
        Field(
            name="action",
            label="What a call of it does",
            kind=FieldKind.CHOICE,
            required=True,
            value=own.action.value if own else DEFAULT,
            options=(*options, none),
        ),
        Field(
            name="manager",
            label="Ask the requester’s manager too",
            kind=FieldKind.CHECKBOX,
            value=bool(own and own.requirement.manager),
            help="Only where approval is needed.",
        ),
        Field(
            name="reason",
            label="Reason",
            kind=FieldKind.TEXT,
            help="Approvers read it on their cards, as the policy’s description.",
        ),
    )
    title = visible(tool.definition.plain_title, set())
    return FormPage(
        form=NAME,
        state=str(tool.id),
        dialog=Dialog(title=TITLE, submit="Next", summary=f"{title}\n{tool.id}\nNow: {now}.", fields=fields),
        problems=problems or {},
    )
