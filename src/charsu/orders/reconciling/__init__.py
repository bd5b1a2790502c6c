"""Providers' statements against our books: what both say of a payment, and where they differ."""
