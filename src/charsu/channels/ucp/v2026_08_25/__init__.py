"""UCP 2026-08-25, as far as it differs from 2026-04-08, on whose functions it is built.

Destinations say their type, what can be chosen is described by an object, consent is given purpose
by purpose, quantities name their unit, goods in the catalog say how they can be had, and a change
that cannot be made leaves the checkout as it was.
"""

VERSION = "2026-08-25"
