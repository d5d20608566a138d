"""What Slack makes of what a person types: escapes, links and mentions, as text and as rich text."""

import re
from typing import Final

from bot.domain.canonical import JsonValue
from tests.servers.slack_world import Json

_TOKEN: Final = re.compile(
    r"<@(?P<user>[UW]\w+)>|<#(?P<channel>C\w+)(?:\|[^>]*)?>|<!(?P<all>here|channel|everyone)>"
    r"|(?P<link>https?://[^\s<>]+[^\s<>.,;:!?)\"'])|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
)


def escaped(text: str) -> str:
    """Gives the text with the three signs that Slack escapes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_sent(typed: str) -> tuple[str, list[JsonValue]]:
    """Gives the `text` and the `blocks` that an event carries for what was typed.

    `<@U…>`, `<#C…>` and `<!here>` are mentions that the person picked from a list; all else is as typed.
    """
    said: list[str] = []
    runs: list[JsonValue] = []
    at = 0
    for found in _TOKEN.finditer(typed):
        _plain(typed[at : found.start()], said, runs)
        run, spelling = _read(found)
        runs.append(run)
        said.append(spelling)
        at = found.end()
    _plain(typed[at:], said, runs)
    section: Json = {"type": "rich_text_section", "elements": runs}
    return "".join(said), [{"type": "rich_text", "block_id": "typed", "elements": [section]}]


def _plain(text: str, said: list[str], runs: list[JsonValue]) -> None:
    if text:
        said.append(escaped(text))
        runs.append({"type": "text", "text": text})


def _read(found: re.Match[str]) -> tuple[Json, str]:
    whole = found.group()
    match found.lastgroup:
        case "user":
            return {"type": "user", "user_id": found["user"]}, whole
        case "channel":
            return {"type": "channel", "channel_id": found["channel"]}, whole
        case "all":
            return {"type": "broadcast", "range": found["all"]}, whole
        case "link":
            return {"type": "link", "url": whole}, f"<{escaped(whole)}>"
        case _:
            return {"type": "link", "url": f"mailto:{whole}", "text": whole}, f"<mailto:{whole}|{whole}>"
