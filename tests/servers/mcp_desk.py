"""A tool server's answers, message by message; it misbehaves when it is told to. Standard library only."""

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

Message = dict[str, Any]

NOTHING: Message = {"type": "object"}
TEXT: Message = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}

TOOLS: list[Message] = [
    {"name": "echo", "inputSchema": TEXT, "annotations": {"readOnlyHint": True}},
    {"name": "count", "inputSchema": NOTHING},
    {"name": "fail", "inputSchema": NOTHING},
    {"name": "refuse", "inputSchema": NOTHING},
    {"name": "hang", "inputSchema": NOTHING},
    {"name": "die", "inputSchema": NOTHING},
    {"name": "odd", "inputSchema": NOTHING},
    {"name": "noise", "inputSchema": NOTHING},
    {"name": "announce", "inputSchema": NOTHING},
]


class Desk:
    """What a server says; `folder` is where a test reads and writes what it does.

    `tools.json` holds pages of tools in place of `TOOLS`; `counted` has a line per call of `count`.
    """

    def __init__(self, folder: Path, *, notify: Callable[[Message], None] = lambda _: None) -> None:
        self._folder = folder
        self._notify = notify
        self._forever = threading.Event()

    def answer(self, message: Message) -> Message | None:
        """Gives the answer to one message; None to a notification."""
        if "id" not in message:
            return None
        try:
            return {"jsonrpc": "2.0", "id": message["id"], "result": self._result(message)}
        except KeyError as error:
            problem = {"code": -32602, "message": f"unknown: {error.args[0]}"}
            return {"jsonrpc": "2.0", "id": message["id"], "error": problem}
        except LookupError as error:
            return {"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32000, "message": str(error)}}

    def _result(self, message: Message) -> Message:
        parameters = message.get("params") or {}
        match message["method"]:
            case "initialize":
                return {
                    "protocolVersion": "2025-11-25",
                    "capabilities": {"tools": {"listChanged": True}},
                    "serverInfo": {"name": "desk", "version": "1"},
                }
            case "ping":
                return {}
            case "tools/list":
                return self._page(int(parameters.get("cursor") or 0))
            case "tools/call":
                return self._called(parameters["name"], parameters.get("arguments") or {})
            case method:
                raise KeyError(method)

    def _page(self, number: int) -> Message:
        given = self._folder / "tools.json"
        pages = json.loads(given.read_text()) if given.exists() else [TOOLS]
        if pages == "endless":
            return {"tools": [], "nextCursor": str(number + 1)}
        if pages == "circle":
            return {"tools": [], "nextCursor": "7"}
        page: Message = {"tools": pages[number]}
        return page | ({"nextCursor": str(number + 1)} if number + 1 < len(pages) else {})

    def _called(self, name: str, arguments: Message) -> Message:
        match name:
            case "echo":
                return {
                    "content": [{"type": "text", "text": arguments["text"]}],
                    "structuredContent": arguments,
                }
            case "count":
                with (self._folder / "counted").open("a") as counted:
                    counted.write("once\n")
                return _text("counted")
            case "fail":
                return {**_text("the account is locked"), "isError": True}
            case "refuse":
                raise LookupError("not today")
            case "hang":
                self._forever.wait()
                return _text("at last")
            case "die":
                sys.stderr.write("RuntimeError: out of paper\n")
                sys.stderr.flush()
                os._exit(3)
            case "odd":
                return {"content": [{"type": "hologram", "beam": 1}, {"type": "text", "text": "still here"}]}
            case "noise":
                sys.stdout.write("debug: calling the printer\n{]\n\xff\n")
                return _text("quiet again")
            case "announce":
                self._notify({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"})
                return _text("announced")
            case _:
                raise KeyError(name)


def _text(text: str) -> Message:
    return {"content": [{"type": "text", "text": text}]}
