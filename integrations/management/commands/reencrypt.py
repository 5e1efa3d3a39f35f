"""Encrypts every stored vendor secret anew with the first key of PATCHBAY_ENCRYPTION_KEYS, so that older keys can go."""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, models

from common.crypto import DecryptionFailed, EncryptedJSONField, decrypt, encrypt, key_id_of
from tenants.rls import tenant_scope

Column = tuple[type[models.Model], EncryptedJSONField]


class Command(BaseCommand):
    help = "Encrypts all stored vendor secrets with the first key of PATCHBAY_ENCRYPTION_KEYS; safe to repeat and to interrupt."

    def handle(self, *args: Any, **options: Any) -> None:
        columns = encrypted_columns()
        with connection.cursor() as cursor:
            cursor.execute("SELECT all_tenants()")
            tenants = [row[0] for row in cursor.fetchall()]
        try:
            changed = sum(reencrypt(tenant_id, column) for tenant_id in tenants for column in columns)
        except DecryptionFailed as error:
            raise CommandError(f"{error} Nothing was lost; what was encrypted anew before this stays so.") from error
        self.stdout.write(f"{changed} secrets encrypted anew with key {settings.PATCHBAY_ENCRYPTION_KEYS[0][0]!r}.")


def encrypted_columns() -> list[Column]:
    """Every encrypted field of every model."""
    return [
        (model, field)
        for model in apps.get_models()
        for field in model._meta.fields
        if isinstance(field, EncryptedJSONField)
    ]


def reencrypt(tenant_id: UUID, column: Column) -> int:
    """Changes a tenant's rows that another key than the first encrypted, each under its lock; answers how many."""
    model, field = column
    names = (model._meta.db_table, _key(model), str(field.column))
    table, key, name = (connection.ops.quote_name(each) for each in names)
    first, changed = settings.PATCHBAY_ENCRYPTION_KEYS[0][0], 0
    with tenant_scope(tenant_id), connection.cursor() as cursor:
        cursor.execute(f"SELECT {key}, {name} FROM {table} WHERE {name} IS NOT NULL FOR UPDATE")  # noqa: S608 - our own names
        for row_id, stored in cursor.fetchall():
            if key_id_of(stored) != first:
                cursor.execute(f"UPDATE {table} SET {name} = %s WHERE {key} = %s", [encrypt(decrypt(stored)), row_id])  # noqa: S608
                changed += 1
    return changed


def _key(model: type[models.Model]) -> str:
    field = model._meta.pk
    assert field is not None, f"{model.__name__} has no key"  # noqa: S101 - every concrete model has one
    return str(field.column)
