"""Sets at once what a tool may do, or what holds where no policy speaks; for whoever needs no preview."""

from bot.domain.people import PersonId, TenantId
from bot.domain.policies import Policy
from bot.domain.rule_changes import Rulebook
from bot.domain.tools import ToolId
from bot.flow.drafts.setting import TENANT, Setting, Stamp, set_target
from bot.flow.write_edits import Author, rulebook_of, write_edits
from bot.ports.outside import Clock, Ids
from bot.ports.store import Store


class SetPolicy:
    """Writes a tool's own policy, which is for everyone and named like the tool, or a default."""

    def __init__(self, *, store: Store, tenant: TenantId, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._tenant = tenant
        self._clock = clock
        self._ids = ids

    async def __call__(self, target: str, setting: Setting, *, by: str, actor: PersonId | None = None) -> str:
        """Gives one sentence on what holds now. Targets: `connector:tool`, `connector:*` and `*`.

        `by` stands in the policy's history; `actor` is the person who did it, where it was one.

        Raises:
            UnknownTarget: no such connector or tool.
            NotATarget: the text is none of the three.
            OnlyForTools: a manager or standing approvals for a default.
            ManagerNotAsked: a manager with an action that asks nobody.
        """
        now = self._clock.now()
        draft = set_target(target, setting, Stamp(now=now, by=by, ids=self._ids))
        async with self._store.unit(self._tenant) as unit:
            await unit.changes.newest()
            edits = draft(await rulebook_of(unit))
            await write_edits(unit, edits, Author(by=by, actor=actor), now=now, reason=setting.reason)
            return set_sentence(target, await rulebook_of(unit))


def set_sentence(target: str, rulebook: Rulebook) -> str:
    """Gives what holds for the target, in one sentence."""
    connector, _, name = target.partition(":")
    if target == TENANT:
        return (
            f"Where neither a policy nor a connector’s default speaks, a call is {rulebook.default('')} now."
        )
    if name == TENANT:
        action = rulebook.default(connector)
        if action is None:
            return f"{connector} has no default of its own now; the tenant’s is {rulebook.default('')}."
        return f"Where no policy speaks, a call of {connector} is {action} now."
    stored = rulebook.named(target)
    if stored is None:
        return f"{target} has no policy of its own now; the defaults and other policies decide."
    return _own(ToolId(connector, name), stored)


def _own(tool: ToolId, stored: Policy) -> str:
    manager = ", and the requester’s manager is asked too" if stored.requirement.manager else ""
    return f"{tool} is {stored.action} for everyone now{manager} (version {stored.version})."
