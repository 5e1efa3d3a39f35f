"""Commands that come over the socket: the same functions, and the same answers, as the REST API's."""

from typing import Any

import structlog
from django.db import close_old_connections

from cti.api.problems import problem_of
from cti.api.representations import call_json
from cti.control.commands import act
from cti.live.protocol import Command
from tenants.principals import Principal

log = structlog.get_logger(__name__)


def run_command(principal: Principal, command: Command) -> tuple[int, dict[str, Any]]:
    """Carries the command out; answers the status and body that `POST /calls/{id}/{action}` would."""
    close_old_connections()
    try:
        return 202, call_json(act(principal, command.call_id, command.action, command.params))
    except Exception as error:
        status, body = problem_of(error)
        if status == 500:  # noqa: PLR2004 - ours, not the client's nor the vendor's
            log.exception("command_failed", action=command.action)
        return status, body
    finally:
        close_old_connections()
