"""What codes are called on a page. A code without a title here, such as one that a plug-in brings,
is shown as it is."""

from charsu.language import mark_sentence as _
from charsu.web.overview import Period, WaitingKind

PERIODS = {
    Period.TODAY: _("Today"),
    Period.WEEK: _("7 days"),
    Period.MONTH: _("30 days"),
    Period.YEAR: _("Year"),
}

BEFORE = {
    Period.TODAY: _("than yesterday by this time"),
    Period.WEEK: _("than the 7 days before"),
    Period.MONTH: _("than the 30 days before"),
    Period.YEAR: _("than the year before"),
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
    "store": "cash-register",
    "marketplace": "building-store",
    "social": "share",
    "agent": "robot",
    "phone": "phone",
}

EXCEPTIONS = {
    "shortage": _("Promised more than is on hand"),
}

ROLES = {
    "admin": _("Administrator"),
    "manager": _("Manager"),
    "merchandiser": _("Merchandiser"),
    "stockkeeper": _("Stockkeeper"),
    "cashier": _("Cashier"),
    "picker": _("Picker"),
    "support": _("Customer support"),
    "analyst": _("Analyst"),
    "shopper": _("Shopper"),
}

FACTS = {
    "catalog.category_put": _("Category set up"),
    "catalog.channel_put": _("Channel set up"),
    "catalog.product_archived": _("Product archived"),
    "catalog.product_introduced": _("Product added"),
    "catalog.product_listed": _("Product listed"),
    "catalog.product_revised": _("Product changed"),
    "customers.customer_introduced": _("Customer added"),
    "customers.customer_revised": _("Customer changed"),
    "kernel.account_created": _("Account created"),
    "kernel.account_disabled": _("Account disabled"),
    "kernel.account_enabled": _("Account enabled"),
    "kernel.account_invited": _("Colleague invited"),
    "kernel.key_issued": _("API key issued"),
    "kernel.key_revoked": _("API key revoked"),
    "kernel.password_chosen": _("Password chosen"),
    "kernel.role_granted": _("Role granted"),
    "kernel.role_revoked": _("Role revoked"),
    "kernel.session_revoked": _("Session ended"),
    "kernel.setting_made": _("Setting changed"),
    "kernel.signed_in": _("Signed in"),
    "kernel.signed_out": _("Signed out"),
    "kernel.webhook_endpoint_added": _("Webhook added"),
    "kernel.webhook_endpoint_changed": _("Webhook changed"),
    "kernel.webhook_endpoint_gone": _("Webhook gone"),
    "kernel.webhook_endpoint_paused": _("Webhook paused"),
    "kernel.webhook_endpoint_resumed": _("Webhook resumed"),
    "kernel.webhook_secret_rotated": _("Webhook secret renewed"),
    "kernel.webhooks_replayed": _("Webhooks sent again"),
    "orders.delivery_method_put": _("Delivery method set up"),
    "orders.fulfillment_moved": _("Order moved to another location"),
    "orders.goods_handed_over": _("Goods handed over"),
    "orders.goods_returned": _("Goods returned"),
    "orders.lines_canceled": _("Order canceled"),
    "orders.money_refunded": _("Money refunded"),
    "orders.order_paid": _("Order paid"),
    "orders.order_placed": _("Order placed"),
    "orders.parcel_shipped": _("Parcel shipped"),
    "orders.payment_asked": _("Payment begun"),
    "orders.payment_authorized": _("Payment authorized"),
    "orders.payment_escalated": _("Payment to be confirmed"),
    "orders.payment_declined": _("Payment declined"),
    "orders.payment_joined": _("Payment of an order"),
    "orders.payment_voided": _("Payment let go"),
    "orders.capture_begun": _("Money being taken"),
    "orders.capture_done": _("Money taken"),
    "orders.capture_failed": _("Money not to be had"),
    "orders.payment_missing": _("Order to be paid otherwise"),
    "orders.refund_failed": _("Refund failed"),
    "orders.charge_begun": _("Payment begun"),
    "orders.charge_failed": _("Payment failed"),
    "orders.pickup_ready": _("Pickup ready"),
    "pricing.coupon_given_back": _("Coupon given back"),
    "pricing.coupon_put": _("Coupon set up"),
    "pricing.coupon_redeemed": _("Coupon redeemed"),
    "pricing.offers_ended": _("Offers ended"),
    "pricing.price_list_opened": _("Price list opened"),
    "pricing.prices_put": _("Prices changed"),
    "pricing.tax_rates_put": _("Tax rates changed"),
    "shopping.cart_abandoned": _("Cart abandoned"),
    "shopping.cart_codes_set": _("Coupons of a cart changed"),
    "shopping.cart_delivery_set": _("Delivery chosen"),
    "shopping.cart_held": _("Goods reserved for a cart"),
    "shopping.cart_line_removed": _("Taken out of a cart"),
    "shopping.cart_line_set": _("Put into a cart"),
    "shopping.cart_merged": _("Carts merged"),
    "shopping.cart_opened": _("Cart started"),
    "shopping.cart_ordered": _("Cart ordered"),
    "shopping.cart_prices_seen": _("New prices seen"),
    "shopping.cart_payment_begun": _("Customer pays"),
    "shopping.cart_payment_ended": _("Payment came to nothing"),
    "shopping.cart_released": _("Reservation released"),
    "shopping.cart_took_over": _("Cart taken over"),
    "stock.buffer_set": _("Buffer changed"),
    "stock.channel_served": _("Locations of a channel changed"),
    "stock.hold_expired": _("Reservation expired"),
    "stock.location_put": _("Location set up"),
    "stock.shortage_changed": _("Shortage changed"),
    "stock.shortage_found": _("Shortage found"),
    "stock.stock_counted": _("Stock counted"),
    "stock.stock_moved": _("Stock moved"),
}
