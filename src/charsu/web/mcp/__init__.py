"""Tools for assistants: every operation over the Model Context Protocol (MCP).

    tools      an operation as a tool: name, schemas, what it does to the shop
    calling    a call: from arguments to an operation, and its answer or refusal as a result
    endpoint   the address: who asks, for which packages, and the methods

What may arrive, in which revision, and what goes back is in ``channels.mcp``, for all doors alike.
Nothing is kept between two requests, so any web process answers any of them.
"""

from charsu.web.mcp.endpoint import build_tools

__all__ = ["build_tools"]
