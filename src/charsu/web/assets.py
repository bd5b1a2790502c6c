"""Files that pages load: ours and other projects', all from this package."""

from functools import cache
from hashlib import blake2b
from pathlib import Path

from litestar import Router
from litestar.datastructures import CacheControlHeader
from litestar.static_files import create_static_files_router

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static"

# Addresses carry the content's hash or the version, so a kept copy never goes out of date.
_KEPT = CacheControlHeader(public=True, max_age=31_536_000, immutable=True)


@cache
def asset(path: str) -> str:
    """The address of a file in the static folder; another one whenever the file changes.

    Raises FileNotFoundError where there is no such file.
    """
    content = (FOLDER / path).read_bytes()
    return f"{PREFIX}/{path}?v={blake2b(content, digest_size=6).hexdigest()}"


def static_router() -> Router:
    """Serves the files to everyone, signed in or not."""
    return create_static_files_router(
        path=PREFIX, directories=[FOLDER], cache_control=_KEPT, name="static"
    )
