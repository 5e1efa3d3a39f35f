"""Tickets: calculated from passwords, or exchanged and renewed."""

import hashlib
from base64 import b64decode
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import to_builtins

from integrations.contract.errors import AuthorizationLost, Unsupported, VendorRejected
from integrations.vendors.dstny.tickets import APIS, Exchanged, Logins, password_ticket
from tests.integrations.dstny.live import COMPANY, DOMAIN, SERVICE, dstny_of
from tests.integrations.memory_store import MemoryStore
from tests.sandbox_server import SandboxHandle

SUPERUSER = {"domain": DOMAIN, "user": "cti-service", "ticket": f"{COMPANY}-demo-superuser-ticket"}
T0 = datetime(2026, 1, 31, 9, tzinfo=UTC)


def test_password_ticket_is_the_documents() -> None:
    """Worked out by hand: secret = md5("jdoe:example.org:secret"), signed over "jdoe:CALLS:USER:" + secret."""
    ticket = password_ticket("jdoe", "example.org", "secret", ["CALLS", "USER"])
    domain, _, rest = ticket.removeprefix("D").partition(".")
    assert ticket.startswith("D")
    assert domain == "ZXhhbXBsZS5vcmc="
    secret = hashlib.md5(b"jdoe:example.org:secret").hexdigest()  # noqa: S324 - the vendor's choice
    assert secret == "00298c13486c861015c69e39a075678b"
    assert b64decode(rest).decode() == "P:1fb15ecb4dd7eb2fa071c44f406838da:jdoe:CALLS:USER"


def test_one_login_acts_for_everybody() -> None:
    logins = Logins(SERVICE, {}, {})
    assert logins.users == []
    assert logins.for_user("wout") is logins.main
    assert logins.main.tokens(T0) == (password_ticket("cti-service", DOMAIN, "demo-cti-service", APIS),)


def test_each_user_with_a_login_of_their_own() -> None:
    users = [{"user": "vera", "password": "demo-vera"}, {"user": "wout", "ticket": "1234.abc"}]
    logins = Logins({"domain": DOMAIN, "users": users}, {}, {})
    assert logins.users == ["vera", "wout"]
    assert logins.for_user("wout").tokens(T0) == ("1234.abc",)
    with pytest.raises(Unsupported, match="no password or ticket of xander"):
        logins.for_user("xander")


@pytest.mark.parametrize(("days", "tokens"), [(1, ("new", "given")), (399, ("given",))])
def test_exchanged_ticket_goes_first_until_it_ends(days: int, tokens: tuple[str, ...]) -> None:
    kept = {"cti": to_builtins(Exchanged("new", T0, T0 + timedelta(days=365)))}
    logins = Logins({"domain": DOMAIN, "user": "cti", "ticket": "given"}, {}, kept)
    assert logins.main.tokens(T0 + timedelta(days=days)) == tokens


@pytest.mark.parametrize(("days", "due"), [(100, False), (183, True)])
def test_tickets_are_renewed_at_half_of_their_life(days: int, due: bool) -> None:
    exchanged = Exchanged("new", T0, T0 + timedelta(days=365))
    assert exchanged.is_due(T0 + timedelta(days=days)) is due


async def test_superuser_ticket_is_exchanged_once(sandbox: SandboxHandle) -> None:
    store = MemoryStore()
    async with dstny_of(sandbox, SUPERUSER, {"ticket_store": store}) as adapter:
        await adapter.renew_credentials()
    exchanged = store.saved["cti-service"]
    assert exchanged["token"] != SUPERUSER["ticket"]
    assert "ticket" not in str(store.saved)
    again = MemoryStore()
    async with dstny_of(sandbox, SUPERUSER, {"ticket_store": again, "tickets": store.saved}) as adapter:
        await adapter.renew_credentials()
        assert (await adapter.check()).ok
    assert again.saved == {}


async def test_a_ticket_past_half_of_its_life_is_made_anew(sandbox: SandboxHandle) -> None:
    old = Exchanged("1234.old", datetime.now(UTC) - timedelta(days=300), datetime.now(UTC) + timedelta(days=65))
    store = MemoryStore()
    account = {"ticket_store": store, "tickets": {"cti-service": to_builtins(old)}}
    async with dstny_of(sandbox, SUPERUSER, account) as adapter:
        await adapter.renew_credentials()
    assert store.saved["cti-service"]["token"] != "1234.old"


async def test_revoked_ticket_gives_way_to_the_given_one(sandbox: SandboxHandle) -> None:
    revoked = Exchanged("1234.revoked", datetime.now(UTC), datetime.now(UTC) + timedelta(days=365))
    async with dstny_of(sandbox, SUPERUSER, {"tickets": {"cti-service": to_builtins(revoked)}}) as adapter:
        assert (await adapter.check()).ok


async def test_an_ordinary_ticket_is_used_as_it_is(sandbox: SandboxHandle) -> None:
    async with dstny_of(sandbox, SUPERUSER) as adapter:
        route = adapter._client.routes["create_ticket"]
        query = [("api", each) for each in APIS] + [("platform", "other")]
        made = await adapter._client.send_with(SUPERUSER["ticket"], route, "wout", query=query)
    ordinary = {"user": "wout", "ticket": adapter._client.read_answer(made, dict)["token"]}
    store = MemoryStore()
    async with dstny_of(sandbox, {"domain": DOMAIN, "users": [ordinary]}, {"ticket_store": store}) as adapter:
        await adapter.renew_credentials()
        assert [each.vendor_extension_id for each in await adapter.list_extensions()] == ["wout"]
    assert store.saved == {}


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"ticket": "1234.wrong"}])
async def test_authorization_is_lost_only_when_the_vendor_says_so(
    sandbox: SandboxHandle, wrong: dict[str, str]
) -> None:
    credentials = {"domain": DOMAIN, "user": "wout", **wrong}
    async with dstny_of(sandbox, credentials, users=["wout"]) as adapter:
        with pytest.raises(AuthorizationLost, match="ticket or the password isn't valid") as raised:
            await adapter.check()
    assert "wrong" not in str(raised.value)


async def test_a_user_may_not_act_for_others(sandbox: SandboxHandle) -> None:
    credentials = {"domain": DOMAIN, "user": "wout", "password": "demo-wout"}
    async with dstny_of(sandbox, credentials, users=["xander"]) as adapter:
        with pytest.raises(VendorRejected, match="may not act for xander") as raised:
            await adapter.check()
    assert raised.value.status == 403
