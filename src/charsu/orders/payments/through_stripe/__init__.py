"""Stripe, through its own library; offered where the environment names a key.

No card number comes here: a payment method (``pm_…``) was made by Stripe's page or app.
"""

from charsu.orders.payments.through_stripe.account import Account, account_in_environment
from charsu.orders.payments.through_stripe.provider import StripeProvider

__all__ = ["Account", "StripeProvider", "account_in_environment"]
