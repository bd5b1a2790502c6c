"""A shop under load whose processes are killed, and the proof that it keeps its word."""

from charsu.torture.campaign import Campaign, torture
from charsu.torture.paying import torture_payments
from charsu.torture.report import Report
from charsu.torture.tills import torture_tills

__all__ = ["Campaign", "Report", "torture", "torture_payments", "torture_tills"]
