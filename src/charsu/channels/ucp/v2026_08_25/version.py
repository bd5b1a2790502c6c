"""This version as the door speaks it."""

from charsu.channels.ucp.v2026_04_08 import requests as earlier
from charsu.channels.ucp.v2026_08_25 import VERSION, requests, writing
from charsu.channels.ucp.v2026_08_25.profile import DECLARED
from charsu.channels.ucp.versions import Version

V2026_08_25 = Version(
    name=VERSION,
    offered=DECLARED.offered,
    document=DECLARED.document,
    envelope=DECLARED.envelope,
    schemas=requests.SCHEMAS,
    keeps_what_it_refuses=True,
    read_session=requests.session,
    read_instrument=earlier.instrument,
    read_search=requests.search,
    read_lookup=requests.lookup,
    read_product=requests.product,
    write_session=writing.session,
    write_order=writing.order,
    write_found=writing.found,
    write_looked_up=writing.looked_up,
    write_product=writing.detailed,
)
