"""Presents a card to one viewer: the same facts for all, and the buttons that this viewer may press."""

from bot.cards.approval import approval_card, approval_card_for_others
from bot.cards.model import Card, Dialog
from bot.cards.offer import always_allow_dialog
from bot.cards.status import attention_card, attention_card_id, status_card, status_card_id
from bot.cards.story import Story
from bot.domain.announcements import AnnouncementId
from bot.domain.grants import SeatKind
from bot.domain.people import TECHNICIANS, Person
from bot.domain.proposals import ProposalId
from bot.domain.requests import Approval, ApprovalId, RequestId
from bot.flow.answer_tool_change import AnswerToolChange
from bot.flow.gather import gather
from bot.flow.judge import asking, bench_of
from bot.flow.offered import is_free, sits_here
from bot.flow.seams import Seams
from bot.flow.seats import may_fill
from bot.flow.second_admin import SecondAdmin
from bot.flow.vouched import vouched_now
from bot.ports.directory import DirectoryUnreachable


class Present:
    """Draws cards; sees each request as it was when it first looked, so one of these serves one moment."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._stories: dict[RequestId, Story | None] = {}

    async def __call__(self, card: str, viewer: Person, *, about: RequestId | None = None) -> Card | None:
        """Gives the card for this viewer; None when there is no such card.

        `about` is the request that it is thought to be about, where somebody knows it.
        """
        prefix, dash, rest = card.partition("-")
        if prefix == "change" and dash:
            return await SecondAdmin(self._seams).shown(ProposalId(rest), viewer)
        if prefix == "tool" and dash:
            return await AnswerToolChange(self._seams).shown(AnnouncementId(rest), viewer)
        if dash and prefix in {"status", "attention"}:
            story = await self.story(RequestId(rest))
            if story is None:
                return None
            if card == status_card_id(rest):
                return status_card(story)
            offered = viewer.sits_in(TECHNICIANS) and viewer.id not in story.requesters
            return attention_card(story, offered=offered) if card == attention_card_id(rest) else None
        story = await self.story(about) if about else None
        approval = _found(story, card)
        if approval is not None and approval.request != about:
            story = await self.story(approval.request)
        if story is None or approval is None:
            async with self._seams.store.view(self._seams.tenant) as view:
                stored = await view.approvals.get(ApprovalId(card))
            story = await self.story(stored.request) if stored else None
            approval = _found(story, card)
        if story is None or approval is None:
            return None
        if await self._has_left(approval, viewer):
            return approval_card_for_others(approval)
        offered = await self._offered(story, approval, viewer)
        dialog = await self._dialog(story, approval, viewer) if offered else None
        return approval_card(story, approval, offered=offered, always_allow=dialog)

    async def story(self, request: RequestId) -> Story | None:
        """Gives the request's story; None when there is none."""
        if request not in self._stories:
            self._stories[request] = await gather(self._seams, request)
        return self._stories[request]

    async def _offered(self, story: Story, approval: Approval, viewer: Person) -> bool:
        requesters, grants = story.requesters, story.grants.values()
        if not is_free(approval, viewer, requesters=requesters, approvals=story.approvals, grants=grants):
            return False
        return await sits_here(self._seams.directory, approval, viewer)

    async def _has_left(self, approval: Approval, viewer: Person) -> bool:
        """Whether the viewer had the card and may not decide it any more, without having done so."""
        if any(review.reviewer == viewer.id for review in approval.reviews):
            return False
        try:
            return not await may_fill(self._seams.directory, approval, viewer)
        except DirectoryUnreachable:
            return False

    async def _dialog(self, story: Story, approval: Approval, viewer: Person) -> Dialog | None:
        """Gives the dialog of Always allow where this viewer may give a standing approval."""
        requester = story.requester
        is_manager_seat = approval.seat.kind is SeatKind.MANAGER
        if requester is None or (is_manager_seat and requester.manager != viewer.id):
            return None
        groups = sorted(requester.groups) if viewer.is_admin else []
        try:
            requester = await vouched_now(self._seams, requester)
        except DirectoryUnreachable:
            return None
        async with self._seams.store.view(self._seams.tenant) as view:
            bench = await bench_of(view)
        found = asking(
            bench, story.steps, approval.seat, request=story.request, requester=requester, now=story.now
        )
        if not found or not all(decision.standing_allowed for _, decision in found):
            return None
        calls = [call for call, _ in found]
        return always_allow_dialog(
            story, calls, seat=approval.seat, groups=groups, wide=viewer.is_admin, tenant=bench.tenant
        )


def _found(story: Story | None, card: str) -> Approval | None:
    return next((one for one in story.approvals if one.id == card), None) if story else None
