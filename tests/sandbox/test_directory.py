"""Extensions and caller ids."""

import pytest

from tests.sandbox.kwebbl import BRAM, Kwebbl
from tests.sandbox_server import SandboxHandle


def test_list_has_users_and_dialplans(admin: Kwebbl) -> None:
    extensions = admin.get("/extensions")
    assert [(each["number"], each["type"], each.get("external_number")) for each in extensions] == [
        ("1000", "user", None),
        ("1001", "user", None),
        ("1002", "user", None),
        ("1003", "user", None),
        ("2000", "dialplan", "31205550100"),
        ("2001", "dialplan", "31205550110"),
        ("2002", "dialplan", "31205550120"),
        ("2003", "dialplan", "31205550130"),
    ]
    assert admin.get(f"/extensions/{extensions[4]['id']}") == extensions[4]


def test_numbers_as_json_numbers_where_they_can_be(sandbox: SandboxHandle) -> None:
    sandbox.set("dialect", "globex", json_numbers=True)
    extensions = Kwebbl.authorized(sandbox, "globex").get("/extensions")
    assert [each["number"] for each in extensions] == ["010", "011", "012", "020", "021"]
    assert extensions[3]["external_number"] == 31105550200


def test_scope_decides_what_is_seen(sandbox: SandboxHandle) -> None:
    dialplans = Kwebbl.authorized(sandbox, scope="company.dialplans")
    user = Kwebbl.authorized(sandbox, scope="company.users").extension("1001")
    assert {each["type"] for each in dialplans.get("/extensions")} == {"dialplan"}
    assert dialplans.refusal("GET", f"/extensions/{user}") == (403, "access_denied")


@pytest.mark.parametrize("status", [403, 503])
def test_missing_scope(sandbox: SandboxHandle, status: int) -> None:
    sandbox.set("dialect", missing_scope=status)
    assert Kwebbl.authorized(sandbox, scope="user.info").refusal("GET", "/extensions") == (status, "access_denied")


@pytest.mark.parametrize(
    ("extension_id", "status", "code"), [("f" * 32, 404, "entity_not_exist"), ("x!", 400, "validation")]
)
def test_unknown_extension(admin: Kwebbl, extension_id: str, status: int, code: str) -> None:
    assert admin.refusal("GET", f"/extensions/{extension_id}") == (status, code)


def test_no_token(sandbox: SandboxHandle) -> None:
    answer = sandbox.request("GET", "/kwebbl/acme/v100/extensions")
    assert (answer.status, answer.json()["error_code"]) == (401, "invalid_grant")
    assert answer.headers["www-authenticate"].startswith("Bearer ")


def test_caller_id_is_listed_and_set(admin: Kwebbl) -> None:
    path = f"/extensions/{admin.extension('1001')}"
    listed = admin.get(f"{path}/multiple_caller_ids")
    assert [each["caller_number"] for each in listed] == [f"312055501{each}0" for each in range(4)]
    chosen = listed[2]["caller_id"]
    answer = admin.send("PUT", f"{path}/caller_id", {"caller_id": chosen})
    assert (answer.status, answer.json()) == (200, {"extension_id": admin.extension("1001"), "caller_id": chosen})
    bram = next(each for each in admin.sandbox.company()["extensions"] if each["number"] == "1001")
    assert bram["caller_id"] == chosen


def test_caller_id_of_somebody_else_takes_an_admin(sandbox: SandboxHandle) -> None:
    bram = Kwebbl.authorized(sandbox, email=BRAM)
    path = f"/extensions/{bram.extension('1002')}"
    chosen = bram.get(f"{path}/multiple_caller_ids")[0]["caller_id"]
    assert bram.refusal("PUT", f"{path}/caller_id", {"caller_id": chosen}) == (403, "access_denied")


def test_unknown_caller_id(admin: Kwebbl) -> None:
    path = f"/extensions/{admin.extension('1001')}/caller_id"
    assert admin.refusal("PUT", path, {"caller_id": "0" * 32}) == (400, "validation")
    assert admin.refusal("PUT", path, []) == (400, "validation")
