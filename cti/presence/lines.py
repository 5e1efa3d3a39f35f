"""Presence and diversion of a line: asked of the vendor, changed there, and the last of it kept. Outside of transactions."""

from django.db import connection
from msgspec import to_builtins

from common.times import utc_now
from cti.control.capabilities import require
from cti.control.vendor import ask
from cti.presence.known import keep_presence
from cti.presence.statements import Statement
from integrations.contract.capabilities import Capability
from integrations.contract.things import Diversion, Presence
from integrations.models import Extension, PbxAccount
from tenants.rls import tenant_scope


def read_presence(account: PbxAccount, line: Extension) -> Presence:
    """What the vendor says of the line's user now. Raises VendorError."""
    require(account, Capability.READ_PRESENCE)
    vendor_id = line.vendor_extension_id
    return _keep(account, line, ask(account, "read_presence", lambda adapter: adapter.read_presence(vendor_id)))


def set_presence(account: PbxAccount, line: Extension, change: Presence) -> Presence:
    """Changes what isn't None; answers how it stands then. Raises VendorError."""
    require(account, Capability.SET_PRESENCE)
    vendor_id = line.vendor_extension_id
    return _keep(account, line, ask(account, "set_presence", lambda adapter: adapter.set_presence(vendor_id, change)))


def read_diversion(account: PbxAccount, line: Extension) -> Diversion:
    """Where the line's calls go instead. Raises VendorError."""
    require(account, Capability.READ_DIVERSION)
    vendor_id = line.vendor_extension_id
    return ask(account, "read_diversion", lambda adapter: adapter.read_diversion(vendor_id))


def set_diversion(account: PbxAccount, line: Extension, diversion: Diversion) -> Diversion:
    """Replaces the diversion; answers how it stands then. Raises VendorError."""
    require(account, Capability.SET_DIVERSION)
    vendor_id = line.vendor_extension_id
    return ask(account, "set_diversion", lambda adapter: adapter.set_diversion(vendor_id, diversion))


def run(statement: Statement) -> None:
    """Runs one of `cti.presence.known`'s statements, inside the tenant's scope."""
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, statement.parameters)


def _keep(account: PbxAccount, line: Extension, told: Presence) -> Presence:
    with tenant_scope(account.tenant_id):
        run(keep_presence(account.pk, line.vendor_extension_id, to_builtins(told), utc_now()))
    return told
