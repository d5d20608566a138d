"""The program `countersign`."""

import sys
from io import TextIOWrapper

from bot.cli.main import app


def main() -> None:
    """Runs the command line; ends the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets a stand-in, and no traceback.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    app(prog_name="countersign")


if __name__ == "__main__":
    main()
