"""How patient the connectors are, and how far they reach."""

from dataclasses import dataclass

from bot.connectors.addresses import Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorSettings:
    """What holds for all connectors; times in seconds."""

    reach: Reach = Reach.PUBLIC
    connect_s: float = 60.0
    """How long a server may take to start and to shake hands; the first start may have to download it."""
    list_s: float = 30.0
    """How long it may take to list its tools."""
    ready_s: float = 5.0
    """How long a call waits for a connection that is just being opened."""
    relist_s: float = 300.0
    """How often the tools are listed again unasked; it also finds out that a server behind a URL has gone."""
    quiet_s: float = 0.5
    """How long after a listing the next one may follow."""
    drain_s: float = 2.0
    """How long calls under way have to finish before a connection in trouble is closed."""
    first_pause_s: float = 0.2
    longest_pause_s: float = 30.0
    """How long it is left alone after a failure, doubled each time."""
    settled_s: float = 10.0
    """How long a connection must have held for the pauses to begin anew."""
    poll_s: float = 1.0
    """How often the stored connectors are looked at."""
