"""Drawings and photographs of the chain's goods; LICENSES.txt says whose they are."""
