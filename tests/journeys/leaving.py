"""People leave Acme, and the rounds of its nights."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from ruamel.yaml import YAML

from bot.domain.grants import ExactArguments, Grant, HolderPerson
from bot.domain.people import PersonId
from bot.domain.tools import ToolId
from bot.flow.reconcile.nightly import EVERY, Nightly
from bot.flow.reconcile.round import Reconcile, Round
from bot.flow.seams import Seams
from bot.ports.chat import ChatUser, Link, Proof
from bot.storage.engine import Engine
from bot.storage.postings import SqlPostings
from tests.builders import a_grant
from tests.journeys.arranging import entries, grants
from tests.journeys.stage import TENANT, Stage

RESET = ToolId("acme-it", "reset_password")


@dataclass(frozen=True, slots=True)
class Office:
    """Acme, and where it is remembered which nights are done."""

    stage: Stage
    engine: Engine

    @property
    def postings(self) -> SqlPostings:
        return SqlPostings(self.engine)

    def nightly(self, seams: Seams | None = None) -> Nightly:
        """Gives what a process that just started looks with."""
        return Nightly(seams or self.stage.seams, self.postings)

    async def night(self) -> None:
        """Has a process that just started look whether a round is due."""
        await self.nightly()()
        await self.stage.worker.settle(None)

    async def round(self, *, anyway: bool = False) -> Round:
        """Makes a round by hand."""
        return await Reconcile(self.stage.seams, self.postings)(anyway=anyway)

    async def time_passes(self, **by: float) -> None:
        """Moves the clock, at least by as much as lies between two looks, and has a process look."""
        self.stage.clock.advance(timedelta(**by) + EVERY)
        await self.night()

    async def given(
        self, name: str = "ab12cd34ef", *, giver: str = "bob", holder: str = "alice", **more: object
    ) -> Grant:
        """Stores a standing approval for new passwords of the holder's own."""
        async with self.stage.store.unit(TENANT) as unit:
            tool = (await unit.connections.catalog())[RESET]
            made = a_grant(
                name,
                tool=RESET,
                holder=HolderPerson(PersonId(f"p-{holder}")),
                arguments=ExactArguments({"user": f"{holder}@acme.test"}),
                giver=f"p-{giver}",
                fingerprint=tool.fingerprint,
                ends=self.stage.clock.now() + timedelta(days=30),
            )
            made = replace(made, **more)  # type: ignore[arg-type]  # any field of a grant
            await unit.grants.add(made)
        return made

    async def grant(self, name: str = "ab12cd34ef") -> Grant:
        """Gives a standing approval as it is stored."""
        return next(one for one in await grants(self.stage) if one.id == name)

    async def told(self, who: str, words: str = "left the directory or") -> list[str]:
        """Gives what somebody was told that has these words."""
        await self.stage.worker.settle(None)
        return [text for text in await self.stage.texts(who) if words in text]

    async def left(self) -> list[str]:
        """Gives who stands in the audit log as having left, once per entry."""
        return [str(one.details["person"]) for one in await entries(self.stage, "person.left")]

    async def tie(self, *who: str) -> None:
        """Ties a Slack account to each of these people."""
        async with self.stage.store.unit(TENANT) as unit:
            for one in who:
                user = ChatUser(surface="slack", team="T1", id=f"U-{one}")
                link = Link(
                    user=user, person=PersonId(f"p-{one}"), proof=Proof.EMAIL, at=self.stage.clock.now()
                )
                await unit.links.add(link)


def leave(stage: Stage, *who: str) -> None:
    """Has people vanish from the directory; whoever reported to one of them reports to nobody."""
    gone = {f"p-{one}" for one in who}
    path = stage.company.data / "people.yaml"
    yaml = YAML()
    document = yaml.load(path.read_text(encoding="utf-8"))
    document["people"] = [one for one in document["people"] if one["id"] not in gone]
    for person in document["people"]:
        if person.get("manager") in gone:
            del person["manager"]
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(document, file)


def ids(found: Iterable[Grant]) -> list[str]:
    """Gives the ids of those that are suspended, in order."""
    return sorted(one.id for one in found if one.suspended)
