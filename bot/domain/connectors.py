"""How a connector is reached: the settings an admin gives it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.actions import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class OverStdio:
    """A tool server that we start as a child process."""

    command: str
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    """Secret: stored sealed, never printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverHttp:
    """A tool server behind a URL, spoken to by streamable HTTP."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """Secret: stored sealed, never printed."""


Transport = OverStdio | OverHttp


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """A system whose tools can be called."""

    id: str
    name: str
    transport: Transport
    on: bool = True
    manifest: Mapping[str, Effect] = field(default_factory=dict)
    """Effects that the operator vouches for, by tool name."""
    timeout_s: float = 60.0
    """How long one call may take before its outcome is unknown."""
    health: str = ""
    """Empty when it answers; else one sentence on what is wrong, for admins."""

    @property
    def path(self) -> str:
        """Where its requests go, for the audit log: the URL's path, or `stdio`."""
        if isinstance(self.transport, OverStdio):
            return "stdio"
        after = self.transport.url.partition("://")[2]
        slash = after.find("/")
        return "/" if slash < 0 else after[slash:].partition("?")[0]
