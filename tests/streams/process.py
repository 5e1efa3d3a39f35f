"""`python -m tests.streams.process run_streams`: manage.py of a product that knows the tests' vendors too."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

if __name__ == "__main__":
    from integrations import registry
    from tests.streams.adapters import VENDORS

    registry.ADAPTERS.update(VENDORS)
    execute_from_command_line(["manage.py", *sys.argv[1:]])
