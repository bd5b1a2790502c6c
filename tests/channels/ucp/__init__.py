"""The shopping door."""
