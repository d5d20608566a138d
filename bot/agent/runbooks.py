"""The agent that needs no model: runbooks map what people say to reads and a plan."""

from typing import Final

from typing_extensions import override

from bot.agent.conversation import Conversation
from bot.agent.reads import Reads
from bot.agent.recognition import Recogniser
from bot.agent.runbook import Runbooks
from bot.agent.tokens import read_message
from bot.agent.verdicts import Verdict
from bot.domain.plans import Proposal
from bot.ports.outside import Briefing, Planner, Reader

MESSAGES: Final = 20
"""Messages of a conversation that are heard; of a longer one, the newest."""


class RunbookPlanner(Planner):
    """Plans by the runbooks of one tenant; the same words and reads always give the same proposal."""

    def __init__(self, runbooks: Runbooks) -> None:
        self._runbooks = runbooks
        self._recogniser = Recogniser(runbooks)

    @override
    async def places(self, text: str) -> bool:
        """Whether the text by itself reads as a request that a runbook knows, without any read.

        A question how to do it counts, because the agent offers to do it; what may be meant otherwise, and
        what only a look into a system could tell, does not.
        """
        return any(
            candidate.verdict >= Verdict.OFFER and not candidate.facts.weak
            for candidate in self._recogniser.candidates(read_message(text))
        )

    @override
    async def propose(self, briefing: Briefing, read: Reader) -> Proposal:
        """Gives what answers the request. The same briefing and reads give the same proposal.

        Raises:
            NotSent: a system that it had to read is away; the request is tried again later.
        """
        conversation = Conversation(self._recogniser, briefing.requester, Reads(read, briefing.tools))
        for text in briefing.messages[-MESSAGES:]:
            await conversation.hear(text)
        return conversation.proposal

    @override
    async def suggestions(self) -> tuple[str, ...]:
        """Gives the runbooks' examples, one of each runbook first."""
        examples = [runbook.examples for runbook in self._runbooks.runbooks.values()]
        longest = max(map(len, examples), default=0)
        return tuple(each[row] for row in range(longest) for each in examples if row < len(each))
