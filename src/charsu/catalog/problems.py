"""What can be wrong with a product, and how its owner mends it.

Messages and mends are English templates with ``{names}`` of the data, to be translated at the edge.
"""

from collections.abc import Callable

from msgspec import Struct

from charsu.kernel.intake import Reason


class Problem(Struct, frozen=True):
    """Why a draft cannot be stored: which field, a stable code, a sentence, and what to do."""

    field: str
    code: str
    message: str
    mend: str
    data: dict[str, str] = {}

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """The message, filled in, after translation if asked."""
        return translate(self.message).format_map(self.data)


def problem(reason: Reason, field: str, **data: str) -> Problem:
    """The reason, found in this field."""
    return Problem(field, reason.code, reason.message, reason.mend, data)


# Of a product by itself
UNPRINTABLE = Reason(
    "unprintable", "A text holds a NUL character, which is no text.", "Remove the character."
)
SKU_EMPTY = Reason("sku_empty", "A variant has no SKU.", "Give each variant an SKU of its own.")
SKU_REPEATED = Reason(
    "sku_repeated",
    "SKU {sku} stands twice in this product.",
    "Give each variant an SKU of its own; upper and lower case do not count.",
)
GTIN_INVALID = Reason(
    "gtin_invalid",
    "{gtin} is not a valid GTIN.",
    "Copy the 8, 12, 13 or 14 digits below the barcode, the check digit last.",
)
GTIN_REPEATED = Reason(
    "gtin_repeated", "GTIN {gtin} stands twice in this product.", "Each variant has its own GTIN."
)
OPTION_REPEATED = Reason(
    "option_repeated",
    "An option or one of its values stands twice in this product.",
    "Name each option and each value once.",
)
OPTIONS_INCOMPLETE = Reason(
    "options_incomplete",
    "{sku} does not choose a value for every option, and for no other.",
    "Give it one value for each option of the product.",
)
OPTION_VALUE_UNKNOWN = Reason(
    "option_value_unknown",
    "{sku} has a value that the product does not offer.",
    "Add the value to the option, or choose one that is there.",
)
SAME_CHOICE = Reason(
    "same_choice",
    "{sku} has the same options as another variant.",
    "Tell the two apart by an option, or leave one out.",
)
MEDIA_SKU_UNKNOWN = Reason(
    "media_sku_unknown",
    "A picture shows {sku}, which this product does not have.",
    "Name an SKU of this product, or none.",
)

NOT_STORABLE = Reason(
    "not_storable",
    "The product has a value that cannot be stored: {detail}.",
    "Mend the value; titles, SKUs and option values must not be empty or very long.",
)

# Of a product among others
HANDLE_REPEATED = Reason(
    "handle_repeated", "{handle} stands above already.", "Keep one of the two."
)
CATEGORY_UNKNOWN = Reason(
    "category_unknown", "There is no category {category}.", "Make the category first."
)
SKU_TAKEN = Reason(
    "sku_taken",
    "SKU {sku} belongs to {holder}.",
    "Use another SKU, or put both variants into one product.",
)
UNIT_KEPT = Reason(
    "unit_kept",
    "{handle} keeps its unit {unit} and its scale {scale}.",
    "Leave unit and scale as they are; what is sold in other steps is another product, with SKUs of"
    " its own.",
)
GTIN_TAKEN = Reason(
    "gtin_taken",
    "GTIN {gtin} belongs to {holder}.",
    "A scan must find one thing: remove the number from one of the two.",
)
