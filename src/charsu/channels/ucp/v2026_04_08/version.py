"""This version as the door speaks it."""

from charsu.channels.ucp.v2026_04_08 import VERSION, catalog, orders, profile, requests, sessions
from charsu.channels.ucp.versions import Version

V2026_04_08 = Version(
    name=VERSION,
    offered=profile.OFFERED,
    document=profile.DECLARED.document,
    envelope=profile.envelope,
    schemas=requests.SCHEMAS,
    read_session=requests.session,
    read_instrument=requests.instrument,
    read_search=requests.search,
    read_lookup=requests.lookup,
    read_product=requests.product,
    write_session=sessions.session,
    write_order=orders.order,
    write_found=catalog.found,
    write_looked_up=catalog.looked_up,
    write_product=catalog.detailed,
)
