"""Pictures that come with the product: those of the demo's chain."""

from functools import cache


def picture(path: str) -> bytes | None:
    """The picture at a path such as ``chain/mug.svg``; None where there is none."""
    folder, _, name = path.partition("/")
    return _chain().get(name) if folder == "chain" else None


@cache
def _chain() -> dict[str, bytes]:
    from charsu.demo.chain import pictures

    return pictures()
