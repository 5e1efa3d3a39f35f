"""Row-level security: which tenant a transaction may see, decided by PostgreSQL and not by our queries.

Every tenant table is under a FORCEd policy that compares its tenant with the setting `patchbay.tenant`. The setting is
made with SET LOCAL inside a transaction (`tenant_scope`), so it can't leak to the next user of a pooled connection;
without it a query sees nothing. Application queries run as the role `patchbay_app`, which owns nothing and can't switch
policies off.

What must be found before a tenant is known (an API key's prefix, a hook's token, due work) goes through SECURITY
DEFINER functions that answer routing columns only; the owner may read just the tables that those functions read.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.db import connection, migrations, transaction
from django.db.backends.postgresql.base import DatabaseWrapper

APP_ROLE: str = settings.DATABASE_ROLE
TENANT = "nullif(current_setting('patchbay.tenant', true), '')::uuid"
USER = "nullif(current_setting('patchbay.user', true), '')::uuid"


class WrongTenant(RuntimeError):
    """Code tried to enter one tenant's scope inside another's."""


def _set_local(name: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


def _current(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting(%s, true), '')", [name])
        return str(cursor.fetchone()[0])


@contextmanager
def _scope(name: str, value: UUID) -> Iterator[None]:
    with transaction.atomic():
        before = _current(name)
        if before and before != str(value):
            raise WrongTenant(f"{name} is {before} in this transaction; {value} can't be entered inside it")
        _set_local(name, str(value))
        yield
        if not before:  # an outer transaction without a scope must not inherit ours
            _set_local(name, "")


def tenant_scope(tenant_id: UUID) -> AbstractContextManager[None]:
    """A transaction that sees the rows of one tenant. Nesting the same tenant is fine, another raises WrongTenant."""
    return _scope("patchbay.tenant", tenant_id)


def user_scope(user_id: UUID) -> AbstractContextManager[None]:
    """A transaction that may read one user's own memberships and their tenants' names, whatever the tenant."""
    return _scope("patchbay.user", user_id)


class RowSecurity(migrations.RunSQL):
    """Migration operation: puts a table under forced row-level security by its `column` (default `tenant_id`)."""

    def __init__(self, table: str, *, column: str = "tenant_id", also_read: str | None = None) -> None:
        mine = f"{column} = {TENANT}"
        sql = [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY tenant ON {table} USING ({mine}) WITH CHECK ({mine})",
        ]
        if also_read:
            sql.append(f"CREATE POLICY own_reading ON {table} FOR SELECT USING ({also_read})")
        super().__init__(";\n".join(sql), migrations.RunSQL.noop)


class RoutingLookup(migrations.RunSQL):
    """Migration operation: a SECURITY DEFINER function that answers routing columns of all tenants from `table`."""

    def __init__(self, name: str, *, arguments: str, returns: str, table: str, query: str) -> None:
        super().__init__(
            [
                "DO $$ BEGIN IF NOT EXISTS"
                f" (SELECT FROM pg_policies WHERE tablename = '{table}' AND policyname = 'routing')"
                f" THEN EXECUTE 'CREATE POLICY routing ON {table} FOR SELECT TO ' || quote_ident(current_user)"
                " || ' USING (true)'; END IF; END $$",
                f"CREATE FUNCTION {name}({arguments}) RETURNS {returns} LANGUAGE sql STABLE SECURITY DEFINER"
                f" SET search_path = public AS $$ {query} $$",
            ],
            f"DROP FUNCTION {name}",
        )


def grant_to_app_role(**_: Any) -> None:
    """After migrations: makes the application's role if it is missing; grants it the data, never the tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {APP_ROLE} NOLOGIN NOINHERIT")
        for statement in (
            f"GRANT {APP_ROLE} TO CURRENT_USER",
            f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE}",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}",
            f"REVOKE ALL ON django_migrations FROM {APP_ROLE}",
            f"GRANT SELECT ON django_migrations TO {APP_ROLE}",
            f"REVOKE UPDATE, DELETE ON tenants_auditentry FROM {APP_ROLE}",
        ):
            cursor.execute(statement)


@contextmanager
def as_owner() -> Iterator[None]:
    """Connects as the owner of the tables, for migrations alone."""
    options = connection.settings_dict["OPTIONS"]
    role = options.pop("options", None)
    _disconnect()
    try:
        yield
    finally:
        _disconnect()
        if role is not None:  # else this was inside another `as_owner`
            options["options"] = role


def _disconnect() -> None:
    """Closes this thread's connection and the pool, whose connections have their role from when they were made."""
    connection.close()
    cast(DatabaseWrapper, connection).close_pool()
