"""Reconciliation: what providers say they have, compared with the books."""
