"""The reference pages of the documentation, made from the code that they describe.

``python -m charsu.reference`` writes them; a test fails when one is out of date. Nothing here is
needed to run a shop.
"""

from charsu.reference.pages import pages

__all__ = ["pages"]
