"""Putting the chain of the stories into a shop, with some weeks of trade behind it.

Everything goes through the hub's own operations, each under a key of its own or as a put that may
be put again. So a load that was interrupted is simply begun anew: what is there already stays.
"""

from charsu.demo.loading.chain.load import load_chain

__all__ = ["load_chain"]
