"""How a platform is let act for a customer: our authorization server (OAuth 2.1).

    router   the addresses
    desk     the pages on which she signs in and decides, and what is told of the server
    server   what platforms ask and are given, on authlib; loaded when the first one comes
    wanted   what a platform asks of her

Sources: UCP 2026-04-08, Identity Linking; RFC 6749 and 6750; RFC 7009 (giving tokens back);
RFC 7523 (platforms that sign who they are); RFC 7636 (PKCE); RFC 8414 (where everything is);
RFC 9207 (who answers); RFC 9700 (security); RFC 9728 (what the tokens are for).
"""

from charsu.web.linking.router import linking_router

__all__ = ["linking_router"]
