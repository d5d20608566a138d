"""The request form: a person names the tool and its arguments themselves; the way after that is the same."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.canonical import JsonObject
from bot.domain.people import Person, PersonId
from bot.domain.plans import ToolCall, plan_digest
from bot.domain.requests import CallId, CallRecord, CallStatus, Request, RequestId, RequestStatus
from bot.domain.tools import CatalogTool, ToolId
from bot.flow.again import again
from bot.flow.intake import MAX_TEXT, known_person, open_request
from bot.flow.refusals import BadForm
from bot.flow.seams import AGENT, Seams


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A filled request form."""

    surface: str
    place: str
    person: PersonId
    tool: ToolId
    arguments: JsonObject
    note: str = ""
    thread: str = ""
    """The place's thread in which it is answered; empty on a surface without threads."""
    key: str | None = None
    """The surface's own id of the submission, for re-sent events."""


class TakeForm:
    """Takes filled forms in."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, form: Form) -> RequestId:
        """Stores the request with its one call and gives its id; the same key twice opens one.

        Raises:
            BadForm: the tool or its arguments are wrong; it names the fields.
            Refusal: nobody known, or a disabled account.
        """
        requester = await known_person(self._seams, form.person)
        if len(form.note) > MAX_TEXT:
            raise BadForm(fields={"note": f"Is longer than {MAX_TEXT} characters."})
        call = ToolCall(tool=form.tool, arguments=form.arguments).checked()
        request = await again(lambda: self._stored(form, requester, call))
        self._seams.bell.ring()
        return request

    async def _stored(self, form: Form, requester: Person, call: ToolCall) -> RequestId:
        now = self._seams.clock.now()
        async with self._seams.store.unit(self._seams.tenant) as unit:
            if form.key is not None:
                seen = await unit.requests.seen(form.surface, form.key)
                if seen is not None:
                    return seen
            catalog = await unit.connections.catalog()
            tool = checked_tool(catalog, form.tool)
            problems = self._seams.schemas.problems(tool.definition.input_schema, form.arguments)
            if problems:
                raise BadForm(fields=dict(problems))
            tenant = await unit.tenant()
            request = Request(
                id=RequestId(self._seams.ids.new()),
                tenant=self._seams.tenant,
                requester=requester.id,
                surface=form.surface,
                place=form.place,
                thread=form.thread,
                agent=AGENT,
                text=form.note.strip(),
                status=RequestStatus.RECEIVED,
                created=now,
                updated=now,
                expires=now + tenant.approval_lifetime,
                diagnosis=f"{requester.name} filled the request form.",
                plan_digest=plan_digest([call]),
            )
            await open_request(unit, request)
            await unit.requests.add_calls([proposed(self._seams, request, tool, call, position=0)])
            if form.key is not None:
                await unit.requests.remember(form.surface, form.key, request.id)
        return request.id


def checked_tool(catalog: Mapping[ToolId, CatalogTool], tool: ToolId) -> CatalogTool:
    """Gives the tool as the catalog knows it.

    Raises:
        BadForm: no connector offers it.
    """
    found = catalog.get(tool)
    if found is None or not found.present:
        raise BadForm(fields={"tool": f"No connector offers {tool}. Choose one from the list."})
    return found


def proposed(
    seams: Seams, request: Request, tool: CatalogTool, call: ToolCall, *, position: int
) -> CallRecord:
    """Gives the record of a call that is not decided yet."""
    return CallRecord(
        id=CallId(seams.ids.new()),
        request=request.id,
        position=position,
        tool=call.tool,
        arguments=call.arguments,
        digest=call.digest,
        fingerprint=tool.fingerprint,
        effect=tool.effect,
        status=CallStatus.PROPOSED,
    )
