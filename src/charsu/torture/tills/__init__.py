"""A campaign over tills: killed while terminals take money, and goods are exchanged."""

from charsu.torture.tills.campaign import torture_tills

__all__ = ["torture_tills"]
