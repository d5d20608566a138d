"""What the port promises of requests, their calls and their approvals, on each kind of database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.actions import Action
from bot.domain.canonical import JsonObject
from bot.domain.grants import MANAGER_SEAT, GrantId, Seat, SeatKind
from bot.domain.people import PersonId
from bot.domain.requests import (
    ApprovalStatus,
    CallStatus,
    Request,
    RequestId,
    RequestStatus,
    Verdict,
)
from bot.domain.tools import ToolId
from bot.ports.records import Overtaken
from bot.storage.store import SqlStore
from tests.builders import NOW, RESET
from tests.records import (
    ACME,
    GLOBEX,
    HOSTILE,
    a_record,
    a_request,
    a_review,
    an_approval,
    put_request,
)

ALICE = PersonId("alice")
ONE = RequestId("request-1")


def filled(request: Request) -> Request:
    """Gives the request with something in each field that can be empty."""
    return replace(
        request,
        diagnosis="Locked out.",
        runbook="password",
        plan_digest="1" * 64,
        outcome="Done.",
        question_open=True,
        joined_to=RequestId("request-0"),
        nudged=NOW,
        details=("a", HOSTILE),
        thread=HOSTILE,
    )


async def test_a_request_comes_back_as_it_was_stored(store: SqlStore) -> None:
    request = filled(a_request(text=HOSTILE))
    async with store.unit(ACME) as unit:
        await unit.requests.add(request)
    async with store.view(ACME) as unit:
        assert await unit.requests.get(request.id) == request
        assert await unit.requests.get(RequestId("request-2")) is None


async def test_a_changed_request_has_every_change_and_the_next_version(store: SqlStore) -> None:
    stored = a_request()
    async with store.unit(ACME) as unit:
        await unit.requests.add(stored)
    becomes = replace(filled(stored), status=RequestStatus.PLANNING, updated=NOW + timedelta(seconds=1))
    async with store.unit(ACME) as unit:
        given = await unit.requests.swap(stored, becomes)
    assert given == replace(becomes, version=1)
    async with store.view(ACME) as unit:
        assert await unit.requests.get(ONE) == given


async def test_a_request_with_another_status_or_version_is_not_overwritten(store: SqlStore) -> None:
    stored = a_request()
    async with store.unit(ACME) as unit:
        await unit.requests.add(stored)
        now = await unit.requests.swap(stored, replace(stored, diagnosis="first"))
    for was in (stored, replace(now, status=RequestStatus.WAITING), replace(now, id=RequestId("none"))):
        with pytest.raises(Overtaken):
            async with store.unit(ACME) as unit:
                await unit.requests.swap(was, replace(was, diagnosis="second"))
    async with store.view(ACME) as unit:
        assert await unit.requests.get(ONE) == now


async def test_an_id_is_stored_once(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await put_request(unit)
        await unit.requests.add_calls([a_record()])
        for again in (
            unit.requests.add(a_request(text="again")),
            unit.approvals.add(an_approval()),
            unit.requests.add_calls([a_record()]),
        ):
            with pytest.raises(Overtaken):
                await again
        found = await unit.requests.get(ONE)
        assert found is not None
        assert found.text == "I forgot my password."


async def test_requests_are_listed_by_person_place_and_status(store: SqlStore) -> None:
    waiting, done = RequestStatus.WAITING, RequestStatus.DONE
    listed = [
        a_request("r1", status=waiting, created=NOW + timedelta(minutes=1)),
        a_request("r2", status=waiting, place="D2"),
        a_request("r3", status=done, created=NOW + timedelta(minutes=2)),
        a_request("r4", status=waiting, requester="eve", joined_to="r1"),
        a_request("r5", status=done, requester="eve", joined_to="r1"),
        a_request("r6", status=RequestStatus.ATTENTION, created=NOW + timedelta(minutes=1)),
    ]
    async with store.unit(ACME) as unit:
        for request in listed:
            await unit.requests.add(request)
        requests = unit.requests
        assert [found.id for found in await requests.open_of(ALICE)] == ["r6", "r1", "r2"]
        assert [found.id for found in await requests.waiting()] == ["r2", "r4", "r1"]
        assert [found.id for found in await requests.joined_to(RequestId("r1"))] == ["r4"]
        newest = await requests.newest_of(ALICE, "web", "D1")
        assert newest is not None
        assert newest.id == "r3"
        assert await requests.newest_of(ALICE, "slack", "D1") is None


async def test_a_thread_gives_its_requesters_newest_request(store: SqlStore) -> None:
    minute = timedelta(minutes=1)
    async with store.unit(GLOBEX) as unit:
        await unit.requests.add(a_request("r1", tenant=GLOBEX, surface="slack", thread="other"))
    async with store.unit(ACME) as unit:
        for request in (
            a_request("r1", surface="slack", thread="1.0", status=RequestStatus.DONE, created=NOW + minute),
            a_request("r2", surface="slack", thread="1.0"),
            a_request("r3", surface="slack", thread="1.0", requester="eve", created=NOW + 2 * minute),
            a_request("r4", surface="slack", thread="1.0", place="D2", created=NOW + 2 * minute),
            a_request("r5", surface="slack", created=NOW + 2 * minute),
            a_request("r6", thread="1.0", created=NOW + 2 * minute),
        ):
            await unit.requests.add(request)

        async def found(thread: str, *, surface: str = "slack", requester: str = "alice") -> str | None:
            request = await unit.requests.in_thread(PersonId(requester), surface, "D1", thread)
            return None if request is None else request.id

        assert await found("1.0") == "r1"
        assert await found("1.0", requester="eve") == "r3"
        assert await found("1.0", requester="mallory") is None
        assert await found("1.0", surface="web") == "r6"
        assert await found("") == "r5"
        assert await found("other") is None


async def test_a_requesters_newest_requests_are_given_wherever_and_however_they_stand(
    store: SqlStore,
) -> None:
    async with store.unit(GLOBEX) as unit:
        await unit.requests.add(a_request("theirs", tenant=GLOBEX))
    async with store.unit(ACME) as unit:
        for number, status in enumerate(RequestStatus):
            created = NOW + timedelta(minutes=number)
            await unit.requests.add(
                a_request(f"r{number}", status=status, surface=f"s{number}", created=created)
            )
        await unit.requests.add(a_request("eves", requester="eve", created=NOW + timedelta(days=1)))
        everything = [request.id for request in await unit.requests.newest(ALICE, limit=99)]
        assert everything == [f"r{number}" for number in reversed(range(len(RequestStatus)))]
        assert [one.id for one in await unit.requests.newest(ALICE, limit=2)] == everything[:2]


async def test_of_requests_made_at_one_moment_the_last_stored_is_the_newest(store: SqlStore) -> None:
    names = ("b", "c", "a")
    async with store.unit(ACME) as unit:
        for name in names:
            await unit.requests.add(a_request(name))
        newest = await unit.requests.newest_of(ALICE, "web", "D1")
        assert [found.id for found in await unit.requests.open_of(ALICE)] == ["a", "c", "b"]
    assert newest is not None
    assert newest.id == "a"


async def test_a_message_is_tied_to_one_request(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.requests.add(a_request())
        await unit.requests.add(a_request("request-2"))
        assert await unit.requests.seen("slack", HOSTILE) is None
        await unit.requests.remember("slack", HOSTILE, ONE)
        with pytest.raises(Overtaken):
            await unit.requests.remember("slack", HOSTILE, RequestId("request-2"))
        assert await unit.requests.seen("slack", HOSTILE) == ONE
        assert await unit.requests.seen("teams", HOSTILE) is None


EXACT: tuple[JsonObject, ...] = (
    {},
    {"number": 1, "float": 1.0, "big": 10**99, "negative": -(2**80), "zero": -0.0, "tiny": 5e-324, "e": 1e22},
    {"yes": True, "one": 1, "text": "1", "nothing": None, "empty": "", "list": [], "object": {}},
    {"\x00": "\x00", "text": HOSTILE.encode(errors="replace").decode(), "кириллица": "ñ", "😀": "\ufeff"},
    {"deep": {"deep": [[[{"deep": [1, 1.0, True]}]]]}, "z": 1, "a": 2},
)


@pytest.mark.parametrize("arguments", EXACT, ids=range(len(EXACT)))
async def test_arguments_come_back_to_the_digit(store: SqlStore, arguments: JsonObject) -> None:
    record = a_record(arguments=arguments)
    async with store.unit(ACME) as unit:
        await unit.requests.add(a_request())
        await unit.requests.add_calls([record])
    async with store.view(ACME) as unit:
        (found,) = await unit.requests.calls(ONE)
    assert found == record
    assert repr(found.arguments) == repr(dict(sorted(arguments.items())))
    assert found.call.digest == record.digest


async def test_a_call_changes_only_from_the_status_it_was_read_with(store: SqlStore) -> None:
    proposed = a_record()
    running = replace(
        proposed,
        status=CallStatus.EXECUTING,
        action=Action.AUTO,
        reason="Ask first.",
        policies=("Ask first", HOSTILE),
        grants=(GrantId("grant-1"),),
        standing=False,
        result=HOSTILE,
        started=NOW,
        ended=NOW + timedelta(microseconds=1),
    )
    async with store.unit(ACME) as unit:
        await unit.requests.add(a_request())
        await unit.requests.add_calls([proposed])
        await unit.requests.swap_call(proposed, running)
        with pytest.raises(Overtaken):
            await unit.requests.swap_call(proposed, running)
        assert await unit.requests.calls(ONE) == (running,)


async def test_planning_anew_forgets_proposed_steps_and_reads_but_not_what_ran(store: SqlStore) -> None:
    ran = a_record("ran", position=0, status=CallStatus.SUCCEEDED)
    async with store.unit(ACME) as unit:
        await unit.requests.add(a_request())
        await unit.requests.add_calls(
            [
                a_record("next", position=1),
                ran,
                a_record("read", position=-1, status=CallStatus.SUCCEEDED),
            ]
        )
        assert [call.id for call in await unit.requests.calls(ONE)] == ["read", "ran", "next"]
        await unit.requests.remove_calls(ONE)
        assert await unit.requests.calls(ONE) == (ran,)


async def test_recent_calls_of_a_tool_are_steps_newest_first(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        for number in (1, 2, 3):
            created = NOW + timedelta(minutes=number)
            await unit.requests.add(a_request(f"r{number}", created=created))
            await unit.requests.add_calls(
                [
                    a_record(f"step-{number}", request=f"r{number}"),
                    a_record(f"read-{number}", request=f"r{number}", position=-1),
                    a_record(f"other-{number}", request=f"r{number}", tool=ToolId("acme-it", "other")),
                ]
            )
        found = await unit.requests.recent_calls(RESET, limit=2)
    assert [(call.id, request.id) for call, request in found] == [("step-3", "r3"), ("step-2", "r2")]


async def test_an_approval_comes_back_with_its_reviews_in_their_order(store: SqlStore) -> None:
    approval = replace(
        an_approval(seat=Seat(SeatKind.TECHNICIAN, HOSTILE, 2)),
        approver=PersonId("megan"),
        asked_group=None,
        explanation=HOSTILE,
        decided=NOW,
    )
    reviews = (
        replace(a_review(reviewer="zoe"), reason=HOSTILE, grant=GrantId("grant-1")),
        a_review(reviewer="bob", verdict=Verdict.DENY),
    )
    async with store.unit(ACME) as unit:
        await unit.requests.add(a_request())
        await unit.approvals.add(approval)
        for review in reviews:
            await unit.approvals.add_review(review)
        with pytest.raises(Overtaken):
            await unit.approvals.add_review(a_review(reviewer="zoe", verdict=Verdict.DENY))
    async with store.view(ACME) as unit:
        stored = replace(approval, reviews=reviews)
        assert await unit.approvals.get(approval.id) == stored
        assert await unit.approvals.of(ONE) == (stored,)
        assert await unit.approvals.pending() == (stored,)


async def test_approvals_of_a_request_come_oldest_first_and_the_managers_last(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.requests.add(a_request())
        await unit.approvals.add(an_approval("manager", seat=MANAGER_SEAT))
        await unit.approvals.add(an_approval("second", created=NOW + timedelta(seconds=1)))
        await unit.approvals.add(an_approval("first"))
        assert [approval.id for approval in await unit.approvals.of(ONE)] == ["first", "second", "manager"]


async def test_approvals_are_due_at_their_very_end_and_while_pending_only(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.requests.add(a_request())
        await unit.approvals.add(an_approval("later", expires=NOW + timedelta(microseconds=1)))
        await unit.approvals.add(an_approval("now", expires=NOW))
        await unit.approvals.add(an_approval("past", created=NOW - timedelta(days=2)))
        await unit.approvals.add(an_approval("void", status=ApprovalStatus.VOID, expires=NOW))
        assert [approval.id for approval in await unit.approvals.due(NOW, limit=9)] == ["past", "now"]
        assert [approval.id for approval in await unit.approvals.due(NOW, limit=1)] == ["past"]


async def test_an_approval_that_is_settled_is_not_settled_again(store: SqlStore) -> None:
    pending = an_approval()
    approved = replace(pending, status=ApprovalStatus.APPROVED, decided=NOW)
    async with store.unit(ACME) as unit:
        await put_request(unit)
        await unit.approvals.swap(pending, approved)
        with pytest.raises(Overtaken):
            await unit.approvals.swap(pending, replace(pending, status=ApprovalStatus.DENIED))
        assert await unit.approvals.get(pending.id) == approved


async def test_equal_ids_of_two_tenants_never_meet(store: SqlStore) -> None:
    for tenant in (ACME, GLOBEX):
        async with store.unit(tenant) as unit:
            await put_request(unit, tenant=tenant)
            await unit.requests.add_calls([a_record()])
            await unit.requests.remember("web", "message-1", ONE)
            await unit.approvals.add_review(a_review())
    async with store.unit(ACME) as unit:
        approval, request = an_approval(), a_request(status=RequestStatus.WAITING)
        await unit.approvals.swap(approval, replace(approval, status=ApprovalStatus.DENIED))
        await unit.requests.swap(request, replace(request, text="another"))
        (call,) = await unit.requests.calls(ONE)
        await unit.requests.remove_calls(ONE)
    async with store.view(GLOBEX) as unit:
        (theirs,) = await unit.approvals.pending()
        assert theirs == replace(an_approval(tenant=GLOBEX), reviews=(a_review(),))
        assert [found.text for found in await unit.requests.waiting()] == ["I forgot my password."]
        assert await unit.requests.calls(ONE) == (call,)
        assert [request.tenant for _, request in await unit.requests.recent_calls(RESET, limit=9)] == [GLOBEX]


async def test_what_belongs_to_another_tenant_cannot_be_stored(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        for foreign in (
            unit.requests.add(a_request(tenant=GLOBEX)),
            unit.approvals.add(an_approval(tenant=GLOBEX)),
        ):
            with pytest.raises(ValueError, match="another tenant"):
                await foreign
