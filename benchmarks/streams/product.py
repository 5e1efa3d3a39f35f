"""`python -m benchmarks.streams.product run_streams|seed`: the product, knowing the benchmark's vendors.

`seed <vendor's URL> <accounts> <tenants>` makes the accounts, half of them for each transport.
"""

import sys

import django
from django.core.management import execute_from_command_line

django.setup()  # what follows imports models

from benchmarks.streams.adapters import KEYS  # noqa: E402
from integrations import registry  # noqa: E402
from integrations.models import PbxAccount  # noqa: E402
from tenants.models import Tenant  # noqa: E402
from tenants.rls import tenant_scope  # noqa: E402


def seed(url: str, accounts: int, tenants: int) -> None:
    for number in range(tenants):
        tenant = Tenant(name=f"Tenant {number}", slug=f"tenant-{number}", region="NL")
        with tenant_scope(tenant.id):
            tenant.save()
            for index in range(number, accounts, tenants):
                PbxAccount.objects.create(
                    tenant=tenant,
                    vendor=list(KEYS)[index // tenants % len(KEYS)],
                    name=f"Account {index}",
                    base_url=url,
                    status=PbxAccount.Status.ACTIVE,
                )


if __name__ == "__main__":
    registry.ADAPTERS.update(KEYS)
    if sys.argv[1] == "seed":
        seed(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        execute_from_command_line(sys.argv)
