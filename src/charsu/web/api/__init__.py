"""The HTTP edge: every operation at its address, and what surrounds it."""

from charsu.web.api.callers import (
    GUEST_COOKIE,
    GUEST_HEADER,
    SESSION_COOKIE,
    address_of,
    check_same_site,
)
from charsu.web.api.openapi import describe
from charsu.web.api.problems import Problem, bug, http_refusal, refusal, status_of
from charsu.web.api.routes import build_api
from charsu.web.api.threads import Threads

__all__ = [
    "GUEST_COOKIE",
    "GUEST_HEADER",
    "SESSION_COOKIE",
    "Problem",
    "Threads",
    "address_of",
    "bug",
    "build_api",
    "check_same_site",
    "describe",
    "http_refusal",
    "refusal",
    "status_of",
]
