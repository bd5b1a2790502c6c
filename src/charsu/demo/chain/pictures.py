"""Pictures drawn by ourselves: a silhouette of the thing, in the colour of the variant.

Each stands on a warm panel of its own, so that it looks the same on a light and on a dark page.
"""

import re
from functools import cache
from importlib.resources import files
from xml.etree import ElementTree

from charsu.demo.chain.goods import Variant, variants
from charsu.demo.chain.model import Product, products

MEDIA = "charsu.demo.chain.media"
SVG = "http://www.w3.org/2000/svg"
PAINTS = {
    "k": "#2b2622", "w": "#fffaf2", "g": "#c9a45c", "s": "#c3c7cc", "c": "#5e3a22",
    "h": "#8a5a3c", "n": "#e6eaec", "z": "#fdf8f0", "olive": "#8c9a4f",
}  # fmt: skip
PANELS = ("#f6f0e7", "#eadfce")  # lit from above
FRAME = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" role="img">
<style>{style}</style>
<defs><linearGradient id="panel" x2="0" y2="1"><stop stop-color="{top}"/>\
<stop offset="1" stop-color="{bottom}"/></linearGradient></defs>
<rect width="400" height="400" fill="url(#panel)"/>
<ellipse cx="200" cy="346" rx="128" ry="13" fill="#2b2622" opacity=".13"/>
{thing}
</svg>
"""


def draw(silhouette: str, color: str) -> str:
    """An SVG of 400 by 400 units: a silhouette's name, a colour as ``#rrggbb``.

    Raises KeyError for a silhouette that nobody has drawn.
    """
    thing = silhouettes()[silhouette]
    top, bottom = PANELS
    return FRAME.format(style=_style(color), top=top, bottom=bottom, thing=thing)


def pictures() -> dict[str, bytes]:
    """Every picture of the chain by file name: drawings made now, photographs as they are."""
    made: dict[str, bytes] = {}
    for product in products():
        for variant in variants(product):
            if variant.picture not in made:
                made[variant.picture] = _picture(product, variant)
    return made


def _picture(product: Product, variant: Variant) -> bytes:
    if product.silhouette and variant.paint:
        return draw(product.silhouette, variant.paint).encode()
    return files(MEDIA).joinpath(variant.picture).read_bytes()


@cache
def silhouettes() -> dict[str, str]:
    """The groups of ``silhouettes.svg`` by name, as SVG text."""
    ElementTree.register_namespace("", SVG)
    text = files(MEDIA).joinpath("silhouettes.svg").read_text("utf-8")
    root = ElementTree.fromstring(text)  # noqa: S314 - a file of this package
    groups = root.findall(f"{{{SVG}}}g")
    return {group.attrib.pop("id"): _text(group) for group in groups}


def mix(color: str, other: str, share: float) -> str:
    """A colour with a share (0 to 1) of another mixed in, channel by channel in sRGB."""
    pairs = zip(_channels(color), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(color: str) -> tuple[int, int, int]:
    if not re.fullmatch(r"#[0-9a-f]{6}", color):
        raise ValueError(f"{color} is no colour written as #rrggbb")
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _style(color: str) -> str:
    """Paints for the classes; very dark things get their folds lighter instead of darker."""
    is_dark = sum(_channels(color)) < 150
    dark = mix(color, "#ffffff", 0.16) if is_dark else mix(color, "#241a14", 0.24)
    light = mix(color, "#ffffff", 0.28)
    fills = {"m": color, "d": dark, "l": light, **PAINTS}
    line = "fill:none;stroke-linecap:round;stroke-linejoin:round"
    strokes = {
        "o": (mix(dark, "#241a14", 0.2) if not is_dark else mix(dark, "#ffffff", 0.1), 3),
        "of": (dark, 14), "oz": (PAINTS["z"], 14), "ok": (PAINTS["k"], 6), "og": (PAINTS["g"], 8),
        "ol": (light, 2.5), "olw": (PAINTS["w"], 4), "ov": ("#b9a994", 5),
    }  # fmt: skip
    rules = [f".{name}{{fill:{paint}}}" for name, paint in fills.items()]
    rules += [
        f".{name}{{{line};stroke:{paint};stroke-width:{width}}}"
        for name, (paint, width) in strokes.items()
    ]
    return "".join([*rules, f".m,.z{{stroke:{dark};stroke-width:1.5}}"])


def _text(group: ElementTree.Element) -> str:
    text = ElementTree.tostring(group, encoding="unicode")
    return re.sub(r"\s*\n\s*", "", text.replace(f' xmlns="{SVG}"', ""))
