"""Bringing in the wholesaler's export "Online Retail": one file with sales, credit notes, losses,
postage and bookkeeping, each line of which is stored or reported.

Give ``ONLINE_RETAIL`` to ``imports.run``; the file is known by its columns.
"""

from charsu.demo.loading.wholesale.bring_in import ONLINE_RETAIL

__all__ = ["ONLINE_RETAIL"]
