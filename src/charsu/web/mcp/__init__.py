"""Tools for assistants: every operation over the Model Context Protocol (MCP).

    protocol   what may arrive, in which revision, and what goes back
    tools      an operation as a tool: name, schemas, what it does to the shop
    calling    a call: from arguments to an operation, and its answer or refusal as a result
    endpoint   the address: who asks, for which packages, and the methods

Nothing is kept between two requests, so any web process answers any of them.
"""

from charsu.web.mcp.endpoint import build_tools

__all__ = ["build_tools"]
