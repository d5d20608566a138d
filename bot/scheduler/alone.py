"""Knows whether another process works on the same data directory, by a lock that dies with its process."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def working_on(data_dir: Path) -> Iterator[bool]:
    """Gives whether no other process works on the directory; holds the place while the block lasts.

    Leases in its database then belong to processes that are gone.
    """
    with (data_dir / "worker.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            is_alone = False
        else:
            is_alone = True
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield is_alone
