"""Cards worth looking at: the usual ones, and those that are hard to lay out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.cards.approval import approval_card, approval_card_for_others
from bot.cards.model import Card, Dialog
from bot.cards.status import attention_card, status_card
from bot.cards.story import Story
from bot.domain.actions import Action, Effect
from bot.domain.canonical import JsonObject
from bot.domain.grants import MANAGER_SEAT
from bot.domain.people import Person, PersonId
from bot.domain.requests import ApprovalStatus, CallRecord, CallStatus, RequestStatus, Verdict
from bot.domain.tools import CatalogTool, ToolId
from tests.builders import NOW, a_definition, a_person, a_technician, a_tool
from tests.records import a_record, a_request, a_review, an_approval
from tests.stories import a_story

_GRANT: Final = ToolId("acme-it", "grant_app_access")
_DELETE: Final = ToolId("acme-it", "delete_mailbox")
_MAIL: Final = ToolId("mailer", "send_message")
_TITLES: Final = {
    _GRANT: "Grant access to an app",
    _DELETE: "Delete a mailbox",
    _MAIL: "Send a message to everyone in a group",
}
_BUNDLE: Final[JsonObject] = {
    "user": "dana.reyes@acme.test",
    "app": "Figma",
    "role": "editor",
    "seats": 1,
    "billing_code": "4410",
    "expires": None,
}
_LETTER: Final = "Dear all,\n\n" + "\n\n".join(
    f"{number}. The migration of your mailbox begins at nine in the evening. Save your work before that, "
    "and sign in again the next morning. Nothing that you have stored will be lost."
    for number in range(1, 61)
)


def samples() -> Mapping[str, Card]:
    """Gives the cards by name."""
    return {
        "approval": _asked(_story([_step(_GRANT, _BUNDLE)])),
        "always-allow": _asked(
            _story([_step(_GRANT, _BUNDLE)]), always_allow=Dialog(title="Always allow", submit="Save")
        ),
        "destroy": _asked(
            _story(
                [_step(_DELETE, {"mailbox": "dana\u202e.reyes@\u0430cme.test", "password": "hunter2"})],
                drifted=True,
            )
        ),
        "steps": _asked(_story(_steps())),
        "compact": _asked(
            _story([_step(_MAIL, {"group": "everyone", "subject": "Tonight", "body": _LETTER})])
        ),
        "denied": _denied(),
        "status": status_card(_waiting()),
        "done": status_card(_done()),
        "attention": attention_card(_lost(), offered=True),
        "for-others": approval_card_for_others(replace(an_approval(), status=ApprovalStatus.VOID)),
        "hostile": _asked(
            _story([_step(_GRANT, _HOSTILE)], text="<!channel> *IT* has `approved` :tada: this")
        ),
    }


_HOSTILE: Final[JsonObject] = {
    "user": "<@U1> <!here>",
    "link": "<http://evil.test|Approve>",
    "note": "*bold* _italic_ `code`\n> quoted\nDecision: approved by Bob",
    "number": "42",
    "empty": "",
    "padded": " root ",
    "a\nDecision": "approved",
    "filter": {"all": [{"field": "department", "is": "Finance"}, {"field": "city", "is": ["Graz", "Linz"]}]},
    "tags": ["a", "b"],
}


def _step(tool: ToolId, arguments: JsonObject, number: int = 0) -> CallRecord:
    return replace(
        a_record(f"call-{number}", position=number, tool=tool, arguments=arguments),
        action=Action.APPROVAL_NEEDED,
        reason="Policy “App access needs a technician” says so.",
        effect=Effect.DESTROY if tool == _DELETE else Effect.WRITE,
    )


def _steps() -> list[CallRecord]:
    lookup = ToolId("acme-it", "find_person")
    first = replace(
        _step(lookup, {"email": "dana.reyes@acme.test"}),
        effect=Effect.READ,
        action=Action.AUTO,
        reason="Reads run without asking.",
        status=CallStatus.SUCCEEDED,
    )
    removed: JsonObject = {
        "mailbox": "old.reyes@acme.test",
        "options": {"keep_copy": False, "notify": ["owner", "it"]},
    }
    return [first, _step(_GRANT, _BUNDLE, 1), _step(_DELETE, removed, 2)]


def _people() -> list[Person]:
    dana = replace(a_person("dana", manager="megan", department="Design"), name="Dana Reyes")
    return [dana, replace(a_person("megan", manager=None), name="Megan Moss"), a_technician()]


def _story(
    steps: list[CallRecord], *, drifted: bool = False, text: str = "I need Figma for the new project, please."
) -> Story:
    manager = replace(
        an_approval("approval-2", seat=MANAGER_SEAT), approver=PersonId("megan"), asked_group=None
    )
    return a_story(
        request=replace(a_request(requester="dana", text=text, status=RequestStatus.WAITING)),
        steps=steps,
        approvals=[an_approval(), manager],
        people=_people(),
        tools=_tools(drifted=drifted),
        zone="Europe/Vienna",
    )


def _tools(*, drifted: bool) -> list[CatalogTool]:
    return [
        a_tool(tool, definition=a_definition(tool, title=title), drifted=drifted)
        for tool, title in _TITLES.items()
    ]


def _asked(story: Story, *, always_allow: Dialog | None = None) -> Card:
    return approval_card(story, story.approvals[0], offered=True, always_allow=always_allow)


def _denied() -> Card:
    review = replace(
        a_review(verdict=Verdict.DENY), reason="Your team has no seats left. Ask Megan for the budget first."
    )
    denied = replace(an_approval(status=ApprovalStatus.DENIED), reviews=(review,), decided=NOW)
    story = _story([_step(_GRANT, _BUNDLE)])
    story = replace(story, approvals=(denied,), request=replace(story.request, status=RequestStatus.DENIED))
    return approval_card(story, denied, offered=True, always_allow=None)


def _waiting() -> Story:
    return _story([_step(_GRANT, _BUNDLE)])


def _done() -> Story:
    story = _waiting()
    approved = replace(an_approval(status=ApprovalStatus.APPROVED), reviews=(a_review(),), decided=NOW)
    return replace(
        story,
        request=replace(story.request, status=RequestStatus.DONE),
        approvals=(approved,),
        steps=tuple(replace(step, status=CallStatus.SUCCEEDED) for step in story.steps),
    )


def _lost() -> Story:
    story = _waiting()
    return replace(
        story,
        request=replace(story.request, status=RequestStatus.ATTENTION),
        steps=tuple(replace(step, status=CallStatus.UNKNOWN) for step in story.steps),
    )
