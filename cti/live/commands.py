"""Commands that come over the socket: the same functions, and the same answers, as the REST API's."""

from typing import Any

from django.db import close_old_connections

from cti.live.protocol import Command
from tenants.principals import Principal


def run_command(principal: Principal, command: Command) -> tuple[int, dict[str, Any]]:
    """Carries the command out; answers the status and body that `POST /calls/{id}/{action}` would."""
    from cti.api.problems import problem_of
    from cti.api.representations import call_json
    from cti.control.commands import act

    close_old_connections()
    try:
        call = act(principal, command.call_id, command.action, command.params)
    except Exception as error:
        return problem_of(error)
    finally:
        close_old_connections()
    return 202, call_json(call)
