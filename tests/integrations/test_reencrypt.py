"""Changing the encryption key: everything moves to the new one, and is still readable when the old one goes."""

import io

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import Settings

from common.crypto import key_id_of
from integrations.management.commands.reencrypt import encrypted_columns
from integrations.models import OAuthGrant, PbxAccount, VendorSubscription
from tenants.rls import tenant_scope
from tests.connected import connect_account


def keys_in_use(tenant_id: object) -> set[str]:
    with tenant_scope(tenant_id), connection.cursor() as cursor:  # type: ignore[arg-type]
        stored = []
        for model, field in encrypted_columns():
            cursor.execute(f"SELECT {field.column} FROM {model._meta.db_table}")  # noqa: S608
            stored += [row[0] for row in cursor.fetchall()]
    return {key_id_of(value) for value in stored if value is not None}


@pytest.mark.django_db
def test_every_secret_moves_to_the_first_key(settings: Settings) -> None:
    connected = connect_account()
    old = settings.PATCHBAY_ENCRYPTION_KEYS
    new = (("k-new", Fernet.generate_key().decode()),)
    settings.PATCHBAY_ENCRYPTION_KEYS = new + old
    out = io.StringIO()
    call_command("reencrypt", stdout=out)
    assert "key 'k-new'" in out.getvalue()
    assert keys_in_use(connected.tenant_id) == {"k-new"}
    settings.PATCHBAY_ENCRYPTION_KEYS = new
    with tenant_scope(connected.tenant_id):
        assert OAuthGrant.objects.get().tokens == {"access_token": "access", "refresh_token": "refresh"}
        assert connected.hook.endswith(VendorSubscription.objects.get().hook_token)
        assert PbxAccount.objects.get().credentials == {}


@pytest.mark.django_db
def test_key_that_is_missing_is_named_and_nothing_is_lost(settings: Settings) -> None:
    connected = connect_account()
    old = settings.PATCHBAY_ENCRYPTION_KEYS
    settings.PATCHBAY_ENCRYPTION_KEYS = (("k-new", Fernet.generate_key().decode()),)
    with pytest.raises(CommandError, match=f"key '{old[0][0]}' is not in PATCHBAY_ENCRYPTION_KEYS"):
        call_command("reencrypt")
    assert keys_in_use(connected.tenant_id) == {old[0][0]}
