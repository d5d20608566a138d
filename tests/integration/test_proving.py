"""What an account that signed in is told, also while something is away; and that it counts once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.chat.accounts import LinkedElsewhere, UnknownAccount
from bot.chat.proving import CodeUsed, NobodyThere, Offer, Proving, WrongCode
from bot.directory.managers import known_as
from bot.domain.people import PersonId
from bot.domain.signing_in import GOOD_FOR
from bot.ports.chat import ChatUser, Proof
from bot.ports.directory import DirectoryUnreachable
from bot.ports.signin import Asking, Purpose, Signed
from bot.storage.engine import open_engine
from bot.storage.signins import SqlSignIns
from tests.builders import a_person
from tests.fakes.directory import FakeDirectory
from tests.fakes.marked_directory import MarkedDirectory
from tests.journeys.arranging import entries
from tests.journeys.stage import TENANT, Stage

USER = ChatUser(surface="slack", team="T1", id="U1")
ASKING = Asking(user=USER, purpose=Purpose.LINK, name="Alice", team_name="Acme")
CODE, OTHER, SECRET = "12345678", "00000000", "s" * 43
WHY = UnknownAccount()


class Chat:
    """An account, and a directory that tests take down."""

    def __init__(self, stage: Stage, sign_ins: SqlSignIns) -> None:
        self.stage = stage
        self.directory: FakeDirectory = FakeDirectory([a_person("alice"), a_person("bob")])
        self.seams = replace(stage.seams, directory=self.directory)
        self.sign_ins = sign_ins
        self.proving = Proving(self.seams, sign_ins, link_to=lambda code: code)

    async def offered(self, occasion: str = "m1") -> Offer:
        found = await self.proving.offer(WHY, ASKING, occasion=occasion)
        assert found is not None
        return found

    async def signed_in(self, subject: str = "alice") -> None:
        """Has somebody sign in with the account's link; the page shows the code."""
        now = self.stage.clock.now()
        await self.sign_ins.begin((await self.offered()).link, SECRET, now=now)
        await self.sign_ins.take(SECRET, now=now)
        signed = Signed(subject=subject, issuer="https://id.test", at=now)
        assert await self.sign_ins.sign(SECRET, signed, code=CODE, until=now + GOOD_FOR)

    async def writes(self, text: str, occasion: str = "c1") -> str | None:
        return await self.proving.written(USER, text, occasion=occasion)

    async def tied_to(self) -> tuple[str, Proof] | None:
        async with self.seams.store.view(TENANT) as view:
            found = await view.links.of_user(USER)
        return None if found is None else (found.person, found.proof)


@pytest.fixture
async def chat(stage: Stage, tmp_path: Path) -> AsyncIterator[Chat]:
    engine = open_engine(f"sqlite:///{tmp_path / 'countersign.db'}")
    yield Chat(stage, SqlSignIns(engine))
    await engine.close()


async def test_while_the_directory_is_away_the_code_stays_good_for_its_message(chat: Chat) -> None:
    await chat.signed_in()
    chat.directory.unreachable = True
    for _ in range(7):
        with pytest.raises(DirectoryUnreachable):
            await chat.writes(CODE)
    assert await chat.tied_to() is None
    chat.directory.unreachable = False
    chat.stage.clock.advance(2 * GOOD_FOR)
    assert await chat.writes(CODE) == "You are Alice now. Tell me what you need."
    assert await chat.tied_to() == ("alice", Proof.SIGN_IN)


async def test_a_message_that_is_taken_up_twice_is_answered_the_same_and_ties_once(chat: Chat) -> None:
    await chat.signed_in()
    for _ in range(2):
        with pytest.raises(WrongCode, match="4 tries are left"):
            await chat.writes(OTHER, "c0")
    for _ in range(2):
        assert await chat.writes(CODE, "c1") == "You are Alice now. Tell me what you need."
    assert len(await entries(chat.stage, "person.linked")) == 1
    with pytest.raises(CodeUsed):
        await chat.writes(CODE, "c2")


async def test_an_account_that_is_untied_later_is_not_tied_by_the_old_code_again(chat: Chat) -> None:
    await chat.signed_in()
    await chat.writes(CODE)
    async with chat.seams.store.unit(TENANT) as unit:
        await unit.links.remove(USER)
    with pytest.raises(CodeUsed):
        await chat.writes(CODE, "c2")
    assert await chat.tied_to() is None


async def test_a_person_who_left_before_the_code_is_written_is_nobody(chat: Chat) -> None:
    await chat.signed_in()
    chat.directory.remove(PersonId("alice"))
    with pytest.raises(NobodyThere):
        await chat.writes(CODE)
    assert await chat.tied_to() is None
    [entry] = await entries(chat.stage, "action.refused")
    assert (entry.status, entry.details["action"]) == ("NobodyThere", "sign_in")


async def test_attack_9_a_subject_that_a_directory_would_take_for_a_managers_name_is_nobody(
    chat: Chat,
) -> None:
    chat.directory = MarkedDirectory([a_person("alice")])
    chat.seams = replace(chat.seams, directory=chat.directory)
    chat.proving = Proving(chat.seams, chat.sign_ins, link_to=lambda code: code)
    await chat.signed_in(known_as("alice"))
    with pytest.raises(NobodyThere):
        await chat.writes(CODE)
    assert await chat.tied_to() is None


async def test_an_account_that_is_tied_to_somebody_else_meanwhile_stays_theirs(chat: Chat) -> None:
    await chat.signed_in()
    await chat.proving._accounts.store(USER, a_person("bob"), Proof.OPERATOR)
    with pytest.raises(LinkedElsewhere):
        await chat.writes(CODE)
    assert await chat.tied_to() == ("bob", Proof.OPERATOR)


async def test_a_tied_account_is_offered_no_link(chat: Chat) -> None:
    await chat.proving._accounts.store(USER, a_person("bob"), Proof.OPERATOR)
    assert await chat.proving.offer(WHY, ASKING, occasion="m1") is None


async def test_a_second_message_within_a_minute_points_to_the_first_link(chat: Chat) -> None:
    assert (await chat.offered()).link
    second = await chat.offered("m2")
    assert (second.link, "a moment ago" in second.sentence) == ("", True)


async def test_the_same_message_once_more_gets_a_link_that_works(chat: Chat) -> None:
    first, second = await chat.offered(), await chat.offered()
    now = chat.stage.clock.now()
    assert await chat.sign_ins.of_link(first.link, now=now) is None
    assert await chat.sign_ins.of_link(second.link, now=now) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1234567",
        "123456789",
        "12345678 please",
        "1234-5678",
        "\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
        "no",
    ],
)
async def test_what_is_not_just_eight_digits_is_no_code(chat: Chat, text: str) -> None:
    await chat.signed_in()
    assert not await chat.proving.is_code(USER, text)
    assert await chat.writes(text) is None


@pytest.mark.parametrize("text", ["12345678", " 12345678\n", "1234 5678"])
async def test_eight_digits_are_a_code_only_for_who_asked_for_a_link(chat: Chat, text: str) -> None:
    assert not await chat.proving.is_code(USER, text)
    assert await chat.writes(text) is None
    await chat.signed_in()
    assert await chat.proving.is_code(USER, text)
    assert await chat.writes(text)


async def test_long_after_a_sign_in_eight_digits_are_words_again(chat: Chat) -> None:
    await chat.signed_in()
    await chat.writes(CODE)
    chat.stage.clock.advance(GOOD_FOR + timedelta(seconds=1))
    assert await chat.writes(OTHER, "c2") is None
