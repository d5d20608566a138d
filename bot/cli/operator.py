"""The operator of the deployment as whoever asks a command, and the seams that commands work with."""

from typing import Final

from typing_extensions import override

from bot.app import Deployment
from bot.cli.frame import OPERATOR
from bot.connectors.schemas import JsonSchemas
from bot.domain.errors import Refusal
from bot.domain.people import Person, PersonId, Role
from bot.domain.plans import Proposal, ToolCall
from bot.domain.requests import CallResult
from bot.flow.commands.form import Asker
from bot.flow.seams import Seams
from bot.policyfile.files import YamlPolicyFiles
from bot.ports.outside import Bell, Briefing, Connectors, Planner, Reader

SURFACE: Final = "cli"


class NotAtWork(Refusal):
    """Commands in the terminal plan and call nothing. Ask the bot in chat."""

    kind = "unavailable"


class _NoPlanner(Planner):
    @override
    async def places(self, text: str) -> bool:
        return False

    @override
    async def propose(self, briefing: Briefing, read: Reader) -> Proposal:
        raise NotAtWork

    @override
    async def suggestions(self) -> tuple[str, ...]:
        return ()


class _NoConnectors(Connectors):
    @override
    async def call(self, call: ToolCall) -> CallResult:
        raise NotAtWork


class _SilentBell(Bell):
    """Wakes nobody: the processes at work look by themselves at their next tick."""

    @override
    def ring(self) -> None:
        pass


def operator_seams(deployment: Deployment) -> Seams:
    """Gives the deployment's seams, without planner and tool servers."""
    return Seams(
        tenant=deployment.tenant,
        store=deployment.store,
        directory=deployment.directory,
        planner=_NoPlanner(),
        connectors=_NoConnectors(),
        schemas=JsonSchemas(),
        policy_files=YamlPolicyFiles(),
        surfaces=(),
        clock=deployment.clock,
        ids=deployment.ids,
        bell=_SilentBell(),
    )


def operator(*, only_looks: bool = False) -> Asker:
    """Gives the operator, who may do everything; `only_looks` writes nothing."""
    person = Person(
        id=PersonId(OPERATOR),
        name="the operator",
        email="",
        roles=frozenset({Role.EMPLOYEE, Role.TECHNICIAN, Role.ADMIN}),
    )
    return Asker(person=person, surface=SURFACE, is_operator=True, only_looks=only_looks)
