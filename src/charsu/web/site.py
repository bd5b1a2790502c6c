"""The whole site: the API with everything around it, and the pages."""

from collections.abc import Sequence
from typing import Any

from litestar import Litestar
from litestar.connection import ASGIConnection

from charsu.kernel import Hub
from charsu.kernel.access import account_for_session
from charsu.web.app import create_app
from charsu.web.hands_page import hands_router
from charsu.web.invitation import invitation_router
from charsu.web.linking import linking_router
from charsu.web.live import Live
from charsu.web.look import Viewer
from charsu.web.media import Pictures, media_router
from charsu.web.overview_load import Overview, sight_of
from charsu.web.overview_page import overview_router
from charsu.web.sign_in import sign_in_router, viewer_from
from charsu.web.welcome import preferences_router


def build_app(
    hub: Hub, *, media: Sequence[Pictures] = (), setup_code: str | None = None
) -> Litestar:
    """Everything that a shop answers over HTTP. The hub stays the caller's.

    media        where the catalog's pictures are, see ``charsu.web.media``
    setup_code   must be typed to make the first account; None where only this machine can connect
    """
    live = Live(hub, Overview(hub))

    def may_look(connection: ASGIConnection[Any, Any, Any, Any]) -> Viewer | None:
        """Raises Forbidden for somebody signed in who has no business with orders."""
        viewer = viewer_from(hub, connection)
        if viewer is not None:
            sight_of(account_for_session(hub, viewer.session).actor, "")
        return viewer

    app = create_app(
        hub,
        pages=[
            sign_in_router(hub, setup_code=setup_code),
            invitation_router(hub),
            linking_router(hub),
            overview_router(live.load, live.follow, may_look),
            hands_router(hub, may_look),
            preferences_router(),
            media_router(media),
        ],
        on_stop=[live.stop],
        signed_in=lambda connection: viewer_from(hub, connection),
    )
    app.state.end_streams = live.stop  # for the server: before it waits for open connections
    return app
