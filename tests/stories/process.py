"""`python -m tests.stories.process run_streams`: manage.py of a product that asks vendors as often when they are quiet as when not.

So that a story is heard soon after it has begun.
"""

import os
import sys

import django
from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

if __name__ == "__main__":
    django.setup()
    from cti.streams import runner
    from integrations.contract import polling

    runner.ROUND_SECONDS = 0.2
    polling.LONGEST_QUIET_S = 0.0
    execute_from_command_line(["manage.py", *sys.argv[1:]])
