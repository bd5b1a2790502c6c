"""A small driver that speaks of products and calls public operations only."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zlib import crc32

from charsu.catalog import (
    FoundProduct,
    ProductDraft,
    ProductShown,
    ProductText,
    PutCategory,
    PutChannel,
    PutOutcome,
    PutProduct,
    PutSynonyms,
    ReadProduct,
    SearchAnswer,
    SearchProducts,
    SetListing,
    VariantDraft,
    put_category,
    put_channel,
    put_product,
    put_synonyms,
    read_product,
    search_products,
    set_listing,
)
from charsu.kernel import SYSTEM, Hub


def a_product(title: str, *skus: str, language: str = "en", **more: Any) -> ProductDraft:
    """A product with a title and the plainest variants; the first SKU is its handle too."""
    skus = skus or (title.lower().replace(" ", "-"),)
    more.setdefault("texts", {language: ProductText(title=title)})
    more.setdefault("variants", tuple(VariantDraft(sku=sku) for sku in skus))
    more.setdefault("handle", skus[0].lower())
    return ProductDraft(**more)


class Shelf:
    """A catalog to fill and to search."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    def put(self, product: ProductDraft) -> PutOutcome:
        return self.hub.run(put_product, PutProduct(product=product), actor=SYSTEM)

    def holds(self, *titles: str, language: str = "en", **more: Any) -> None:
        """Put a product for each title."""
        for number, title in enumerate(titles):
            sku = f"{language.lower()}-{number}-{crc32(title.encode())}"
            self.put(a_product(title, sku, language=language, **more))

    def read(self, handle: str) -> ProductShown:
        return self.hub.run(read_product, ReadProduct(handle=handle), actor=SYSTEM)

    def search(self, text: str = "", **more: Any) -> SearchAnswer:
        return self.hub.run(search_products, SearchProducts(text=text, **more), actor=SYSTEM)

    def titles(self, text: str = "", **more: Any) -> list[str]:
        return [found.title for found in self.found(text, **more)]

    def found(self, text: str, **more: Any) -> Sequence[FoundProduct]:
        return self.search(text, **more).items

    def channel(self, code: str, **more: Any) -> UUID:
        ask = PutChannel(code=code, name=code, kind="web", currency="EUR", **more)
        return self.hub.run(put_channel, ask, actor=SYSTEM).channel_id

    def category(self, code: str, title: str, parent: str | None = None) -> bool:
        ask = PutCategory(code=code, titles={"en": title}, parent=parent)
        return self.hub.run(put_category, ask, actor=SYSTEM).is_changed

    def listing(self, handle: str, channel: str, *, is_published: bool, **texts: Any) -> bool:
        ask = SetListing(handle=handle, channel=channel, is_published=is_published, texts=texts)
        return self.hub.run(set_listing, ask, actor=SYSTEM).is_changed

    def synonyms(self, *groups: tuple[str, ...], language: str = "en") -> None:
        self.hub.run(put_synonyms, PutSynonyms(language=language, groups=groups), actor=SYSTEM)
