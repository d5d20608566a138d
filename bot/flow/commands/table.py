"""Every command there is; a new one is a file of its own and a line here."""

from typing import Final

from bot.flow.commands import (
    approvals,
    grants_list,
    grants_revoke,
    grants_show,
    policy_list,
    policy_set,
    policy_show,
    policy_test,
    request,
)
from bot.flow.commands.form import Entry
from bot.flow.commands.help import help_entry

_COMMANDS: Final[tuple[Entry, ...]] = (
    request.ENTRY,
    approvals.ENTRY,
    policy_list.ENTRY,
    policy_show.ENTRY,
    policy_set.ENTRY,
    policy_test.ENTRY,
    grants_list.ENTRY,
    grants_show.ENTRY,
    grants_revoke.ENTRY,
)

TABLE: Final[tuple[Entry, ...]] = (*_COMMANDS, help_entry(_COMMANDS))
