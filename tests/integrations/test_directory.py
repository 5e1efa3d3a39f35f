"""The vendor's directory, copied."""

import pytest

from common.times import utc_now
from integrations.contract.things import VendorExtension
from integrations.directory import sync_directory
from integrations.models import Extension, OAuthGrant, PbxAccount
from integrations.vendors.kwebbl.adapter import KwebblAdapter
from tenants.rls import tenant_scope
from tests.integrations.conftest import Connect, reload


def sync(account: PbxAccount) -> dict[str, Extension]:
    """By number."""
    sync_directory(account.tenant_id, account.pk, now=utc_now())
    with tenant_scope(account.tenant_id):
        return {each.number: each for each in Extension.objects.filter(account=account)}


def answer(monkeypatch: pytest.MonkeyPatch, *extensions: VendorExtension) -> None:
    """From now on the vendor lists these."""

    async def list_extensions(_: KwebblAdapter) -> list[VendorExtension]:
        return list(extensions)

    monkeypatch.setattr(KwebblAdapter, "list_extensions", list_extensions)


def test_extensions_of_the_sandbox(connect: Connect) -> None:
    account = connect()
    found = sync(account)
    assert {(each.number, each.type, each.external_number) for each in found.values()} >= {
        ("1000", "user", ""),
        ("2001", "dialplan", "31205550110"),
    }
    assert found["1000"].name == "Ada de Vries"
    assert reload(account).directory_synced_at is not None


def test_version_grows_with_changes_alone(connect: Connect) -> None:
    account = connect()
    before = reload(account).directory_version
    sync(account)
    changed = reload(account).directory_version
    sync(account)
    assert (changed, reload(account).directory_version) == (before + 1, before + 1)


def test_coming_changing_going_and_coming_back(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    account = connect()
    anna, bob = VendorExtension("a", "1", "Anna", "user"), VendorExtension("b", "2", "Bob", "user")
    answer(monkeypatch, anna, bob)
    first = sync(account)
    answer(monkeypatch, VendorExtension("a", "1", "Anna de Boer", "user"))
    second = sync(account)
    assert second["1"].pk == first["1"].pk
    assert (second["1"].name, second["1"].gone_at) == ("Anna de Boer", None)
    assert second["2"].gone_at is not None
    answer(monkeypatch, anna, bob)
    assert sync(account)["2"].gone_at is None


def test_what_does_not_fit_is_cut(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, VendorExtension("a", "1", "A\0" + "n" * 400, "user"))
    assert sync(connect())["1"].name == "A" + "n" * 299


def test_without_the_scope_nothing_changes(connect: Connect) -> None:
    account = connect()
    sync(account)
    with tenant_scope(account.tenant_id):
        OAuthGrant.objects.update(scopes=["calls.events"])
    assert all(each.gone_at is None for each in sync(account).values())
