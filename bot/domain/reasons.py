"""The one sentence that says why a decision is what it is; employees and admins read it."""

from collections.abc import Collection, Sequence

from bot.domain.actions import Action
from bot.domain.decisions import Cause
from bot.domain.grants import GrantId
from bot.domain.policies import Freeze, FreezeScope
from bot.domain.tools import ToolId


def of_freeze(freeze: Freeze) -> str:
    """Gives the sentence for a freeze; neither the admin nor the person is named."""
    frozen = {
        FreezeScope.TENANT: "Everything is",
        FreezeScope.CONNECTOR: f"{freeze.target} is",
        FreezeScope.TOOL: f"{freeze.target} is",
        FreezeScope.PERSON: "This person's requests are",
    }[freeze.scope]
    why = " ".join(freeze.reason.split()).rstrip(".")
    return f"{frozen} frozen by an admin: {why}." if why else f"{frozen} frozen by an admin."


def of_unavailable(cause: Cause, tool: ToolId) -> str:
    """Gives the sentence for a tool that is unknown or switched off."""
    if cause is Cause.CONNECTOR_OFF:
        return f"{tool.connector} is switched off, so {tool} cannot be used."
    if cause is Cause.TOOL_OFF:
        return f"{tool} is switched off."
    return f"{tool} is not a tool that is known here."


def of_drift() -> str:
    """Gives the sentence for a tool whose definition is not the accepted one."""
    return "The tool changed since it was accepted, so a person must look at it."


def of_default(cause: Cause, tool: ToolId, action: Action) -> str:
    """Gives the sentence for a default; no policy spoke."""
    whose = "connector's" if cause is Cause.CONNECTOR_DEFAULT else "company-wide"
    return f"No policy covers {tool}, and the {whose} default is {action}."


def with_doubt(reason: str, groups: Collection[str]) -> str:
    """Gives the reason, and that being in these groups is in doubt and therefore loosens nothing."""
    names = ", ".join(f"“{' '.join(group.split())}”" for group in sorted(groups))
    return f"{reason} It is not certain that the requester is in {names}, so this loosens nothing."


def with_grants(reason: str, grants: Sequence[GrantId], *, complete: bool) -> str:
    """Gives the sentence where grants fill seats: alone if all are filled, else behind the reason."""
    if not grants:
        return reason
    several = len(grants) > 1
    subject = f"standing approval{'s' if several else ''} {', '.join(grants)}"
    if complete:
        return f"S{subject[1:]} cover{'' if several else 's'} this call."
    return f"{reason.removesuffix('.')}, and {subject} fill{'' if several else 's'} a part of that."
