"""A campaign over payments: killed while a provider promises, takes, lets go and gives back."""

from charsu.torture.paying.campaign import torture_payments

__all__ = ["torture_payments"]
