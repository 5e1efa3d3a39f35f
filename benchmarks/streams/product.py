"""`python -m benchmarks.streams.product run_streams|seed`: the product, knowing the benchmark's vendors.

`seed <accounts> <tenants> <vendors' keys> <addresses>` makes accounts, keys and addresses taking turns (both lists have commas
between). They are as they would be once they have been connected, and their process has died.
"""

import sys

import django
from django.core.management import execute_from_command_line

django.setup()  # what follows imports models

from benchmarks.streams.adapters import ADAPTERS, KEYS  # noqa: E402
from cti.streams.models import Stream  # noqa: E402
from integrations import registry  # noqa: E402
from integrations.models import PbxAccount, VendorSubscription  # noqa: E402
from tenants.models import Tenant  # noqa: E402
from tenants.rls import tenant_scope  # noqa: E402

TRANSPORTS = {adapter.key: adapter.stream_transport for adapter in ADAPTERS}


def seed(accounts: int, tenants: int, keys: list[str], urls: list[str]) -> None:
    for number in range(tenants):
        tenant = Tenant(name=f"Tenant {number}", slug=f"tenant-{accounts}-{number}", region="NL")
        with tenant_scope(tenant.id):
            tenant.save()
            _fill(tenant, range(number, accounts, tenants), keys, urls)


def _fill(tenant: Tenant, numbers: range, keys: list[str], urls: list[str]) -> None:
    active = PbxAccount.Status.ACTIVE
    accounts = [
        PbxAccount(
            tenant=tenant,
            vendor=keys[turn % len(keys)],
            name=f"Account {number}",
            base_url=urls[turn // len(keys) % len(urls)],
            status=active,
        )
        for turn, number in enumerate(numbers)
    ]
    subscriptions = [
        VendorSubscription(tenant=tenant, account=each, transport=TRANSPORTS[each.vendor], status="active")
        for each in accounts
    ]
    PbxAccount.objects.bulk_create(accounts)
    VendorSubscription.objects.bulk_create(subscriptions)
    Stream.objects.bulk_create([Stream(tenant=tenant, account=each) for each in accounts])


if __name__ == "__main__":
    registry.ADAPTERS.update(KEYS)
    if sys.argv[1] == "seed":
        seed(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4].split(","), sys.argv[5].split(","))
    else:
        execute_from_command_line(sys.argv)
