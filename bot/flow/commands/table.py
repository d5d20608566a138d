"""Every command there is; a new one is a file of its own and a line here."""

from typing import Final

from bot.flow.commands import (
    approvals,
    freeze,
    freezes,
    grants_give,
    grants_list,
    grants_revoke,
    grants_show,
    grants_suggestions,
    policy_apply,
    policy_connector,
    policy_diff,
    policy_edit,
    policy_enable,
    policy_export,
    policy_history,
    policy_list,
    policy_new,
    policy_save,
    policy_set,
    policy_show,
    policy_switch,
    policy_test,
    policy_undo,
    policy_why,
    request,
    tools_answer,
    tools_changed,
    unfreeze,
)
from bot.flow.commands.form import Entry
from bot.flow.commands.help import help_entry

_COMMANDS: Final[tuple[Entry, ...]] = (
    request.ENTRY,
    approvals.ENTRY,
    policy_list.ENTRY,
    policy_connector.ENTRY,
    policy_show.ENTRY,
    policy_set.ENTRY,
    policy_new.ENTRY,
    policy_edit.ENTRY,
    policy_save.ENTRY,
    policy_test.ENTRY,
    policy_why.ENTRY,
    policy_history.ENTRY,
    policy_diff.ENTRY,
    policy_undo.ENTRY,
    policy_export.ENTRY,
    policy_apply.ENTRY,
    *policy_enable.ENTRIES,
    policy_switch.ENTRY,
    tools_changed.ENTRY,
    *tools_answer.ENTRIES,
    *freeze.ENTRIES,
    *unfreeze.ENTRIES,
    freezes.ENTRY,
    grants_list.ENTRY,
    grants_show.ENTRY,
    grants_revoke.ENTRY,
    grants_suggestions.ENTRY,
    grants_give.ENTRY,
)

TABLE: Final[tuple[Entry, ...]] = (*_COMMANDS, help_entry(_COMMANDS))
