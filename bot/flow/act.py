"""Act: a click on a card goes to its stage; a refusal is answered in a sentence and stands in the log."""

from contextlib import suppress
from typing import Final

from bot.cards.model import (
    ADD_DETAILS,
    ALWAYS_ALLOW,
    APPROVE,
    DENY,
    IT_DID_NOT_RUN,
    IT_RAN,
    NUDGE,
    WITHDRAW,
)
from bot.domain.announcements import AnnouncementId
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.people import PersonId
from bot.domain.proposals import ProposalId
from bot.domain.requests import ApprovalId, RequestId, Verdict
from bot.domain.tools import shortened
from bot.flow.answer_tool_change import AnswerToolChange
from bot.flow.approve import Approve
from bot.flow.decide import ATTEMPTS
from bot.flow.grant import GiveGrant
from bot.flow.refusals import NotOffered, UnknownCard
from bot.flow.requester import AddDetails, Nudge, Withdraw
from bot.flow.resolve import Resolve
from bot.flow.seams import Seams
from bot.flow.second_admin import SecondAdmin
from bot.flow.terms import check_action_values, reason_of, text_of
from bot.ports.records import Overtaken

_APPROVAL: Final = frozenset({APPROVE, DENY, ALWAYS_ALLOW})
REQUESTERS: Final = frozenset({WITHDRAW, NUDGE, ADD_DETAILS})
"""What requesters can do on their own card."""
_ATTENTION: Final = frozenset({IT_RAN, IT_DID_NOT_RUN})


class Act:
    """Takes clicks."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, card: str, person: PersonId, action: str, values: JsonObject) -> str:
        """Does what the button says and gives the sentence to answer with.

        Raises:
            Refusal: nothing changed; the refusal is in the audit log.
        """
        try:
            return await self._tried(card, person, action, values)
        except Refusal as refusal:
            await self.refused(card, person, action, refusal)
            raise

    async def _tried(self, card: str, person: PersonId, action: str, values: JsonObject) -> str:
        """Does it again when somebody was faster: then it is checked, and told, on what they left."""
        for _ in range(ATTEMPTS):
            with suppress(Overtaken):
                return await _done(self._seams.afresh(), card, person, action, values)
        raise Overtaken

    async def refused(self, card: str, person: PersonId, action: str, refusal: Refusal) -> None:
        """Notes a refused click in the audit log; for surfaces that refuse before a dialog is opened."""
        entry = AuditEntry(
            at=self._seams.clock.now(),
            kind="action.refused",
            actor=person,
            status=type(refusal).__name__,
            details={"card": shortened(card), "action": shortened(action)},
        )
        async with self._seams.store.unit(self._seams.tenant) as unit:
            await unit.audit.append(entry)


async def _done(seams: Seams, card: str, person: PersonId, action: str, values: JsonObject) -> str:
    kind, dash, rest = card.partition("-")
    if not dash:
        return await _on_approval(seams, ApprovalId(card), person, action, values)
    if kind == "status":
        return await _on_status(seams, RequestId(rest), person, action, values)
    if kind == "change":
        return await SecondAdmin(seams)(ProposalId(rest), person, action, values)
    if kind == "tool":
        return await AnswerToolChange(seams)(AnnouncementId(rest), person, action, values)
    if kind == "attention":
        _check_offered(action, _ATTENTION)
        check_action_values(values, frozenset())
        return await Resolve(seams)(RequestId(rest), person, ran=action == IT_RAN)
    raise UnknownCard


async def _on_approval(
    seams: Seams, approval: ApprovalId, person: PersonId, action: str, values: JsonObject
) -> str:
    _check_offered(action, _APPROVAL)
    if action == ALWAYS_ALLOW:
        return await GiveGrant(seams)(approval, person, values)
    check_action_values(values, frozenset({"reason"}))
    verdict = Verdict.APPROVE if action == APPROVE else Verdict.DENY
    return await Approve(seams)(approval, person, verdict, reason=reason_of(values))


async def _on_status(
    seams: Seams, request: RequestId, person: PersonId, action: str, values: JsonObject
) -> str:
    _check_offered(action, REQUESTERS)
    if action == ADD_DETAILS:
        check_action_values(values, frozenset({"text"}))
        return await AddDetails(seams)(request, person, text_of(values, "text", "Details"))
    check_action_values(values, frozenset())
    stage = Withdraw(seams) if action == WITHDRAW else Nudge(seams)
    return await stage(request, person)


def _check_offered(action: str, offered: frozenset[str]) -> None:
    if action not in offered:
        raise NotOffered(action=shortened(action))
