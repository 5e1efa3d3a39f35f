"""`create_tenant`: a tenant, its first admin and an API key with every scope. Works beside a running server."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants.members import Refused
from tenants.provisioning import Provisioned, create_tenant


class Command(BaseCommand):
    help = "Makes a tenant, its first admin (its owner) and an API key with every scope, which is shown this once."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="the company's name")
        parser.add_argument("--slug", required=True, help="its short name, unique in this installation")
        parser.add_argument("--admin-email", required=True, help="the admin; a known person joins the new tenant too")
        parser.add_argument("--admin-password", required=True, help="a known person keeps the present one")
        parser.add_argument("--region", default="NL", help="country of numbers without a country code (NL)")
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("name", "slug", "admin_email", "admin_password", "region")
        try:
            made = create_tenant(**{name: options[name] for name in names})
        except Refused as error:
            raise CommandError(str(error)) from error
        if not made.person_is_new:
            self.stderr.write(f"{made.owner.email} exists already: the present password stays.")
        self.stdout.write(_as_json(made) if options["json"] else _as_text(made))


def _as_json(made: Provisioned) -> str:
    return json.dumps(
        {
            "tenant_id": made.tenant.public_id,
            "slug": made.tenant.slug,
            "admin_email": made.owner.email,
            "api_key": made.api_key,
        }
    )


def _as_text(made: Provisioned) -> str:
    return (
        f"{made.tenant.name} ({made.tenant.public_id})\n"
        f"  admin    {made.owner.email}\n"
        f"  API key  {made.api_key}\n"
        "Keep the key now: only its digest is stored."
    )
