"""Starts a tool server so that it ends when we end, however suddenly; run as a script, before the server.

The SDK ends its children when it is closed in order. When this process is killed, a server that is stuck
would stay behind: the kernel is asked to end it.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
"""Source: https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html."""


def main() -> None:
    """Becomes the command in the arguments, which keeps what was asked of the kernel."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606 - the command is the admin's own setting, and no shell reads it
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
