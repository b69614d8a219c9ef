"""`mcp`: answers an assistant over standard input and output. Standard output carries the protocol and nothing else."""

import asyncio
import json
import logging
import sys
from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    TextContent,
    Tool,
    ToolAnnotations,
)

from alchemist_desktop import __version__
from alchemist_desktop.app.clock import SystemClock
from alchemist_desktop.app.mcp_facts import McpFacts
from alchemist_desktop.app.mcp_wire import CheckedMessages
from alchemist_desktop.app.paths import Paths
from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.storage.database import Database

_INSTRUCTIONS = (
    "Tells the state of Alchemist Desktop, a program that re-encodes a media library: its engine, its jobs and what it has"
    " saved. All tools only read; nothing can be changed through them."
)


def serve_mcp(paths: Paths) -> None:
    """Serve until the assistant closes its end. Raises KnownError when there is no database yet."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    asyncio.run(_serve(paths))


async def _serve(paths: Paths) -> None:
    database = await asyncio.to_thread(Database.open_for_reading, str(paths.database))
    try:
        server = make_server(McpFacts(database, paths, SystemClock()))
        async with stdio_server() as (reading, writing):
            await server.run(CheckedMessages(reading, writing), writing, server.create_initialization_options())
    finally:
        await database.close()


def make_server(facts: McpFacts) -> Server[Any]:
    """The protocol around the facts."""
    tools = {tool.name: tool for tool in facts.tools()}
    shown = [
        Tool(
            name=tool.name,
            title=tool.title,
            description=tool.description,
            input_schema={"type": "object", "properties": dict(tool.properties), "additionalProperties": False},
            annotations=ToolAnnotations(read_only_hint=True, destructive_hint=False),
        )
        for tool in tools.values()
    ]

    async def list_tools(_context: Any, _params: Any) -> ListToolsResult:
        return ListToolsResult(tools=shown)

    async def call_tool(_context: Any, params: CallToolRequestParams) -> CallToolResult:
        tool = tools.get(params.name)
        if tool is None:
            raise MCPError(INVALID_PARAMS, f"There is no tool called {params.name!r}.")
        arguments = params.arguments or {}
        unknown = arguments.keys() - tool.properties.keys()
        try:
            if unknown:
                return _failed(f"{tool.name} knows no argument called {', '.join(sorted(unknown))}.")
            found = await tool.read(arguments)
        except KnownError as error:
            return _failed(error.message)
        text = json.dumps(found, indent=2, ensure_ascii=False)
        return CallToolResult(content=[TextContent(text=text)], structured_content=found)

    return Server(
        "alchemist",
        version=__version__,
        title="Alchemist MCP Server",
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _failed(message: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=message)], is_error=True)
