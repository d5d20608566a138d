"""The desk over stdio: `python -m tests.servers.mcp_stdio FOLDER [HABIT]`.

Habits: `slow` answers late until the file `go` is there; `old` ends when the first message is not the older
protocol's; `silent` never answers; `chatty` writes other things than messages; `broken` ends at once; `stuck`
does not end when its input does.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path

from tests.servers.mcp_desk import Desk, Message

_LOCK = threading.Lock()


def _write(message: Message) -> None:
    with _LOCK:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def main() -> None:
    folder, habit = Path(sys.argv[1]), (*sys.argv[2:], "")[0]
    (folder / "pid").write_text(str(os.getpid()))
    with (folder / "starts").open("a") as starts:
        starts.write(f"{os.getpid()}\n")
    if habit == "broken":
        sys.stderr.write("Traceback (most recent call last):\nModuleNotFoundError: no module called desk\n")
        sys.exit(1)
    while habit == "slow" and not (folder / "go").exists():
        time.sleep(0.01)
    if habit == "chatty":
        sys.stdout.write("Welcome to the desk! Listening on port 9000\n")
        sys.stdout.flush()
    desk = Desk(folder, notify=_write)
    for line in sys.stdin:
        message = json.loads(line)
        if habit in {"silent", "chatty"}:
            continue
        if habit == "old" and message["method"] != "initialize":
            sys.stderr.write("expect initialize request\n")
            sys.exit(1)
        habit = "" if habit == "old" else habit
        threading.Thread(target=_answer, args=(desk, message), daemon=True).start()
    while habit == "stuck":
        time.sleep(1)
    os._exit(0)  # an answer that is being written would hold up an orderly end


def _answer(desk: Desk, message: Message) -> None:
    answer = desk.answer(message)
    if answer is not None:
        _write(answer)


if __name__ == "__main__":
    main()
