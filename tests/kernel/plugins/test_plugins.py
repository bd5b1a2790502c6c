"""A stranger's plug-in works like a package of ours, and cannot take the place of one."""

import pytest

from charsu.language import translate
from tests.kernel.plugins.conftest import GIFTS

pytestmark = pytest.mark.slow

USE_IT = """
    import sys
    from uuid import UUID

    import msgspec

    from charsu.assembly import open_hub, plugins, prepare
    from charsu.kernel import SYSTEM
    from charsu.kernel.log import deliver

    conninfo = sys.argv[1]
    prepare(conninfo)
    [gifts] = plugins().loaded
    with open_hub(conninfo) as hub:
        wrap = hub.operations["gifts.wrap"]
        answers = [
            hub.run(wrap, wrap.ask_type(UUID(int=order)), actor=SYSTEM, key=f"order-{order}").paper
            for order in (1, 2, 2)  # the same key twice
        ]
        with hub.writing("test") as tx:
            deliver(tx, hub.consumers["gifts.count_wraps"])
        with hub.reading() as tx:
            counted = tx.all("SELECT paper, wrapped FROM gifts.tallies")
    seen = {
        "distribution": gifts.distribution,
        "operations": [name for name in hub.operations if name.startswith("gifts.")],
        "settings": [setting.name for setting in gifts.settings],
        "checks": [check.name for check in gifts.checks],
        "answers": answers,
        "counted": counted,
    }
    print(msgspec.json.encode(seen).decode())
"""

SERVE = """
    import json
    import sys
    from uuid import uuid4

    from litestar.testing import TestClient

    from charsu.assembly import open_hub, prepare
    from charsu.kernel import SYSTEM
    from charsu.kernel.access import IssueKey, KeyRole, digest_of, issue_key, new_token
    from charsu.web.app import create_app

    prepare(sys.argv[1])
    hub, key = open_hub(sys.argv[1]), new_token("key")
    roles = (KeyRole(role="admin"),)
    ask = IssueKey(label="gifts", digest=digest_of(key).hex(), roles=roles)
    hub.run(issue_key, ask, actor=SYSTEM)

    def wrap(client, order, **headers):
        body = {"order_id": str(order)}
        return client.post("/v1/plugins/gifts/wraps", json=body, headers=headers).json()
"""

ASK_TWICE = (
    SERVE
    + """
    with hub, TestClient(create_app(hub)) as client:
        order, who = uuid4(), f"Bearer {key}"
        assert wrap(client, order, authorization=who) == {"paper": "red"}
        said = {
            language: wrap(client, order, authorization=who, **{"accept-language": language})
            for language in ("pl", "sr", "az")
        }
    print(json.dumps({language: problem["detail"] for language, problem in said.items()}))
"""
)

ASK_A_GUEST = (
    SERVE
    + """
    with hub, TestClient(create_app(hub)) as client:
        print(json.dumps(wrap(client, uuid4(), **{"accept-language": "sr"})["detail"]))
"""
)

LIST_THEM = """
    import msgspec

    from charsu.kernel import metadata, webhooks
    from charsu.kernel.log.fact import NAMES
    from charsu.kernel.plugins import load_plugins

    plugins = load_plugins(taken={"webhooks"})
    seen = {
        "loaded": [plugin.name for plugin in plugins.loaded],
        "failed": {failed.distribution: failed.reason for failed in plugins.failed},
        "schemas": sorted({str(table.schema) for table in metadata.tables.values()}),
        "facts": sorted(NAMES),
    }
    print(msgspec.json.encode(seen).decode())
"""

OPERATION = """
    from msgspec import Struct

    from charsu.kernel import Tx, operation

    class Ask(Struct, frozen=True):
        pass

    @operation("{name}", permission="any", http="POST {path}")
    def do(tx: Tx, ask: Ask) -> Ask:
        return ask
"""


SETTING = """
    from charsu.kernel import Setting

    NAME = Setting("business.name", str, "Mine", "Not theirs to declare.")
"""


def a_table(schema: str) -> str:
    return f"""
        from sqlalchemy import Column, Table
        from charsu.kernel import Uuid, metadata
        bad = Table("bad", metadata, Column("id", Uuid, primary_key=True), schema="{schema}")
    """


