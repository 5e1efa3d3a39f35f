"""Commands that come over the socket: the same functions, and the same answers, as the REST API's."""

from typing import Any

import structlog
from django.db import close_old_connections
from rest_framework.exceptions import PermissionDenied, ValidationError

from cti.api.problems import problem_of
from cti.api.representations import call_json
from cti.calls.models import Call
from cti.control.commands import act
from cti.live.protocol import Command
from cti.queues.commands import steal
from tenants.models import Scope
from tenants.principals import Principal

log = structlog.get_logger(__name__)
STEAL = "steal"


def run_command(principal: Principal, command: Command) -> tuple[int, dict[str, Any]]:
    """Carries the command out; answers the status and body that `POST /calls/{id}/{action}` would.

    `steal` has the queue in its params, beside what `POST /queues/{id}/calls/{call_id}/steal` takes.
    """
    close_old_connections()
    try:
        return 202, call_json(_run(principal, command))
    except Exception as error:
        status, body = problem_of(error)
        if status == 500:  # noqa: PLR2004 - ours, not the client's nor the vendor's
            log.exception("command_failed", action=command.action)
        return status, body
    finally:
        close_old_connections()


def _run(principal: Principal, command: Command) -> Call:
    if command.action != STEAL:
        return act(principal, command.call_id, command.action, command.params)
    if not principal.has_scope(Scope.QUEUES_CONTROL):
        raise PermissionDenied("This takes the scope queues:control.")
    if not isinstance(queue_id := command.params.get("queue_id"), str):
        raise ValidationError({"queue_id": ["Name the queue that the call waits in."]})
    return steal(principal, queue_id, command.call_id, command.params)
