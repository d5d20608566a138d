"""Acme's IT tools as an MCP server, on stdin and stdout or on a local port.

`python -m bot.demo.server --database PATH [--http PORT [--bearer TOKEN]]`. On stdin and stdout it ends when
stdin closes. It exits with 2, and says why on stderr, when it cannot start.
"""

import argparse
import hmac
import signal
import socket
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread
import mcp_types as types
import uvicorn
from mcp import MCPError
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from pydantic import AnyHttpUrl

from bot.demo.estate import Estate
from bot.demo.refusals import CannotOpenEstate
from bot.demo.tools import TOOLS
from bot.domain.errors import Refusal

NAME = "acme-it"
HOST = "127.0.0.1"
CANNOT_START = 2
"""The exit code when the database or the port cannot be used."""

_INSTRUCTIONS = (
    "The IT systems of Acme, a made-up company: accounts, groups, apps, licences and devices."
    " People are named by their e-mail address; apps, groups and devices by their id or name."
)


class _Tools:
    """Answers for the tools of one estate."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate

    async def list(
        self, _context: ServerRequestContext, _params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[tool.definition() for tool in TOOLS.values()])

    async def call(
        self, _context: ServerRequestContext, params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        tool = TOOLS.get(params.name)
        if tool is None:
            raise MCPError(
                code=types.INVALID_PARAMS, message=f"There is no tool {params.name[:100]!r}. See tools/list."
            )
        try:
            answer = await anyio.to_thread.run_sync(partial(tool.call, self._estate, params.arguments or {}))
        except Refusal as refusal:
            return types.CallToolResult(content=[_text(refusal.sentence)], is_error=True)
        return types.CallToolResult(
            content=[_text(answer.sentence)], structured_content=answer.record.model_dump(mode="json")
        )


def _text(sentence: str) -> types.TextContent:
    return types.TextContent(type="text", text=sentence)


class _OneToken:
    """Lets in whoever has the one token."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    async def verify_token(self, token: str) -> AccessToken | None:
        if not hmac.compare_digest(token.encode(), self._token):
            return None
        return AccessToken(token=token, client_id=NAME, scopes=[])


def make_server(estate: Estate) -> Server:
    """Gives the MCP server of an estate, ready for any transport."""
    tools = _Tools(estate)
    return Server(
        NAME,
        version="1.0.0",
        title="Acme IT",
        instructions=_INSTRUCTIONS,
        on_list_tools=tools.list,
        on_call_tool=tools.call,
        get_tool_input_schema=lambda _name: None,  # arguments are checked where the tool is called
    )


async def serve_stdio(estate: Estate) -> None:
    """Serves one client on stdin and stdout until stdin closes."""
    server = make_server(estate)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def serve_http(estate: Estate, *, port: int, bearer: str | None) -> None:
    """Serves streamable HTTP at http://127.0.0.1:port/mcp until SIGINT or SIGTERM; port 0 takes a free one.

    The address is written to stderr once clients can connect. With `bearer`, a request without that token
    is answered with 401.

    Raises:
        OSError: The port is taken.
    """
    with socket.create_server((HOST, port)) as listener:
        origin = f"http://{HOST}:{listener.getsockname()[1]}"
        app = make_server(estate).streamable_http_app(
            auth=AuthSettings(issuer_url=AnyHttpUrl(origin), resource_server_url=None) if bearer else None,
            token_verifier=_OneToken(bearer) if bearer else None,
        )
        sys.stderr.write(f"Listening on {origin}/mcp\n")
        sys.stderr.flush()
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the server; gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m bot.demo.server", description="Acme's IT tools, over MCP."
    )
    parser.add_argument("--database", type=Path, required=True, help="SQLite file; made if it is not there")
    parser.add_argument("--http", type=int, metavar="PORT", help="serve HTTP on 127.0.0.1 instead of stdio")
    parser.add_argument("--bearer", metavar="TOKEN", help="with --http: the token that clients must send")
    options = parser.parse_args(arguments)
    if options.bearer is not None and (options.http is None or not options.bearer):
        parser.error("--bearer needs --http, and must not be empty")
    try:
        estate = Estate.open(options.database)
        if options.http is not None:
            serve_http(estate, port=options.http, bearer=options.bearer)
            return 0
    except CannotOpenEstate as refusal:
        sys.stderr.write(f"{refusal.sentence}\n")
        return CANNOT_START
    except (OSError, OverflowError) as error:
        sys.stderr.write(f"Port {options.http} cannot be used: {error}. Choose another.\n")
        return CANNOT_START
    # A thread waits in a read of stdin and would hold the exit up; transactions make a sudden end safe.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    anyio.run(serve_stdio, estate)
    return 0


if __name__ == "__main__":
    sys.exit(main())
