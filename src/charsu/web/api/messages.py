"""A door for messages of the outside that prove by themselves whom they come from."""

from collections.abc import Callable, Mapping
from typing import Any

from litestar import Request, Response, Router, post

from charsu.kernel import Hub, HubError
from charsu.web.api.asking import raw_body
from charsu.web.api.errors import BodyTooLarge
from charsu.web.api.problems import refusal
from charsu.web.api.threads import Threads

MESSAGE_BYTES_MAX = 1 << 18

TakeDown = Callable[[Hub, str, Mapping[str, str], bytes], None]
"""Takes down what somebody says: (hub, who, headers, body). Raises a refusal for a forger."""


def messages_router(
    path: str, hub: Hub, threads: Threads, take_down: TakeDown, *, operation: str
) -> Router:
    """``POST path``, in which ``{sender:str}`` says who tells; nobody signs in.

    operation   what the log calls it
    """

    @post(path, exclude_from_csrf=True)
    async def events(request: Request[Any, Any, Any]) -> Response[Any]:
        request.scope["charsu_operation"] = operation  # type: ignore[typeddict-unknown-key]
        try:
            body = await raw_body(request)
            if len(body) > MESSAGE_BYTES_MAX:
                raise BodyTooLarge(MESSAGE_BYTES_MAX)
            sender = str(request.path_params["sender"])
            await threads.run(take_down, hub, sender, dict(request.headers), body)
        except HubError as error:
            return refusal(request, error)
        return Response(None, status_code=204, headers={"Cache-Control": "no-store"})

    return Router("/", route_handlers=[events], include_in_schema=False)
