"""`python -m benchmarks.seed <tenant id>`: gives the tenant a Kwebbl account and a hook; prints the hook's path."""

import secrets
import sys

import django

django.setup()  # what follows imports models

from benchmarks.traffic import EXTENSION_IDS  # noqa: E402
from common.crypto import token_digest  # noqa: E402
from common.ids import parse_id  # noqa: E402
from integrations.models import Extension, PbxAccount, VendorSubscription  # noqa: E402
from tenants.rls import tenant_scope  # noqa: E402


def seed(tenant_id: str) -> str:
    """Makes an account as it stands once connected, its directory, and a subscription; answers the path of its hook."""
    tenant = parse_id("ten", tenant_id)
    token = secrets.token_urlsafe(32)
    with tenant_scope(tenant):
        account = PbxAccount.objects.create(
            tenant_id=tenant,
            vendor="kwebbl",
            name="Bench",
            base_url="https://realtime.api.kwebbl.net/v100",
            status=PbxAccount.Status.ACTIVE,
        )
        Extension.objects.bulk_create(
            Extension(
                tenant_id=tenant,
                account=account,
                vendor_extension_id=vendor_id,
                number=str(200 + index),
                name=f"Desk {index}",
                type="user",
            )
            for index, vendor_id in enumerate(EXTENSION_IDS)
        )
        VendorSubscription.objects.create(
            tenant_id=tenant,
            account=account,
            status=VendorSubscription.Status.ACTIVE,
            hook_token=token,
            hook_token_digest=token_digest(token),
        )
    return f"/hooks/kwebbl/{token}"


if __name__ == "__main__":
    print(seed(sys.argv[1]))
