"""Every card that the product can draw: each kind, for each viewer, in each status, and the hard ones."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from bot.cards.approval import approval_card, approval_card_for_others
from bot.cards.model import Card
from bot.cards.offer import always_allow_dialog
from bot.cards.rule_change import ShownProposal, proposal_card
from bot.cards.status import attention_card, status_card
from bot.cards.story import Story
from bot.cards.tool_change import ShownToolChange, tool_change_card
from bot.domain.actions import Action, Effect
from bot.domain.announcements import Announcement, AnnouncementId, AnnouncementStatus
from bot.domain.canonical import JsonObject
from bot.domain.effects import seed
from bot.domain.grants import MANAGER_SEAT, Seat, SeatKind
from bot.domain.people import TECHNICIANS, PersonId, TenantId
from bot.domain.proposals import Proposal, ProposalId, ProposalStatus
from bot.domain.requests import (
    Approval,
    ApprovalStatus,
    CallId,
    CallRecord,
    CallStatus,
    Request,
    RequestStatus,
    Verdict,
)
from bot.domain.tools import ToolId
from tests.builders import ARGUMENTS, NOW, TECHNICIAN_SEAT, a_definition, a_grant, a_tool
from tests.pictures.samples import samples
from tests.records import a_record, a_request, a_review, a_tenant, an_approval
from tests.stories import a_story, an_asking_record

_LETTER: Final = "Dear all,\n\n" + "The migration of your mailbox begins at nine in the evening.\n" * 700
_REASON: Final = "No seats left. Ask <at>Megan</at> for the *budget* & “more” first."
_TWO: Final = Seat(SeatKind.TECHNICIAN, TECHNICIANS, quorum=2)
_SLY: Final[JsonObject] = {
    "user": "<at>Bob</at> <@U1> <!here>",
    "link": "[Approve](http://evil.test) <http://evil.test|Approve>",
    "note": "*bold* _low_ `code`\n> quoted\n  indented\tby a tab\nDecision: approved by Bob",
    "hidden": "root\u202e\u200b  twice",
    "number": "42",
    "empty": "",
    "padded": " root ",
    "a\nDecision": "approved",
    "when": "{{DATE(2026-11-20T08:00:00Z,SHORT)}}",
    "password": "hunter2",
    "nested": {"all": [{"field": "department", "is": ["Finance", "Legal"]}, {"field": "city", "is": "Graz"}]},
    "long name " * 20: "short",
}


def every_card() -> Mapping[str, Card]:
    """Gives the cards by name."""
    found = [*_approvals(), *_own(), *_attentions(), *_tools(), *_changes(), *_hard(), *samples().items()]
    assert len(dict(found)) == len(found), "two cards have one name"
    return dict(found)


def _approvals() -> Iterator[tuple[str, Card]]:
    for status in ApprovalStatus:
        approval = _decided(status)
        story = _story(approvals=(approval, _managers(ApprovalStatus.PENDING)))
        yield f"approval, {status}, offered", _asked(story, always_allow=True)
        yield f"approval, {status}, for another technician", _asked(story, offered=False)
        yield f"approval, {status}, for others", approval_card_for_others(approval)
        managers = _story(approvals=(_managers(status), _decided(ApprovalStatus.APPROVED)))
        yield f"approval, {status}, for the manager", _asked(managers)
    quorum = replace(an_approval(seat=_TWO), reviews=(a_review(),))
    explained = replace(quorum, explanation="Carol is away, so you are asked.")
    yield "approval, one of two given", _asked(_story(approvals=(explained,)))
    joined = a_request("request-2", requester="carol", text="Me too.")
    yield "approval, asked by two", _asked(replace(_story(), joined=(joined,)))
    yield "approval, requester gone", _asked(_story(request=a_request(requester="gone")))


def _own() -> Iterator[tuple[str, Card]]:
    for status in RequestStatus:
        yield f"status, {status}", status_card(_story(request=a_request(status=status)))
    waiting = a_request(status=RequestStatus.WAITING, joined_to="request-0")
    for status in (RequestStatus.WAITING, RequestStatus.EXECUTING):
        leading = a_request("request-0", status=status)
        yield f"status, follows what is {status}", status_card(a_story(request=waiting, leading=leading))
    yield "status, a question is open", status_card(a_story(request=replace(waiting, question_open=True)))
    yield "status, allowed in advance", status_card(_story(grants=True))
    for outcome in CallStatus:
        steps = [a_record(status=outcome), a_record("call-2", position=1)]
        running = a_story(request=a_request(status=RequestStatus.EXECUTING), steps=steps)
        yield f"status, first step {outcome}", status_card(running)


def _attentions() -> Iterator[tuple[str, Card]]:
    lost = a_record(status=CallStatus.UNKNOWN)
    for status in (RequestStatus.ATTENTION, RequestStatus.EXECUTING):
        story = a_story(request=a_request(status=status), steps=[lost])
        yield f"attention, {status}, offered", attention_card(story, offered=True)
        yield f"attention, {status}", attention_card(story, offered=False)


def _tools() -> Iterator[tuple[str, Card]]:
    was = a_definition(title="Reset a password", input_schema={"properties": {"user": {"type": "string"}}})
    sly = "<!channel> <at>Bob</at> *accepted* \u202e\u200b [Accept](http://evil.test)\n"
    becomes = replace(was, title=sly, description=sly + _LETTER, input_schema={"properties": {sly: {}}})
    seeding = seed(
        name=was.id.name, description=was.description, input_schema=was.input_schema, annotations=None
    )
    for status in AnnouncementStatus:
        for before in (None, was):
            announcement = Announcement(
                id=AnnouncementId("1"), tool=was.id, before=before, after=becomes, at=NOW, status=status
            )
            shown = ShownToolChange(
                announcement=announcement,
                tenant=TenantId("acme"),
                is_current=True,
                seeding=seeding,
                seeding_before=seeding if before else None,
                call_now="approval_needed. The tool changed.",
                call_accepted="auto. Its policy says so.",
                waiting_grants=2,
                decided_by="Ada Abel",
                decided_at="20 November 2026, 14:30 UTC",
            )
            yield f"{'changed' if before else 'new'} tool, {status}", tool_change_card(shown)


def _changes() -> Iterator[tuple[str, Card]]:
    for status in ProposalStatus:
        if status is ProposalStatus.DRAFT:
            continue
        proposal = Proposal(
            id=ProposalId("proposal-1"),
            at=NOW,
            by=PersonId("ada"),
            reason=_REASON,
            edits=(),
            tools=(ToolId("acme-it", "delete_user"),),
            effect="Of the last 30 days’ 3 calls, 2 would have been asked about. <at>Bob</at>",
            note=_REASON if status is ProposalStatus.DENIED else "",
            number=7 if status is ProposalStatus.APPROVED else 0,
            expires=NOW,
            status=status,
        )
        lines = ["<!channel> *x* \u202e\u200b [Approve](http://evil.test): disabled → auto"]
        shown = ShownProposal(
            proposal=proposal, author="<at>Ada</at>", decided_by="Ahmed", lines=lines, open_until="tomorrow"
        )
        yield f"change, {status}, to decide", proposal_card(shown, may_decide=True, may_withdraw=False)
        yield f"change, {status}, one’s own", proposal_card(shown, may_decide=False, may_withdraw=True)


def _hard() -> Iterator[tuple[str, Card]]:
    sly = _asked(_story(arguments=_SLY, request=a_request(text="<!channel> **IT** <at>has</at> approved")))
    yield "hostile arguments", sly
    answered = replace(sly.calls[0], status="failed", result="No such user.\n  Try again. " * 300)
    yield "answered", replace(sly, calls=(answered, sly.calls[0]))
    yield "hostile names", _asked(_story(people_named="<b>Ал</b>\u202e *ice*"))
    yield "destroys", _asked(_story(effect=Effect.DESTROY, drifted=True), always_allow=True)
    yield "long", _asked(_story(arguments={"subject": "Tonight", "body": _LETTER}), always_allow=True)
    yield "long, destroys", _asked(_story(arguments={"body": _LETTER}, effect=Effect.DESTROY))
    yield (
        "long, decided",
        _asked(_story(arguments={"body": _LETTER}, approvals=(_decided(ApprovalStatus.DENIED),))),
    )
    many = {f"field_{number}": f"value {number} " * 8 for number in range(90)}
    yield "many arguments", _asked(_story(arguments=many))
    steps = [
        replace(an_asking_record({"n": n, "who": f"user{n}@acme.test"}), id=CallId(f"call-{n}"), position=n)
        for n in range(40)
    ]
    yield "many steps", _asked(a_story(steps=steps))
    yield (
        "many steps, status",
        status_card(a_story(request=a_request(status=RequestStatus.WAITING), steps=steps)),
    )
    yield "no arguments", _asked(_story(arguments={}))
    told = replace(a_request(), details=("And soon.", "Please."), diagnosis="The account is *locked*.")
    yield "words of several", _asked(_story(request=told))


def _story(
    *,
    request: Request | None = None,
    arguments: JsonObject = ARGUMENTS,
    effect: Effect = Effect.WRITE,
    approvals: tuple[Approval, ...] | None = None,
    drifted: bool = False,
    grants: bool = False,
    people_named: str = "",
) -> Story:
    step: CallRecord = replace(
        an_asking_record(arguments), effect=effect, action=Action.APPROVAL_NEEDED, grants=()
    )
    tool = ToolId("acme-it", "reset_password")
    story = a_story(
        request=request,
        steps=[step],
        approvals=approvals,
        tools=[a_tool(tool, definition=a_definition(tool, title="Reset a password"), drifted=drifted)],
        grants=[a_grant()] if grants else [],
        zone="Europe/Vienna",
    )
    if not people_named:
        return story
    return replace(story, people={key: replace(one, name=people_named) for key, one in story.people.items()})


def _asked(story: Story, *, offered: bool = True, always_allow: bool = False) -> Card:
    dialog = (
        always_allow_dialog(
            story, story.steps, seat=TECHNICIAN_SEAT, groups=["Finance"], wide=True, tenant=a_tenant()
        )
        if always_allow
        else None
    )
    return approval_card(story, story.approvals[0], offered=offered, always_allow=dialog)


def _decided(status: ApprovalStatus) -> Approval:
    verdicts = {ApprovalStatus.APPROVED: Verdict.APPROVE, ApprovalStatus.DENIED: Verdict.DENY}
    found = an_approval(status=status)
    if status not in verdicts:
        return found
    review = replace(a_review(verdict=verdicts[status]), reason=_REASON)
    return replace(found, reviews=(review,), decided=NOW)


def _managers(status: ApprovalStatus) -> Approval:
    found = an_approval("approval-2", seat=MANAGER_SEAT, status=status)
    return replace(found, approver=PersonId("megan"), asked_group=None)
