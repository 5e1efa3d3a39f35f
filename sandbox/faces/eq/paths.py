"""Every operation: its method, and its path below `/eq/api/2.0`.

The published document has lost its paths. All of these are inferred, in the manner of its parameters, and are kept here as data,
so that they can be corrected, or overridden by `connection.paths`, without touching code.
"""

from dataclasses import dataclass
from functools import lru_cache

from sandbox.faces import paths
from sandbox.faces.paths import Table


@dataclass(frozen=True, slots=True)
class Operation(paths.Operation):
    """`documented`: the names in its answer are those that the document gives for `data`, whatever the dialect."""

    documented: bool = False


OPERATIONS = (
    # Sessions
    Operation("supervisor_sign_in", "POST", "/supervisor_session"),
    Operation("supervisor_sign_out", "DELETE", "/supervisor_session/{token}"),
    Operation("agent_sign_in", "POST", "/agent_session"),
    Operation("agent_sign_out", "DELETE", "/agent_session/{token}"),
    Operation("active_supervisor_sessions", "GET", "/active_supervisor_sessions"),
    Operation("active_agent_sessions", "GET", "/active_agent_sessions"),
    # Administration; a PUT with undelete=1 undeletes
    Operation("create_supervisor", "POST", "/supervisor"),
    Operation("supervisor", "GET", "/supervisor/{id}", documented=True),
    Operation("update_supervisor", "PUT", "/supervisor/{id}"),
    Operation("delete_supervisor", "DELETE", "/supervisor/{id}"),
    Operation("create_agent", "POST", "/agent"),
    Operation("agent", "GET", "/agent/{id}", documented=True),
    Operation("update_agent", "PUT", "/agent/{id}"),
    Operation("delete_agent", "DELETE", "/agent/{id}"),
    Operation("create_call_queue", "POST", "/call_queue"),
    Operation("call_queue", "GET", "/call_queue/{extension}", documented=True),
    Operation("update_call_queue", "PUT", "/call_queue/{extension}"),
    Operation("delete_call_queue", "DELETE", "/call_queue/{extension}"),
    Operation("create_pause_code", "POST", "/pause_code"),
    Operation("pause_code", "GET", "/pause_code/{id}", documented=True),
    Operation("update_pause_code", "PUT", "/pause_code/{id}"),
    Operation("delete_pause_code", "DELETE", "/pause_code/{id}"),
    Operation("create_extension", "POST", "/extension"),
    Operation("extension", "GET", "/extension/{extension}", documented=True),
    Operation("update_extension", "PUT", "/extension/{extension}"),
    Operation("delete_extension", "DELETE", "/extension/{extension}"),
    Operation("create_alert", "POST", "/alert"),
    Operation("update_alert", "PUT", "/alert/{id}"),
    Operation("delete_alert", "DELETE", "/alert/{id}"),
    # Calls
    Operation("active_calls", "GET", "/active_calls"),
    Operation("queued_calls", "GET", "/queued_calls"),
    Operation("steal_queued_call", "POST", "/steal_queued_call"),
    Operation("parked_calls", "GET", "/parked_calls"),
    Operation("pick_up_parked_call", "POST", "/pick_up_parked_call"),
    Operation("active_conferences", "GET", "/active_conferences"),
    Operation("call_recordings", "GET", "/call_recordings"),
    # Actions
    Operation("extension_action", "POST", "/extension_action"),
    Operation("call_recording_action", "POST", "/call_recording_action"),
    Operation("call_monitor_action", "POST", "/call_monitor_action"),
    Operation("phone", "GET", "/phone"),
    Operation("phone_command", "POST", "/phone_command"),
    # Queues
    Operation("call_queue_agent_status", "GET", "/call_queue_agent_status"),
    Operation("call_queue_agent_action", "POST", "/call_queue_agent_action"),
    Operation("call_queue_statistics", "GET", "/call_queue_statistics"),
    # System
    Operation("license", "GET", "/license"),
    Operation("license_usage", "GET", "/license_usage"),
    Operation("configuration_check", "GET", "/configuration_check"),
)


@lru_cache(maxsize=8)
def table_of(overrides: tuple[tuple[str, str], ...]) -> Table[Operation]:
    """The table with these paths by names of operations; kept, since every request asks for it."""
    return Table(OPERATIONS, dict(overrides))
