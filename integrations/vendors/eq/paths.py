"""Where EQ's operations are, below `/eq/api/2.0`. Its published document has lost all of its paths.

They are inferred, in the manner of the parameters' names, and stand here alone, as data: an account whose server has them elsewhere
overrides them by name in `settings.paths`, as `/path` or, where the method differs too, `PUT /path`.
"""

from integrations.contract.routes import Route

ROUTES = {
    # Sessions
    "supervisor_sign_in": Route("POST", "/supervisor_session"),
    "agent_sign_in": Route("POST", "/agent_session"),
    "agent_sign_out": Route("DELETE", "/agent_session/{token}"),
    "active_agent_sessions": Route("GET", "/active_agent_sessions"),
    # Calls
    "active_calls": Route("GET", "/active_calls"),
    "queued_calls": Route("GET", "/queued_calls"),
    "parked_calls": Route("GET", "/parked_calls"),
    "steal_queued_call": Route("POST", "/steal_queued_call"),
    "pick_up_parked_call": Route("POST", "/pick_up_parked_call"),
    "call_recordings": Route("GET", "/call_recordings"),
    # Actions
    "extension_action": Route("POST", "/extension_action"),
    "call_recording_action": Route("POST", "/call_recording_action"),
    "call_monitor_action": Route("POST", "/call_monitor_action"),
    "phone": Route("GET", "/phone"),
    "phone_command": Route("POST", "/phone_command"),
    # Queues and their agents
    "call_queue_statistics": Route("GET", "/call_queue_statistics"),
    "call_queue_agent_status": Route("GET", "/call_queue_agent_status"),
    "call_queue_agent_action": Route("POST", "/call_queue_agent_action"),
    "pause_code": Route("GET", "/pause_code/{id}"),
    # The system
    "extension": Route("GET", "/extension/{extension}"),
    "license": Route("GET", "/license"),
}
