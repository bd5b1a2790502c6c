"""Doors to outside systems, one package for each."""