def test_a_strangers_operation_and_reaction_run_like_ours(
    release, in_new_process, database
) -> None:
    assert in_new_process(USE_IT, database, site=release("1.0")) == {
        "distribution": "charsu-gifts 1.0",
        "operations": ["gifts.wrap"],
        "settings": ["gifts.paper"],
        "checks": ["gifts_counted"],
        "answers": ["red", "red", "red"],
        "counted": [["red", 2]],
    }


@pytest.mark.parametrize(
    ("name", "module", "reason"),
    [
        ("stock", "", "the name stock is taken"),
        ("kernel", "", "the name kernel is taken"),
        ("webhooks", "", "the name webhooks is taken"),
        ("public", "", "the name public is taken"),
        ("pg_gifts", "", "no name for a plug-in"),
        ("Bad", "", "no name for a plug-in"),
        ("bad", OPERATION.format(name="stock.receive", path="/v1/plugins/bad/do"), "named bad."),
        ("bad", OPERATION.format(name="bad.do", path="/v1/orders"), "below /v1/plugins/bad/"),
        ("bad", a_table("stock"), "must be in the schema bad"),
        ("bad", SETTING, "the setting business.name must be named bad."),
        ("bad", a_table("bad") + "\n        raise SystemExit(3)", "SystemExit(3)"),
        ("bad", "import a_module_that_nobody_has", "a_module_that_nobody_has"),
        ("bad", "this is no Python", "SyntaxError"),
    ],
)
def test_a_plug_in_that_breaks_a_rule_is_left_out_whole_and_the_others_work(
    install, in_new_process, name: str, module: str, reason: str
) -> None:
    install(name, "a_bad_one", {"a_bad_one/__init__.py": module})
    install("gifts", "charsu_gifts", GIFTS)
    seen = in_new_process(LIST_THEM)

    assert seen["loaded"] == ["gifts"]
    assert list(seen["failed"]) == ["a_bad_one 1.0"]
    assert reason in seen["failed"]["a_bad_one 1.0"]
    assert seen["schemas"] == ["gifts", "kernel"]
    assert [fact for fact in seen["facts"] if not fact.startswith("kernel.")] == [
        "charsu_gifts.gift_wrapped"
    ]


def test_of_two_plug_ins_with_one_name_the_second_is_left_out(install, in_new_process) -> None:
    install("gifts", "a_first_one", {"a_first_one/__init__.py": ""})
    install("gifts", "charsu_gifts", GIFTS)
    seen = in_new_process(LIST_THEM)

    assert seen["loaded"] == ["gifts"]
    assert seen["failed"] == {"charsu_gifts 1.0": "the name gifts is taken"}


def test_a_plug_in_speaks_the_languages_that_it_brings(release, in_new_process, database) -> None:
    assert in_new_process(ASK_TWICE, database, site=release("1.0")) == {
        "pl": "Jest już zapakowane w papier: red.",
        "sr": "Već je upakovano u papir: red.",
        "az": "It is wrapped in red paper already.",
    }


def test_a_plug_in_does_not_change_what_we_say(release, in_new_process, database) -> None:
    said = in_new_process(ASK_A_GUEST, database, site=release("1.0"))

    assert said == translate("sr-Latn")(
        "Sign in to do this: {permission}.", permission="gifts.wrap"
    )


@pytest.mark.parametrize(
    ("catalog", "reason"),
    [
        ('msgid "Hello, {name}."\nmsgstr "Cześć, {imię}."\n', "fills in imię"),
        ("this is no catalog\n", "PoFileError"),
    ],
    ids=["another name", "no catalog"],
)
def test_a_plug_in_with_a_broken_catalog_is_left_out(
    install, in_new_process, catalog: str, reason: str
) -> None:
    path = "a_bad_one/locales/pl/LC_MESSAGES/messages.po"
    install("bad", "a_bad_one", {"a_bad_one/__init__.py": "", path: catalog})
    seen = in_new_process(LIST_THEM)

    assert seen["loaded"] == []
    assert reason in seen["failed"]["a_bad_one 1.0"]


def test_without_plug_ins_nothing_is_loaded(in_new_process) -> None:
    seen = in_new_process(LIST_THEM)

    assert (seen["loaded"], seen["failed"]) == ([], {})
