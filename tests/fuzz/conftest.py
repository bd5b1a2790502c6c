"""The whole shop behind its door, and a program that may do everything."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from charsu.kernel import Hub
from charsu.kernel.access import IssueKey, KeyRole, digest_of, issue_key, new_token
from charsu.kernel.actors import SYSTEM
from charsu.web.site import build_app


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of lines of log would hide what is told at the end."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**before)


@pytest.fixture
def door(hub: Hub):
    """The whole shop, and the headers of a program that may do everything.

    Its key is the second one: whoever follows the list of keys to its first entry revokes that.
    """
    for label in ("spare", "fuzz"):
        secret = new_token("key")
        roles = (KeyRole(role="admin"),)
        ask = IssueKey(label=label, digest=digest_of(secret).hex(), roles=roles)
        hub.run(issue_key, ask, actor=SYSTEM)
    return build_app(hub), {"Authorization": f"Bearer {secret}"}
