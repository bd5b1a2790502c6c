"""Pictures of the catalog under ``/media``, from wherever the shop keeps them."""

import re
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from litestar import Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

Pictures = Callable[[str], bytes | None]
"""The content of the file at a path such as ``chain/mug.svg``; None where there is none. Called
in a thread, with paths of safe names only."""

MEDIA_TYPES = {
    "avif": "image/avif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "svg": "image/svg+xml",
    "webp": "image/webp",
}
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")

# Opened by itself, a drawing may style itself and do nothing else.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cache-Control": "public, max-age=3600",
    "Cross-Origin-Resource-Policy": "cross-origin",  # shops of other origins show them
}


def media_folder(folder: Path) -> Pictures:
    """Files in a folder and the folders below it; links that lead out of it are not followed."""
    root = folder.resolve()

    def read(path: str) -> bytes | None:
        file = (root / path).resolve()
        return file.read_bytes() if file.is_relative_to(root) and file.is_file() else None

    return read


def media_router(sources: Sequence[Pictures]) -> Router:
    """Serves pictures to everyone; the first source that has one answers."""

    @get("/{path:path}", sync_to_thread=True)
    def picture(request: Request[Any, Any, Any], path: FromPath[str]) -> Response[bytes]:
        name = path.lstrip("/")
        media_type = MEDIA_TYPES.get(name.rpartition(".")[2].lower())
        found = _first(sources, name) if media_type and _is_safe(name) else None
        if found is None:
            raise NotFoundException
        etag = f'"{blake2b(found, digest_size=12).hexdigest()}"'
        headers = HEADERS | {"ETag": etag}
        if request.headers.get("if-none-match") == etag:
            return Response(b"", status_code=304, headers=headers)
        return Response(found, media_type=media_type, headers=headers)

    return Router("/media", route_handlers=[picture], include_in_schema=False)


def _first(sources: Sequence[Pictures], path: str) -> bytes | None:
    contents = (source(path) for source in sources)
    return next((content for content in contents if content is not None), None)


def _is_safe(path: str) -> bool:
    return all(_NAME.fullmatch(part) for part in path.split("/"))
