"""Every kind of dialog in Teams once or more, with outside text as hostile as it comes."""

from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.cards.approval import deny_dialog
from bot.cards.form import FormPage
from bot.cards.model import Dialog, Field, FieldKind, Option
from bot.cards.offer import always_allow_dialog
from bot.chat.teams.dialogs.allow import allow_view
from bot.chat.teams.dialogs.dialog import confirm_view, dialog_view
from bot.chat.teams.dialogs.pages import page_view
from bot.chat.teams.dialogs.request_form import request_view, tool_picker_view
from bot.chat.teams.dialogs.tool_picker import Picked, Wish
from bot.chat.teams.dialogs.view import DialogView
from bot.chat.teams.dialogs.words_form import words_view
from bot.chat.teams.kit.actions import Do
from bot.chat.tool_choice import offered
from bot.domain.canonical import JsonObject
from bot.domain.tools import CatalogTool, ToolId
from bot.flow.preview import Preview
from tests.builders import RESET, TECHNICIAN_SEAT, a_definition, a_tool
from tests.records import a_tenant
from tests.stories import a_story, an_asking_record

SLY = "*bold* _low_ [Approve](http://evil.test) `code` <b>x</b> {{DATE(2026-11-20T08:00:00Z)}} \u202e 1. one"
PREVIEW = Preview(
    sentence=f"Alice may reset the password of {SLY}.",
    history="Matches 1 of the last 2 requests for this tool; none was denied.",
    settles=("Carol: “a password”", f"Dave: “{SLY}”"),
)
EVERY_KIND: JsonObject = {
    "type": "object",
    "properties": {
        "user": {"type": "string", "format": "email", "title": SLY, "description": SLY},
        "days": {"type": "integer", "minimum": 1, "maximum": 9, "default": 3},
        "count": {"type": "integer", "description": "How many."},
        "price": {"type": "number", "default": 2.5},
        "sure": {"type": "boolean"},
        "quiet": {"type": "boolean", "default": True},
        "day": {"type": "string", "format": "date", "default": "2027-01-31"},
        "at": {"type": "string", "format": "date-time", "default": "2027-01-31T09:30:00Z"},
        "level": {"enum": ["viewer", SLY], "default": SLY},
        "kind": {"enum": ["a", "b"]},
        "groups": {"type": "array", "items": {"enum": ["a,b", SLY, "c"]}, "default": ["a,b", "c"]},
        "names": {"type": "array", "items": {"type": "string"}, "default": ["one", "two"]},
        "body": {"type": "string", "maxLength": 400},
        "data": {"type": "object", "default": {"a": [1, None]}},
        "api_token": {"type": "string"},
    },
    "required": ["user", "days", "count", "sure", "day", "level"],
    "additionalProperties": True,
}


def an_offer(*, wide: bool = True, groups: tuple[str, ...] = ("finance", "sales")) -> Dialog:
    """Gives the dialog of Always allow for a call of two arguments."""
    asking = [an_asking_record({"user": "alice@acme.test", "days": 3})]
    return always_allow_dialog(
        a_story(steps=asking),
        asking,
        seat=TECHNICIAN_SEAT,
        groups=groups if wide else (),
        wide=wide,
        tenant=a_tenant(),
    )


def a_form_tool(
    schema: JsonObject, tool: ToolId = RESET, *, title: str = "", description: str = "Does it."
) -> CatalogTool:
    """Gives a tool with these arguments."""
    definition = a_definition(tool, title=title, description=description, input_schema=schema)
    return a_tool(tool, definition=definition)


def every_field() -> tuple[Field, ...]:
    """Gives a field of each kind, and with it what may be hostile."""
    options = tuple(Option(text, text) for text in ("a", SLY, "c, d"))
    return tuple(
        Field(name=kind.value, label=SLY, kind=kind, options=options, help=SLY, required=number % 2 == 0)
        for number, kind in enumerate(FieldKind)
    )


def examples() -> Iterator[tuple[str, DialogView]]:
    """Gives the dialogs by name."""
    every = Dialog(title=SLY, submit="Do it", summary=SLY, fields=every_field())
    errors = {kind.value: f"No: {SLY}" for kind in FieldKind}
    yield "deny", dialog_view(deny_dialog(), card="approval-1", action="deny")
    yield "fields", dialog_view(every, card="card-1", action="act")
    yield "errors", dialog_view(every, card="card-1", action="act", values={"number": "x"}, errors=errors)
    yield "confirm", confirm_view("Approve this?", SLY, label="Approve", do=Do.ACT, card="card-1")
    yield "allow", allow_view(an_offer(), PREVIEW, card="approval-1")
    yield "allow unknown", allow_view(an_offer(), None, card="approval-1", notice="Choose a group.")
    tool = a_form_tool(EVERY_KIND, title=SLY, description=SLY)
    tools = offered([tool, a_tool(ToolId("acme-crm", "delete_user"))])
    crowd = offered(a_tool(ToolId("acme-it", f"tool_number_{number}" * 9)) for number in range(130))
    found = Picked(wish=Wish.PICKER, search="number 12")
    yield "tools", tool_picker_view(tools, key="key-1", note="My laptop is gone.")
    yield "many tools", tool_picker_view(crowd, key="key-1", picked=found)
    yield "no tools", tool_picker_view([], key="key-1")
    yield "request", request_view(tool, key="key-1", zone=ZoneInfo("Europe/Berlin"), note=SLY)
    yield "wrong request", request_view(tool, key="key-1", typed={}, errors={"": SLY, "note": SLY})
    yield "words", words_view(SLY, key="key-1", problem="Say what you need.")
    page = page_view(FormPage(form="setting", state=SLY, dialog=every, problems=errors))
    yield "page", page
    assert page.written is not None
    yield "page in the chat", replace(page, card=page.written)
