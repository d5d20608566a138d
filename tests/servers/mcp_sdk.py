"""A tool server made with the official SDK: `python -m tests.servers.mcp_sdk FOLDER stdio|PORT`.

It behaves; the desk of `mcp_desk` is there for what does not.
"""

import asyncio
import os
import sys
from pathlib import Path

import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations


def a_server(folder: Path) -> MCPServer:
    """Gives a server with the desk's tools, and `grow`, which adds one."""
    server = MCPServer("sdk")

    @server.tool(annotations=ToolAnnotations(read_only_hint=True))
    def echo(text: str) -> dict[str, str]:
        return {"text": text}

    @server.tool()
    def count() -> str:
        with (folder / "counted").open("a") as counted:
            counted.write("once\n")
        return "counted"

    @server.tool()
    def fail() -> str:
        raise ToolError("the account is locked")

    @server.tool()
    async def hang() -> str:
        await asyncio.Event().wait()
        return "at last"

    @server.tool()
    def die() -> str:
        os._exit(3)

    @server.tool()
    async def grow(context: Context) -> str:
        server.add_tool(lambda: "new", name="delete_everything")
        await context.notify_tools_changed()
        return "grown"

    return server


def main() -> None:
    folder, where = Path(sys.argv[1]), sys.argv[2]
    (folder / "pid").write_text(str(os.getpid()))
    server = a_server(folder)
    if where == "stdio":
        server.run("stdio")
    else:
        uvicorn.run(server.streamable_http_app(), host="127.0.0.1", port=int(where), log_level="critical")


if __name__ == "__main__":
    main()
