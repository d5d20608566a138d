"""From the domain's things to rows and back, by name: a field is the column of the same name."""

from dataclasses import fields
from typing import Any, TypeVar

from sqlmodel import SQLModel

from bot.domain.grants import Grant, Seat
from bot.domain.requests import Approval, CallRecord, Request, Review
from bot.domain.tools import CatalogTool, ToolDefinition, ToolId
from bot.storage.documents import arguments_of, holder_of, written
from bot.storage.tables.approvals import ApprovalRow, ReviewRow
from bot.storage.tables.connections import ToolRow
from bot.storage.tables.policies import GrantRow
from bot.storage.tables.requests import CallRow, RequestRow

Thing = TypeVar("Thing")
Columns = dict[str, Any]


def columns_of(thing: Any, *, without: frozenset[str] = frozenset()) -> Columns:
    """Gives the fields of a record of the domain as columns, by name."""
    return {field.name: getattr(thing, field.name) for field in fields(thing) if field.name not in without}


def thing_of(kind: type[Thing], row: SQLModel, **given: object) -> Thing:
    """Gives the record that the row holds, by name; `given` holds the fields that are no columns."""
    names = [field.name for field in fields(kind) if field.name not in given]  # type: ignore[arg-type]  # always a dataclass
    return kind(**{name: getattr(row, name) for name in names}, **given)


def request_of(row: RequestRow) -> Request:
    """Gives the request that the row holds."""
    return thing_of(Request, row)


def call_columns(call: CallRecord) -> Columns:
    """Gives a call as columns."""
    return columns_of(call, without=_TOOL) | {"connector": call.tool.connector, "tool": call.tool.name}


def call_of(row: CallRow) -> CallRecord:
    """Gives the call that the row holds."""
    return thing_of(CallRecord, row, tool=ToolId(row.connector, row.tool))


def approval_columns(approval: Approval) -> Columns:
    """Gives an approval as columns, without its reviews."""
    seat = approval.seat
    return columns_of(approval, without=_SEAT_AND_REVIEWS) | {
        "seat_kind": seat.kind,
        "seat_group": seat.group,
        "seat_quorum": seat.quorum,
    }


def approval_of(row: ApprovalRow, reviews: tuple[Review, ...]) -> Approval:
    """Gives the approval that the row holds, with its reviews."""
    return thing_of(Approval, row, seat=Seat(row.seat_kind, row.seat_group, row.seat_quorum), reviews=reviews)


def review_of(row: ReviewRow) -> Review:
    """Gives the review that the row holds."""
    return thing_of(Review, row)


def grant_columns(grant: Grant) -> Columns:
    """Gives a standing approval as columns."""
    return columns_of(grant) | {
        "connector": grant.tool.connector,
        "tool": grant.tool.name,
        "holder": written(grant.holder),
        "arguments": written(grant.arguments),
        "technician_groups": tuple(sorted(grant.technician_groups)),
    }


def grant_of(row: GrantRow) -> Grant:
    """Gives the standing approval that the row holds."""
    return thing_of(
        Grant,
        row,
        tool=ToolId(row.connector, row.tool),
        holder=holder_of(row.holder),
        arguments=arguments_of(row.arguments),
        technician_groups=frozenset(row.technician_groups),
    )


def tool_columns(tool: CatalogTool) -> Columns:
    """Gives what is known of a tool as columns; whether its connector is on stands with the connector."""
    return (
        columns_of(tool, without=frozenset({"definition", "connector_on"}))
        | columns_of(tool.definition, without=frozenset({"id"}))
        | {"connector": tool.id.connector, "name": tool.id.name}
    )


def tool_of(row: ToolRow, *, connector_on: bool) -> CatalogTool:
    """Gives what the row knows of a tool."""
    definition = thing_of(ToolDefinition, row, id=ToolId(row.connector, row.name))
    return thing_of(CatalogTool, row, definition=definition, connector_on=connector_on)


_TOOL = frozenset({"tool"})
_SEAT_AND_REVIEWS = frozenset({"seat", "reviews"})
