"""Whether somebody may decide an approval now; cards and lists ask here, so that they never disagree."""

from collections.abc import Iterable

from bot.domain.grants import Grant
from bot.domain.people import Person, PersonId
from bot.domain.requests import Approval, ApprovalStatus
from bot.flow.seats import may_fill, seated_elsewhere
from bot.ports.directory import Directory, DirectoryUnreachable


def is_free(
    approval: Approval,
    viewer: Person,
    *,
    requesters: frozenset[PersonId],
    approvals: Iterable[Approval],
    grants: Iterable[Grant],
) -> bool:
    """Whether the approval is pending and the viewer's word does not count in this request already.

    Args:
        approval: the seat's question.
        viewer: who looks at it.
        requesters: everyone who asks for the same; none of them may approve.
        approvals: all approvals of the request.
        grants: the standing approvals that fill seats of it.
    """
    if approval.status is not ApprovalStatus.PENDING or viewer.id in requesters:
        return False
    if any(review.reviewer == viewer.id for review in approval.reviews):
        return False
    return viewer.id not in seated_elsewhere(approvals, grants, approval.seat)


async def sits_here(directory: Directory, approval: Approval, viewer: Person) -> bool:
    """Whether the viewer sits where this approval asks; nobody does while the directory is away."""
    try:
        return await may_fill(directory, approval, viewer)
    except DirectoryUnreachable:
        return False
