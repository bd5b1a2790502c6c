"""Every setting."""

from typing import Any

import msgspec

from charsu.kernel import Setting
from charsu.reference.finding import our_settings
from charsu.reference.markdown import code, page, table
from charsu.web.api.reference_views import type_of

ABOUT = """\
A setting is changed with `charsu settings change` or `PUT /v1/settings/{name}`. Only values
that differ from the default are stored (`kernel.settings`: `name`, and `value` as JSON). Every
transaction reads them with its first statement, so a change holds from the next transaction on,
in every process."""

ENVIRONMENT = [
    ["`DATABASE_URL`", "A PostgreSQL server, 18 or newer, to use; it wins over any folder."],
    ["`CHARSU_DATA`", "The shop's folder, where `--data` is not given."],
    [
        "`CHARSU_LANGUAGE`",
        "What commands speak: `en`, `sr-Latn`, `sr-Cyrl`, `pl` or `az`; else the locale.",
    ],
    ["`CHARSU_STRIPE_KEY`", "The secret key of the retailer's account; payments by Stripe then."],
    ["`CHARSU_STRIPE_WEBHOOK_SECRET`", "Proves what Stripe tells; else all of it is refused."],
    ["`CHARSU_STRIPE_MULTICAPTURE`", "1 where the account may take a promise in several parts."],
    ["`CHARSU_STRIPE_RETURN_URL`", "Where a customer comes back to who had to confirm."],
    ["`CHARSU_STRIPE_ADDRESS`", "Another address of the API, for tests on one machine."],
    ["`CHARSU_TEST_CARRIER_SECRET`", "Proves what the test carrier tells; else all is refused."],
    ["`CHARSU_SETUP_CODE`", "The code that the page for the first account asks for."],
    ["`CHARSU_PREPARED`", "Set for processes whose shop is up to date already."],
    ["`CHARSU_READY_FD`", "Where a process tells its starter that it is ready."],
    [
        "`CHARSU_OUTBOX`",
        "A folder for messages to customers, where no other sender is chosen; for demos.",
    ],
    ["`CHARSU_FAULTS`", "Failures on purpose, for tests. Never set it in a shop."],
    [
        "`CHARSU_UCP_TEST`",
        "1 puts the shopping door into the mode for conformance suites: payments without money, "
        "and calls to this machine. A server that others can reach refuses to start in it.",
    ],
    ["`CHARSU_UCP_TEST_SECRET`", "What a suite has to show in that mode to send parcels."],
]


def settings_page() -> str:
    """Settings of the shop, then what the environment decides."""
    rows = [[code(one.name), _type(one), _default(one), one.explanation] for one in our_settings()]
    return page(
        "Settings",
        ABOUT,
        table(["setting", "type", "default", "what it decides"], rows),
        "## Environment",
        table(["variable", "what it decides"], ENVIRONMENT),
    )


def _type(setting: Setting[Any]) -> str:
    return type_of(msgspec.json.schema(setting.kind))


def _default(setting: Setting[Any]) -> str:
    return code(msgspec.json.encode(setting.default).decode())
