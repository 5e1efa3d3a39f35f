"""Invariant 4, at its root: PostgreSQL itself keeps tenants apart, in every table there is."""

from typing import Any
from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, models, transaction

from tenants.models import AuditEntry, Membership, Role, Tenant
from tenants.rls import APP_ROLE, WrongTenant, tenant_scope, user_scope
from tests.tenancy import TENANT_MODELS, Company

TABLES = {model._meta.db_table: "id" if model is Tenant else "tenant_id" for model in TENANT_MODELS}
each_table = pytest.mark.parametrize(("table", "column"), TABLES.items())


def rows(sql: str, *parameters: str | UUID) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def fill(company: Company) -> None:
    """Sees to it that every table has a row of this company."""
    made: dict[type[models.Model], models.Model] = {}
    with tenant_scope(company.tenant.id):
        for model in TENANT_MODELS:
            _row(model, made)


def _row(model: type[models.Model], made: dict[type[models.Model], models.Model]) -> models.Model:
    if model not in made:
        needed = [
            field
            for field in model._meta.concrete_fields
            if not (field.null or field.has_default() or isinstance(field, models.CompositePrimaryKey))
        ]
        made[model] = model._default_manager.first() or model._default_manager.create(
            **{field.name: _value(field, made) for field in needed}
        )
    return made[model]


def _value(field: "models.Field[Any, Any]", made: dict[type[models.Model], models.Model]) -> object:
    if isinstance(field, models.ForeignKey):
        return _row(field.related_model, made)
    tenant_id = made[Tenant].pk  # unique, for columns that must be
    some = {"UUIDField": tenant_id, "BinaryField": tenant_id.bytes, "DateTimeField": made[Tenant].created_at}  # type: ignore[attr-defined]
    return some.get(field.get_internal_type(), "" if field.empty_strings_allowed else 0)


@pytest.fixture
def filled(acme: Company, globex: Company) -> None:
    fill(acme)
    fill(globex)


def test_queries_run_as_a_role_that_row_security_binds(db: None) -> None:
    assert rows("SELECT current_user") == [(APP_ROLE,)]
    assert rows("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s", APP_ROLE) == [(False, False)]
    assert rows("SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = %s", APP_ROLE) == []


@each_table
def test_table_forces_row_security(db: None, table: str, column: str) -> None:
    found = rows("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", table)
    assert found == [(True, True)], f"add RowSecurity({table!r}) to a migration of its app (tenants/rls.py)"


def test_every_table_with_a_tenant_is_tested(db: None) -> None:
    found = rows("SELECT table_name FROM information_schema.columns WHERE column_name = 'tenant_id'")
    assert {name for (name,) in found} <= TABLES.keys()


@each_table
def test_table_shows_nothing_outside_a_scope(filled: None, table: str, column: str) -> None:
    assert rows(f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608


@each_table
def test_table_shows_own_rows_in_a_scope(filled: None, acme: Company, table: str, column: str) -> None:
    with tenant_scope(acme.tenant.id):
        assert rows(f"SELECT DISTINCT {column} FROM {table}") == [(acme.tenant.id,)]  # noqa: S608


@each_table
def test_table_refuses_rows_of_another_tenant(
    filled: None, acme: Company, globex: Company, table: str, column: str
) -> None:
    copy = f"SELECT (jsonb_populate_record(mine, jsonb_build_object(%s::text, %s::uuid))).* FROM {table} mine"  # noqa: S608
    with (
        tenant_scope(acme.tenant.id),
        pytest.raises(ProgrammingError, match="violates row-level security"),
        transaction.atomic(),
    ):
        rows(f"INSERT INTO {table} {copy} RETURNING 1", column, globex.tenant.id)


def test_scope_may_be_nested_in_itself(acme: Company) -> None:
    with tenant_scope(acme.tenant.id):
        with tenant_scope(acme.tenant.id):
            pass
        assert Membership.objects.count() == 1


def test_scope_inside_another_tenants_is_refused(acme: Company, globex: Company) -> None:
    with tenant_scope(acme.tenant.id), pytest.raises(WrongTenant), tenant_scope(globex.tenant.id):
        pytest.fail("entered the scope of a second tenant")


def test_scope_ends_inside_a_longer_transaction(acme: Company, globex: Company) -> None:
    with transaction.atomic():
        with tenant_scope(acme.tenant.id):
            pass
        assert Membership.objects.count() == 0
        with tenant_scope(globex.tenant.id):
            assert Membership.objects.get().user == globex.owner


def test_scope_ends_with_an_exception(acme: Company) -> None:
    with transaction.atomic():
        with pytest.raises(LookupError), tenant_scope(acme.tenant.id):
            raise LookupError
        assert Membership.objects.count() == 0


def test_user_scope_shows_own_memberships_of_every_tenant(acme: Company, globex: Company) -> None:
    with tenant_scope(globex.tenant.id):
        Membership.objects.create(tenant=globex.tenant, user=acme.owner, role=Role.AGENT)
    with user_scope(acme.owner.id):
        found = Membership.objects.values_list("tenant__name", "user_id", "role").order_by("tenant__name")
        assert list(found) == [("Acme", acme.owner.id, "owner"), ("Globex", acme.owner.id, "agent")]


@pytest.mark.parametrize("change", ["UPDATE tenants_auditentry SET actor = 'x'", "DELETE FROM tenants_auditentry"])
def test_audit_log_can_only_grow(acme: Company, change: str) -> None:
    with tenant_scope(acme.tenant.id):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            rows(f"{change} RETURNING 1")
        assert AuditEntry.objects.exists()
