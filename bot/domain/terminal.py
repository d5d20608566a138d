"""Commands of the terminal, as texts name them to be copied."""

from typing import Final

PROGRAM: Final = "countersign"


def in_terminal(command: str, tenant: str = "", *, own: str = "") -> str:
    """Gives the command as one types it, with the tenant that it is about.

    The tenant stands first: what ends a command may be another program's words.

    Args:
        command: what follows `countersign`, quoted for a shell where it needs that.
        tenant: whom it is about; empty where that need not be said.
        own: the deployment's own tenant, which need not be named, as far as it is known.
    """
    named = f"--tenant {tenant} " if tenant not in {"", own} else ""
    return f"{PROGRAM} {named}{command}"
