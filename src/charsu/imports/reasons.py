"""Why a row that can be read is not stored, and how to mend it."""

from charsu.kernel.intake import Reason

SKU_UNKNOWN = Reason(
    "sku_unknown", "No variant has the SKU {sku}.", "Import the product first, or mend the SKU."
)
LOCATION_UNKNOWN = Reason(
    "location_unknown",
    "There is no location {location}.",
    "Open the location first, or write the code of one that is there.",
)
COUNT_OUT_OF_TIME = Reason(
    "count_out_of_time",
    "A count must lie in the past and at most 31 days ago; this one is of {counted_at}.",
    "Count again, or leave the time out if it is of now.",
)
COUNTS_LEFT_OUT = Reason(
    "counts_left_out",
    "Counts of stock from this row on were left out: {count}. The file does not say where.",
    "Name the location of the counts, with --location, or import stock by a file of its own.",
)
COUNT_IMPOSSIBLE = Reason(
    "count_impossible",
    "Nobody can count {on_hand} pieces of {sku}; the count was left out.",
    "Count what lies there, and import stock by a file of its own.",
)
CHANNEL_UNKNOWN = Reason(
    "channel_unknown",
    "There is no channel {channel}.",
    "Open the channel first, or write the code of one that is there.",
)
CUSTOMER_UNKNOWN = Reason(
    "customer_unknown",
    "No customer is known as {customer}.",
    "Import the customer first, or leave the cell empty.",
)
AMOUNT_MISSING = Reason(
    "amount_missing", "The line has neither a price nor a total.", "Fill in one of the two."
)
AMOUNT_TOO_LARGE = Reason(
    "amount_too_large",
    "Price and quantity come to more than one order can hold.",
    "Mend the price or the quantity; one of them is a slip.",
)
DISCOUNT_TOO_LARGE = Reason(
    "discount_too_large",
    "The discount is larger than what it is taken off.",
    "Write the discount of the line as a positive amount, and at most its price.",
)
LINES_DISAGREE = Reason(
    "lines_disagree",
    "Lines of order {order} do not agree on its {field}.",
    "Write the same value in every line of an order.",
)
ORDER_DIFFERS = Reason(
    "order_differs",
    "Order {order} is stored already, with other lines or another total.",
    "An order that was placed is not rewritten; cancel or return what is wrong.",
)
QUANTITY_UNEVEN = Reason(
    "quantity_uneven",
    "The product {sku} is not counted in parts this small.",
    "Round the quantity to the product's unit.",
)
NOT_ACCEPTED = Reason("not_accepted", "{detail}", "Mend the row and import the file again.")
