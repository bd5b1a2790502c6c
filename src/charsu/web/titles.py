"""What codes are called on a page. A code without a title here is shown as it is."""

from charsu.web.overview import Period, WaitingKind


def _(message: str) -> str:
    """Marks a sentence for the catalogs; it is translated where it is shown."""
    return message


PERIODS = {
    Period.TODAY: _("Today"),
    Period.WEEK: _("7 days"),
    Period.MONTH: _("30 days"),
    Period.YEAR: _("Year"),
}

WAITING = {
    WaitingKind.PAYMENT: _("Waiting for payment"),
    WaitingKind.PICK: _("To pick"),
    WaitingKind.SHIP: _("To ship"),
    WaitingKind.COLLECT: _("Ready to collect"),
    WaitingKind.REFUND: _("To refund"),
}

WAITING_ICONS = {
    WaitingKind.PAYMENT: "credit-card",
    WaitingKind.PICK: "basket",
    WaitingKind.SHIP: "truck-delivery",
    WaitingKind.COLLECT: "packages",
    WaitingKind.REFUND: "receipt-refund",
}

CHANNEL_ICONS = {
    "web": "world",
    "app": "device-mobile",
    "pos": "cash-register",
    "marketplace": "building-store",
    "agent": "robot",
    "phone": "phone",
}

EXCEPTIONS = {
    "shortage": _("Promised more than is on hand"),
    "payment_failed": _("Payment failed"),
    "refund_failed": _("Refund failed"),
    "late": _("Promise to the customer missed"),
    "unsourced": _("No location can fulfill it"),
    "delivery_failed": _("Webhook not delivered"),
    "import_failed": _("Import stopped"),
    "count_differs": _("Count differs from the books"),
}

FACTS = {
    "order.placed": _("Order placed"),
    "order.paid": _("Order paid"),
    "order.canceled": _("Order canceled"),
    "order.completed": _("Order completed"),
    "order.shipped": _("Parcel shipped"),
    "order.returned": _("Goods returned"),
    "order.refunded": _("Money refunded"),
    "payment.captured": _("Payment received"),
    "pickup.reserved": _("Pickup reserved"),
    "pickup.ready": _("Pickup ready"),
    "pickup.collected": _("Pickup handed over"),
    "cart.created": _("Cart started"),
    "cart.changed": _("Cart changed"),
    "stock.received": _("Stock received"),
    "stock.adjusted": _("Stock corrected"),
    "stock.counted": _("Stock counted"),
    "stock.moved": _("Stock moved"),
    "stock.reserved": _("Stock reserved"),
    "stock.released": _("Reservation released"),
    "stock.ran_out": _("Sold out"),
    "product.created": _("Product added"),
    "product.changed": _("Product changed"),
    "price.changed": _("Price changed"),
    "customer.created": _("Customer added"),
    "exception.opened": _("Exception opened"),
    "exception.closed": _("Exception closed"),
}
