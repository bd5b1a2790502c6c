"""The web application: the API, its description, health, figures and, given as routers, pages."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from litestar import Litestar, Response, Router, get
from litestar.config.csrf import CSRFConfig
from litestar.exceptions import HTTPException
from litestar.middleware import DefineMiddleware

from charsu.channels.ucp import ucp_router
from charsu.kernel import Hub, HubError
from charsu.kernel.access import hub_secret
from charsu.web.api.asking import BODY_BYTES_MAX
from charsu.web.api.carriers import carriers_router
from charsu.web.api.health import Readiness, health
from charsu.web.api.limits import Buckets, Limited
from charsu.web.api.metrics import Metrics
from charsu.web.api.payments import payments_router
from charsu.web.api.reference import SignedIn, reference_router
from charsu.web.api.requests import Observed
from charsu.web.api.routes import build_api
from charsu.web.api.threads import Threads
from charsu.web.assets import static_router
from charsu.web.mcp import build_tools
from charsu.web.troubles import bug_trouble, http_trouble, hub_trouble

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]

CSRF_COOKIE = "csrf"
THREADS_FOR_A_CONNECTION = 4
_WITHOUT_FORMS = ["^/(static|health|metrics|openapi.json)(/|$)"]


def create_app(
    hub: Hub,
    *,
    pages: Iterable[Router] = (),
    on_stop: Iterable[Callable[[], object]] = (),
    signed_in: SignedIn = lambda _: None,
) -> Litestar:
    """The shop over HTTP. The hub stays the caller's: closing the application leaves it open.

    pages     routers of pages; their forms carry the CSRF token that ``face`` gives them
    on_stop   called when the server stops, before the threads go: what ends the live streams
    signed_in who looks at a page that everybody may see
    """
    threads = Threads(THREADS_FOR_A_CONNECTION * hub.pool.max_size)
    ready = Readiness(hub)
    metrics = Metrics(hub, threads)

    app = Litestar(
        [
            build_api(hub, threads),
            build_tools(hub, threads),
            ucp_router(hub, threads.run),
            payments_router(hub, threads),
            carriers_router(hub, threads),
            _plain_routes(ready, metrics, threads),
            reference_router(hub.operations.values(), signed_in),
            static_router(),
            *pages,
        ],
        lifespan=[_until((*on_stop, ready.close, threads.close))],
        middleware=[
            DefineMiddleware(Limited, hub=hub, threads=threads, buckets=Buckets()),
        ],
        csrf_config=_forms(hub),
        exception_handlers={
            HubError: hub_trouble,
            HTTPException: http_trouble,
            Exception: bug_trouble,
        },
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    # around everything, also where no route was found
    app.asgi_handler = Observed(app.asgi_handler, hub=hub, metrics=metrics)
    return app


def _until(stops: Iterable[Callable[[], object]]) -> Lifespan:
    """The time in which the application serves; what is called at its end, in this order."""

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        try:
            yield
        finally:
            for stop in stops:
                stop()

    return lifespan


def _forms(hub: Hub) -> CSRFConfig:
    """How a form shows that it is ours; the key is the same in every process."""
    return CSRFConfig(
        secret=hub_secret(hub, CSRF_COOKIE).hex(),
        cookie_name=CSRF_COOKIE,
        cookie_httponly=True,
        exclude=_WITHOUT_FORMS,
    )


def _plain_routes(ready: Readiness, metrics: Metrics, threads: Threads) -> Router:
    @get("/health/live", sync_to_thread=False)
    def live() -> Response[dict[str, str]]:
        return health(True)

    @get("/health/ready")
    async def serves() -> Response[dict[str, str]]:
        return health(await ready.is_ready())

    @get("/metrics")
    async def figures() -> Response[bytes]:
        return await threads.run(metrics.response)

    return Router("/", route_handlers=[live, serves, figures], include_in_schema=False)
