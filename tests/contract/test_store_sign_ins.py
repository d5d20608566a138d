"""What the port promises of sign-ins that are under way."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from bot.domain.people import TenantId
from bot.domain.signing_in import GOOD_FOR, PAUSE, TRIES, SignInStatus
from bot.ports.chat import ChatUser
from bot.ports.signin import Asking, CodeAnswer, Purpose, Signed
from bot.storage.engine import Engine, open_engine
from bot.storage.signins import SqlSignIns
from bot.storage.tables.signins import SignInRow
from tests.builders import NOW
from tests.records import ACME, GLOBEX, HOSTILE

SECOND = timedelta(seconds=1)
CODE, SECRET = "12345678", "s" * 43
USER = ChatUser(surface="slack", team="T1", id="U1")
SIGNED = Signed(subject=HOSTILE, issuer="https://id.test", at=NOW)


@pytest.fixture
async def engine(database: str) -> AsyncIterator[Engine]:
    engine = open_engine(database)
    yield engine
    await engine.close()


@pytest.fixture
def sign_ins(engine: Engine) -> SqlSignIns:
    return SqlSignIns(engine)


def an_asking(user: ChatUser = USER, name: str = HOSTILE) -> Asking:
    return Asking(user=user, purpose=Purpose.LINK, name=name, team_name=HOSTILE)


async def asked(
    sign_ins: SqlSignIns,
    *,
    user: ChatUser = USER,
    tenant: TenantId = ACME,
    at: datetime = NOW,
    occasion: str = "m1",
) -> str:
    link = await sign_ins.ask(tenant, an_asking(user), occasion=occasion, now=at)
    assert link is not None
    return link


async def signed_in(sign_ins: SqlSignIns, *, user: ChatUser = USER, secret: str = SECRET) -> str:
    link = await asked(sign_ins, user=user)
    assert await sign_ins.begin(link, secret, now=NOW) is not None
    assert await sign_ins.take(secret, now=NOW) is not None
    assert await sign_ins.sign(secret, SIGNED, code=CODE, until=NOW + GOOD_FOR)
    return link


async def writes(
    sign_ins: SqlSignIns, code: str, *, occasion: str = "c1", at: datetime = NOW, tenant: TenantId = ACME
) -> CodeAnswer | None:
    heard = await sign_ins.answer(tenant, USER, Purpose.LINK, code, occasion=occasion, now=at)
    return None if heard is None else heard.answer


async def test_a_sign_in_goes_its_whole_way(sign_ins: SqlSignIns) -> None:
    link = await asked(sign_ins)
    found = await sign_ins.of_link(link, now=NOW)
    assert found is not None
    assert (found.tenant, found.asking, found.status) == (ACME, an_asking(), SignInStatus.ASKED)
    assert (found.asked, found.until, found.tries, found.signed) == (NOW, NOW + GOOD_FOR, 0, None)
    begun = await sign_ins.begin(link, SECRET, now=NOW)
    assert begun is not None
    assert begun.status is SignInStatus.BEGUN
    assert await sign_ins.of_browser(SECRET, now=NOW) == begun
    assert await sign_ins.take(SECRET, now=NOW) is not None
    assert await sign_ins.sign(SECRET, SIGNED, code=CODE, until=NOW + 2 * GOOD_FOR)
    shown = await sign_ins.of_browser(SECRET, now=NOW)
    assert shown is not None
    assert (shown.status, shown.signed, shown.until) == (
        SignInStatus.SIGNED_IN,
        SIGNED,
        NOW + 2 * GOOD_FOR,
    )
    heard = await sign_ins.answer(ACME, USER, Purpose.LINK, CODE, occasion="c1", now=NOW)
    assert heard is not None
    assert (heard.answer, heard.sign_in.signed, heard.sign_in.tries) == (CodeAnswer.RIGHT, SIGNED, 1)
    assert await sign_ins.of_user(ACME, USER, Purpose.LINK) == heard.sign_in


async def test_only_hashes_of_links_secrets_and_codes_are_stored(
    sign_ins: SqlSignIns, engine: Engine
) -> None:
    link = await signed_in(sign_ins)
    async with engine.read() as session:
        row = (await session.exec(select(SignInRow))).one()
    stored = " ".join(str(value) for value in row.model_dump().values())
    assert not [one for one in (link, SECRET, CODE) if one in stored]
    assert row.code is not None
    assert len(row.code) == 64


async def test_an_account_gets_one_link_a_minute_and_the_newest_one_counts(sign_ins: SqlSignIns) -> None:
    first = await asked(sign_ins)
    assert await sign_ins.ask(ACME, an_asking(), occasion="m2", now=NOW + PAUSE - SECOND) is None
    assert await sign_ins.of_link(first, now=NOW) is not None
    second = await asked(sign_ins, occasion="m2", at=NOW + PAUSE)
    assert await sign_ins.of_link(first, now=NOW) is None
    assert await sign_ins.of_link(second, now=NOW) is not None
    assert await sign_ins.begin(first, SECRET, now=NOW) is None
    other = ChatUser(surface="slack", team="T1", id="U2")
    assert await sign_ins.ask(ACME, an_asking(other), occasion="m2", now=NOW + PAUSE) is not None


async def test_the_same_occasion_once_more_gets_a_link_at_once(sign_ins: SqlSignIns) -> None:
    first = await asked(sign_ins)
    second = await asked(sign_ins, at=NOW + SECOND)
    assert await sign_ins.of_link(first, now=NOW) is None
    assert await sign_ins.of_link(second, now=NOW) is not None


async def test_many_messages_at_once_get_one_link(sign_ins: SqlSignIns) -> None:
    found = await asyncio.gather(
        *(sign_ins.ask(ACME, an_asking(), occasion=f"m{number}", now=NOW) for number in range(10))
    )
    [link] = [one for one in found if one is not None]
    assert await sign_ins.of_link(link, now=NOW) is not None


async def test_a_link_is_good_for_ten_minutes(sign_ins: SqlSignIns) -> None:
    link, end = await asked(sign_ins), NOW + GOOD_FOR
    assert await sign_ins.of_link(link, now=end - SECOND) is not None
    assert await sign_ins.of_link(link, now=end) is None
    assert await sign_ins.begin(link, SECRET, now=end) is None
    assert await sign_ins.begin(link, SECRET, now=end - SECOND) is not None
    assert await sign_ins.take(SECRET, now=end) is None
    assert await sign_ins.of_browser(SECRET, now=end) is None


@pytest.mark.parametrize("nonsense", ["", "x", HOSTILE, "' OR 1=1 --"])
async def test_nonsense_is_no_link_and_no_browser(sign_ins: SqlSignIns, nonsense: str) -> None:
    await asked(sign_ins)
    assert await sign_ins.of_link(nonsense, now=NOW) is None
    assert await sign_ins.begin(nonsense, SECRET, now=NOW) is None
    assert await sign_ins.of_browser(nonsense, now=NOW) is None
    assert await sign_ins.take(nonsense, now=NOW) is None


async def test_of_two_tabs_the_later_one_counts(sign_ins: SqlSignIns) -> None:
    link = await asked(sign_ins)
    for secret in ("first tab", "second tab"):
        assert await sign_ins.begin(link, secret, now=NOW) is not None
    assert await sign_ins.take("first tab", now=NOW) is None
    assert await sign_ins.take("second tab", now=NOW) is not None


async def test_of_many_who_come_back_at_once_one_goes_on(sign_ins: SqlSignIns) -> None:
    await sign_ins.begin(await asked(sign_ins), SECRET, now=NOW)
    found = await asyncio.gather(*(sign_ins.take(SECRET, now=NOW) for _ in range(10)))
    assert len([one for one in found if one is not None]) == 1


async def test_what_came_to_nothing_can_be_begun_anew_in_another_browser_only(sign_ins: SqlSignIns) -> None:
    link = await asked(sign_ins)
    await sign_ins.begin(link, SECRET, now=NOW)
    await sign_ins.take(SECRET, now=NOW)
    assert await sign_ins.begin(link, "another", now=NOW) is not None
    assert await sign_ins.take(SECRET, now=NOW) is None
    assert not await sign_ins.sign(SECRET, SIGNED, code=CODE, until=NOW + GOOD_FOR)
    assert await sign_ins.take("another", now=NOW) is not None


async def test_what_was_not_taken_is_not_signed(sign_ins: SqlSignIns) -> None:
    link = await asked(sign_ins)
    await sign_ins.begin(link, SECRET, now=NOW)
    assert not await sign_ins.sign(SECRET, SIGNED, code=CODE, until=NOW + GOOD_FOR)
    await sign_ins.take(SECRET, now=NOW)
    await sign_ins.begin(link, "another", now=NOW)
    assert not await sign_ins.sign(SECRET, SIGNED, code=CODE, until=NOW + GOOD_FOR)
    assert await writes(sign_ins, CODE) is CodeAnswer.TOO_EARLY


async def test_beginning_anew_takes_the_code_back_but_not_the_tries(sign_ins: SqlSignIns) -> None:
    link = await signed_in(sign_ins)
    assert await writes(sign_ins, "00000000") is CodeAnswer.WRONG
    again = await sign_ins.begin(link, "another", now=NOW)
    assert again is not None
    assert (again.tries, again.signed) == (1, None)
    assert await writes(sign_ins, CODE, occasion="c2") is CodeAnswer.TOO_EARLY
    assert await sign_ins.of_browser(SECRET, now=NOW) is None


async def test_five_wrong_codes_are_the_end_also_of_the_right_one(sign_ins: SqlSignIns) -> None:
    link = await signed_in(sign_ins)
    found = [await writes(sign_ins, f"0000000{number}", occasion=f"c{number}") for number in range(TRIES)]
    assert found == [CodeAnswer.WRONG] * (TRIES - 1) + [CodeAnswer.SPENT]
    assert await writes(sign_ins, CODE, occasion="c9") is CodeAnswer.SPENT
    assert await sign_ins.begin(link, "another", now=NOW) is None


async def test_guesses_at_the_same_moment_are_counted_one_by_one(sign_ins: SqlSignIns) -> None:
    await signed_in(sign_ins)
    guesses = [f"{number:08}" for number in range(12)]
    found = await asyncio.gather(
        *(writes(sign_ins, guess, occasion=f"c{number}") for number, guess in enumerate(guesses))
    )
    assert sorted(str(one) for one in found) == sorted(["wrong"] * (TRIES - 1) + ["spent"] * 8)


async def test_the_right_code_is_right_once(sign_ins: SqlSignIns) -> None:
    await signed_in(sign_ins)
    found = await asyncio.gather(*(writes(sign_ins, CODE, occasion=f"c{number}") for number in range(6)))
    assert sorted(str(one) for one in found) == ["right"] + ["used"] * 5


async def test_the_same_message_taken_up_again_counts_once_and_gives_the_same(sign_ins: SqlSignIns) -> None:
    await signed_in(sign_ins)
    for _ in range(7):
        assert await writes(sign_ins, "00000000", occasion="c1") is CodeAnswer.WRONG
    for later in (SECOND, 2 * GOOD_FOR):
        assert await writes(sign_ins, CODE, occasion="c2", at=NOW + later) is CodeAnswer.RIGHT
    found = await sign_ins.of_user(ACME, USER, Purpose.LINK)
    assert found is not None
    assert found.tries == 2


async def test_a_code_is_good_until_its_end(sign_ins: SqlSignIns) -> None:
    await signed_in(sign_ins)
    assert await writes(sign_ins, CODE, at=NOW + GOOD_FOR) is CodeAnswer.TOO_LATE
    assert await writes(sign_ins, CODE, at=NOW + GOOD_FOR - SECOND) is CodeAnswer.RIGHT


async def test_the_code_of_one_account_is_worth_nothing_for_another(sign_ins: SqlSignIns) -> None:
    other = ChatUser(surface="slack", team="T1", id="U2")
    await signed_in(sign_ins, user=other)
    assert await writes(sign_ins, CODE) is None
    await asked(sign_ins)
    assert await writes(sign_ins, CODE) is CodeAnswer.TOO_EARLY


async def test_equal_accounts_of_two_tenants_are_two(sign_ins: SqlSignIns) -> None:
    await signed_in(sign_ins)
    assert await writes(sign_ins, CODE, tenant=GLOBEX) is None
    assert await sign_ins.of_user(GLOBEX, USER, Purpose.LINK) is None
    link = await asked(sign_ins, tenant=GLOBEX)
    found = await sign_ins.of_link(link, now=NOW)
    assert found is not None
    assert found.tenant == GLOBEX
    assert await writes(sign_ins, CODE) is CodeAnswer.RIGHT


async def test_old_ones_are_forgotten(sign_ins: SqlSignIns) -> None:
    await asked(sign_ins)
    assert await sign_ins.forget_before(NOW + GOOD_FOR) == 0
    assert await sign_ins.forget_before(NOW + GOOD_FOR + SECOND) == 1
    assert await sign_ins.of_user(ACME, USER, Purpose.LINK) is None
