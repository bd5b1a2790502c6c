"""Suites of others ask the shopping door what its protocol demands."""
