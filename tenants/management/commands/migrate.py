"""`migrate` as Django has it, but connected as the owner of the tables: the application's role may not change them."""

from typing import Any

from django.core.management.commands import migrate

from tenants.rls import as_owner


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner():
            super().handle(*args, **options)
