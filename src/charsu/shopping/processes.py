"""What shopping does in several steps with the outside in between."""

from charsu.shopping.paying import PAY

__all__ = ["PAY"]
