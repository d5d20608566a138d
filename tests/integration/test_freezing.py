"""Freezing and unfreezing by commands, on a real store."""

import pytest

from bot.cards.answer import Answer, Press
from bot.chat.commands import parse_command
from bot.demo.company import CONNECTOR
from bot.domain.people import Person, PersonId, Role
from bot.domain.policies import Freeze, FreezeScope
from bot.flow.commands.dispatch import Dispatch
from bot.flow.commands.form import Asker
from bot.flow.commands.refusals import NoSuchThing, OnlyAdmins
from bot.flow.freeze import FrozenAlready, NotFrozen, OwnFreeze
from tests.commanding import answer, facts, labels, refusal
from tests.journeys.arranging import change_person, entries
from tests.journeys.stage import TENANT, Stage

RESET = f"{CONNECTOR}:reset_password"


async def frozen(stage: Stage) -> list[Freeze]:
    async with stage.store.view(TENANT) as view:
        return list(await view.policies.freezes())


async def operates(stage: Stage, text: str, *, only_looks: bool = False) -> Answer:
    roles = frozenset({Role.ADMIN})
    person = Person(id=PersonId("operator"), name="the operator", email="", roles=roles)
    asker = Asker(person=person, surface="cli", is_operator=True, only_looks=only_looks)
    found = await Dispatch(stage.seams)(parse_command(text), asker)
    assert isinstance(found, Answer)
    return found


@pytest.mark.parametrize(
    ("said", "scope", "target"),
    [
        ("freeze tenant a key “leaked”", FreezeScope.TENANT, ""),
        (f"freeze connector {CONNECTOR} a key “leaked”", FreezeScope.CONNECTOR, CONNECTOR),
        (f"freeze tool {RESET} a key “leaked”", FreezeScope.TOOL, RESET),
        ("freeze person alice@acme.test a key “leaked”", FreezeScope.PERSON, "p-alice"),
        ("freeze person <@U1> a key “leaked”", FreezeScope.PERSON, "p-alice"),
    ],
)
async def test_each_scope_is_frozen_at_once_listed_and_lifted_by_another_admin(
    stage: Stage, said: str, scope: FreezeScope, target: str
) -> None:
    done = await answer(stage, "ada", said, U1="alice")
    [made] = await frozen(stage)
    assert (made.scope, made.target, made.by, made.reason) == (scope, target, "p-ada", "a key “leaked”")
    assert "is frozen" in done.title
    assert facts(done)["Reason"] == "a key “leaked”"
    own = await answer(stage, "ada", "freeze list")
    assert own.lines[0].button is None
    listed = await answer(stage, "ahmed", "freezes")
    assert listed.title == "1 thing frozen"
    assert facts(listed.lines[0])["Reason"] == "a key “leaked”"
    button = listed.lines[0].button
    assert button is not None
    assert button.press is Press.RUN
    await answer(stage, "ahmed", button.value)
    assert await frozen(stage) == []
    assert (await answer(stage, "ahmed", "freezes")).title == "Nothing is frozen"
    [began] = await entries(stage, "freeze.set")
    assert (began.actor, began.details["scope"], began.details["target"]) == ("p-ada", scope, target)
    assert began.details["reason"] == "a key “leaked”"
    [ended] = await entries(stage, "freeze.lifted")
    assert (ended.actor, ended.details["target"]) == ("p-ahmed", target)


async def test_who_froze_cannot_lift_it_and_reads_who_can(stage: Stage) -> None:
    await answer(stage, "ada", f"freeze connector {CONNECTOR}")
    found = await refusal(stage, "ada", f"unfreeze connector {CONNECTOR}")
    assert isinstance(found, OwnFreeze)
    assert "Ahmed" in found.sentence
    assert len(await frozen(stage)) == 1
    change_person(stage, "ahmed", groups=["all-staff"])
    alone = await refusal(stage, "ada", f"unfreeze connector {CONNECTOR}")
    assert "ask the operator" in alone.sentence
    await operates(stage, f"unfreeze connector {CONNECTOR}")
    assert await frozen(stage) == []


async def test_the_operator_lifts_what_the_operator_froze_and_may_only_look(stage: Stage) -> None:
    looked = await operates(stage, "freeze tenant", only_looks=True)
    assert "would be frozen" in looked.title
    assert await frozen(stage) == []
    await operates(stage, "freeze tenant")
    await operates(stage, "unfreeze tenant", only_looks=True)
    assert len(await frozen(stage)) == 1
    await operates(stage, "unfreeze tenant")
    assert await frozen(stage) == []
    [entry] = await entries(stage, "freeze.set")
    assert (entry.actor, entry.agent) == (None, "operator")


async def test_freezing_what_is_frozen_says_by_whom_and_since_when(stage: Stage) -> None:
    await answer(stage, "ada", f"freeze tool {RESET} first")
    found = await refusal(stage, "ahmed", f"freeze tool {RESET} second")
    assert isinstance(found, FrozenAlready)
    assert "by Ada" in found.sentence
    assert "since " in found.sentence
    assert [one.reason for one in await frozen(stage)] == ["first"]


@pytest.mark.parametrize(
    ("said", "nearest"),
    [
        ("freeze connector acme-itt", CONNECTOR),
        (f"freeze tool {CONNECTOR}:reset_pasword", RESET),
        ("freeze person alise@acme.test", "alice@acme.test"),
    ],
)
async def test_what_is_unknown_is_refused_with_the_nearest(stage: Stage, said: str, nearest: str) -> None:
    found = await refusal(stage, "ada", said)
    assert isinstance(found, NoSuchThing)
    assert f"Did you mean “{nearest}”?" in found.sentence
    assert await frozen(stage) == []


async def test_what_is_not_frozen_cannot_be_lifted(stage: Stage) -> None:
    await answer(stage, "ada", f"freeze tool {RESET}")
    found = await refusal(stage, "ahmed", f"unfreeze tool {CONNECTOR}:reset_pasword")
    assert isinstance(found, NotFrozen)
    assert RESET in found.sentence
    assert isinstance(await refusal(stage, "ahmed", "unfreeze tenant"), NotFrozen)


@pytest.mark.parametrize("said", ["freeze tenant", "unfreeze tenant", "freeze list"])
async def test_freezes_are_for_admins_and_a_refusal_is_in_the_log(stage: Stage, said: str) -> None:
    assert isinstance(await refusal(stage, "carol", said), OnlyAdmins)
    [entry] = await entries(stage, "command.refused")
    assert entry.details["command"] == said


async def test_who_left_the_directory_is_listed_and_lifted_by_their_id(stage: Stage) -> None:
    await answer(stage, "ada", "freeze person eve@acme.test")
    change_person(stage, "eve", email="somebody@acme.test", id="p-new")
    listed = await answer(stage, "ahmed", "freezes")
    assert labels(listed) == ["What p-eve asks for"]
    button = listed.lines[0].button
    assert button is not None
    await answer(stage, "ahmed", button.value)
    assert await frozen(stage) == []
