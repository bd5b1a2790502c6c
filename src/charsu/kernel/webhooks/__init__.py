"""Telling other systems what happened: Standard Webhooks carrying CloudEvents.

Endpoints say which facts they want; a reaction to the log notes each delivery that is due; the
worker renders, signs and sends it, again and again for three days if need be.
"""

from charsu.kernel.webhooks.model import DeliveryState, EndpointState
from charsu.kernel.webhooks.rendering import Renderer, renderers_in, renders
from charsu.kernel.webhooks.sending import Sent, send_due
from charsu.kernel.webhooks.sweeping import forget_delivered

__all__ = [
    "DeliveryState",
    "EndpointState",
    "Renderer",
    "Sent",
    "forget_delivered",
    "renderers_in",
    "renders",
    "send_due",
]
