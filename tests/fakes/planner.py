"""A `Planner` in memory."""

from collections.abc import Mapping, Sequence

from typing_extensions import override

from bot.domain.plans import Answer, Plan, Proposal, ToolCall, Unplaced
from bot.ports.outside import Briefing, Planner, Reader, ReadRefused


class FakePlanner(Planner):
    """Proposes what it was given for the newest message that it knows, after some reads."""

    def __init__(self, proposals: Mapping[str, Proposal], *, reads: Sequence[ToolCall] = ()) -> None:
        self.proposals = dict(proposals)
        self.reads = tuple(reads)
        self.briefings: list[Briefing] = []

    @override
    async def places(self, text: str) -> bool:
        return text in self.proposals

    @override
    async def propose(self, briefing: Briefing, read: Reader) -> Proposal:
        self.briefings.append(briefing)
        known = [text for text in briefing.messages if text in self.proposals]
        if not known:
            return Unplaced(diagnosis="Nobody taught me this.")
        proposal = self.proposals[known[-1]]
        if isinstance(proposal, Plan) and any(call.tool not in briefing.tools for call in proposal.calls):
            return Answer(diagnosis="A tool is missing.", text="That is not something I may do for you.")
        for call in self.reads:
            if call.tool not in briefing.tools:
                return Answer(diagnosis="A read is missing.", text="I may not look that up.")
            try:
                await read(call)
            except ReadRefused as refusal:
                return Answer(diagnosis=refusal.sentence, text="I may not look that up.")
        return proposal

    @override
    async def suggestions(self) -> tuple[str, ...]:
        return tuple(self.proposals)
