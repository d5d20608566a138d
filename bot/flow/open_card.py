"""Open a card: shows it to whoever may see it, and gives the dialogs of the actions that they may do."""

from typing import Final

from bot.cards.model import DENY, Card, Dialog
from bot.cards.rule_change import PREFIX as CHANGE
from bot.cards.words import STATUSES
from bot.domain.errors import Refusal
from bot.domain.people import TECHNICIANS, Person
from bot.domain.proposals import ProposalId, ProposalStatus
from bot.domain.requests import ApprovalId, RequestId
from bot.domain.tools import shortened
from bot.flow.act import REQUESTERS, Act
from bot.flow.approve import Approve, check_thawed
from bot.flow.present import Present
from bot.flow.refusals import NotOffered, NotPossibleNow, UnknownCard
from bot.flow.requester import own_story
from bot.flow.seams import Seams
from bot.flow.second_admin import ACTIONS, ChangeDecided, NotYourChange, OwnChange

_STATUS = "status-"
_ATTENTION = "attention-"
VIEW: Final = "view"
"""The action of whoever only wants to see a card."""


class OpenCard:
    """Opens cards that somebody pressed something on."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._act = Act(seams)
        self._approve = Approve(seams)

    async def __call__(self, card: str, person: Person, *, action: str = VIEW) -> Card:
        """Gives the card as this person sees it now.

        Args:
            card: its id.
            person: who wants to see it.
            action: what they pressed, for the audit log.

        Raises:
            Refusal: there is none for them; it stands in the audit log.
        """
        try:
            return await self._shown(card, person)
        except Refusal as refusal:
            await self._act.refused(card, person.id, action, refusal)
            raise

    async def _shown(self, card: str, person: Person) -> Card:
        if card.startswith(_ATTENTION) and not person.sits_in(TECHNICIANS):
            raise UnknownCard
        await self._check_own(card, person)
        if "-" not in card:
            await self._check_asked(card, person)
        found = await Present(self._seams)(card, person)
        if found is None:
            raise UnknownCard
        return found

    async def dialog(self, card: str, person: Person, action: str) -> Dialog:
        """Gives the dialog of an action that this person may do now.

        Raises:
            Refusal: why they may not; it stands in the audit log.
        """
        try:
            await self._check_own(card, person)
            shown = await Present(self._seams)(card, person)
            found = next((one for one in shown.actions if one.id == action), None) if shown else None
            if found is not None and found.dialog is not None:
                return found.dialog
            if "-" in card and not card.startswith((_STATUS, _ATTENTION)):
                raise await self._why_not_here(shown, action, person)
            raise await self._why_not(card, person, action, is_offered=found is not None)
        except Refusal as refusal:
            await self._act.refused(card, person.id, action, refusal)
            raise

    async def _why_not(self, card: str, person: Person, action: str, *, is_offered: bool) -> Refusal:
        """Gives the reason why an action is not offered to somebody, or not with a dialog."""
        try:
            if not card.startswith(_STATUS):
                standing = await self._approve.standing(ApprovalId(card), person.id)
                if action != DENY:
                    check_thawed(standing.story)
            elif action in REQUESTERS and not is_offered:
                story = await own_story(self._seams, RequestId(card.removeprefix(_STATUS)), person.id)
                return NotPossibleNow(status=STATUSES[story.request.status])
        except Refusal as refusal:
            return refusal
        return NotOffered(action=shortened(action))

    async def _why_not_here(self, shown: Card | None, action: str, person: Person) -> Refusal:
        """Gives the reason for a card of no request: whoever may not see it finds none."""
        if shown is None:
            return UnknownCard()
        if not shown.id.startswith(CHANGE) or action not in ACTIONS:
            return NotOffered(action=shortened(action))
        async with self._seams.store.view(self._seams.tenant) as view:
            change = await view.changes.proposal(ProposalId(shown.id.removeprefix(CHANGE)))
        if change is None or change.status is not ProposalStatus.PENDING:
            return ChangeDecided(how=shown.facts[0].value)
        return OwnChange() if change.by == person.id else NotYourChange()

    async def _check_own(self, card: str, person: Person) -> None:
        """Passes for a requester's card only where it is the person's own; in a channel all can press it."""
        if card.startswith(_STATUS):
            await own_story(self._seams, RequestId(card.removeprefix(_STATUS)), person.id)

    async def _check_asked(self, card: str, person: Person) -> None:
        """Lets those see an approval's card who were sent it, decided on it or may; others find none."""
        async with self._seams.store.view(self._seams.tenant) as view:
            copies = await view.outbox.copies(card)
            asked = await view.approvals.get(ApprovalId(card))
        knows = {copy.person for copy in copies} | {one.reviewer for one in (asked.reviews if asked else ())}
        if person.id not in knows:
            await self._approve.standing(ApprovalId(card), person.id)
