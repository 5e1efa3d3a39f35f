"""What is tried on each route with another tenant's ids. A new route is added to CASES here, under its URL name.

- A route with ids in its address is tried with the other tenant's ids; `bodies` has what each of its methods wants, so
  that nothing but the foreign id can be what it refuses. A body that names foreign things is also sent to one's own.
- A route without ids is tried with `queries` and `bodies` that name the other tenant's things.
- `{account}` and the like become the other tenant's ids (`Stock.ids`).
- `public` says why everybody may use the route, without a credential.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cti.control.actions import ACTIONS
from cti.queues.commands import AGENT_ACTIONS

PARAMETERS = {
    "account_id": "account",
    "call_id": "call",
    "delivery_id": "delivery",
    "extension_id": "extension",
    "key_id": "key",
    "member_id": "member",
    "queue_id": "queue",
    "recording_id": "recording",
}
"""Which of the other tenant's ids fills a parameter of an address."""


@dataclass(frozen=True)
class Case:
    """How a route is tried."""

    bodies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    queries: tuple[Mapping[str, str], ...] = ()
    public: str = ""
    vendor: str = ""
    """Whose PBX the tenants have, where that matters; else the API is tried on one that can do everything."""


BODIES: dict[str, dict[str, Any]] = {
    "transfer": {"to": {"extension_id": "{extension}"}, "mode": "blind"},
    "recording": {"action": "start", "leg_id": "{leg}"},
    "consult": {"to": {"extension_id": "{extension}"}},
    "conference": {"target_call_id": "{call}"},
    "complete-transfer": {"target_call_id": "{call}"},
    "pickup": {"extension_id": "{extension}"},
    "supervise": {"mode": "listen", "extension_id": "{extension}"},
    "move": {"device_id": "desk", "leg_id": "{leg}"},
    "dtmf": {"digits": "1", "leg_id": "{leg}"},
    "tags": {"add": ["vip"]},
    "block": {},
    "steal": {"queue_id": "{queue}", "to": {"extension_id": "{extension}"}},
    "disconnect-leg": {"leg_id": "{leg}"},
}
"""Of actions on calls that want more than the call. Others may name a leg (`body_of`)."""


def body_of(action: str) -> dict[str, Any]:
    """What an action on a call is tried with, besides the call."""
    return BODIES.get(action, {"leg_id": "{leg}"})


CASES: dict[str, Case] = {
    "home": Case(),
    "login": Case(public="whoever isn't logged in yet needs it"),
    "logout": Case(public="ends only the session that it comes with"),
    "tenants": Case(bodies={"POST": {"tenant": "{tenant}"}}),
    "password": Case(),
    "members": Case(),
    "member_role": Case(bodies={"POST": {"role": "agent"}}),
    "member_remove": Case(),
    "keys": Case(),
    "key_revoke": Case(),
    "audit": Case(queries=({"before": "{audit_entry}"}, {"target": "{member}"})),
    "accounts": Case(),
    "account_new": Case(queries=({"vendor": "kwebbl"},)),
    "account": Case(queries=({"q": "{extension}"},)),
    "account_edit": Case(),
    "account_test": Case(),
    "account_sync": Case(),
    "account_callback": Case(),
    "account_disconnect": Case(bodies={"POST": {"confirmed": "on"}}),
    "extension_member": Case(bodies={"POST": {"member": "{member}"}}),
    "account_authorize": Case(),
    "oauth_callback": Case(queries=({"state": "x", "code": "y"},)),
    "account_deliveries": Case(),
    "delivery_replay": Case(),
    "agent": Case(),
    "wallboard": Case(),
    "api:openapi": Case(public="describes the API, not anybody's data"),
    "api:me": Case(),
    "api:vendors": Case(),
    "api:accounts": Case(
        bodies={
            "POST": {
                "vendor": "kwebbl",
                "name": "Ours",
                "base_url": "http://127.0.0.1:9/v100",
                "credentials": {"client_id": "id", "client_secret": "secret"},
            }
        }
    ),
    "api:account": Case(bodies={"PATCH": {"name": "Ours"}}),
    "api:account-authorize": Case(vendor="kwebbl"),
    "api:account-test": Case(),
    "api:account-sync": Case(),
    "api:account-capabilities": Case(),
    "api:account-passthrough": Case(bodies={"POST": {"method": "GET", "path": "/x"}}),
    "api:account-subscriptions": Case(),
    "api:account-tags": Case(),
    "api:extension-caller-ids": Case(),
    "api:extension-caller-id": Case(bodies={"PUT": {"caller_id": "1"}}),
    "api:extension-devices": Case(),
    "api:extension-presence": Case(bodies={"PUT": {"activity": "lunch"}}),
    "api:extension-diversion": Case(bodies={"PUT": {"active": False}}),
    "api:extensions": Case(queries=({"account": "{account}"},)),
    "api:extension": Case(bodies={"PATCH": {"member_id": "{member}"}}),
    "api:calls": Case(
        bodies={"POST": {"account_id": "{account}", "from": "{extension}", "to": "+31201234567"}},
        queries=({"account": "{account}"}, {"extension": "{extension}"}),
    ),
    "api:call": Case(),
    **{f"api:call-{action}": Case(bodies={"POST": body_of(action)}) for action in ACTIONS},
    "api:queues": Case(queries=({"account": "{account}"}, {"extension": "{extension}"})),
    "api:queue": Case(),
    "api:queue-agents": Case(),
    **{f"api:queue-agent-{action}": Case() for action in AGENT_ACTIONS},
    "api:queue-calls": Case(),
    "api:queue-steal": Case(bodies={"POST": {"to": {"extension_id": "{extension}"}}}),
    "api:call-log": Case(
        queries=({"account": "{account}"}, {"extension": "{extension}"}, {"source": "vendor", "account": "{account}"})
    ),
    "api:recording": Case(),
    "api:voicemails": Case(queries=({"account": "{account}"},)),
    "api:messages": Case(
        bodies={"POST": {"account_id": "{account}", "from": "{extension}", "to": "+31612345678", "text": "Hi"}}
    ),
    "api:events": Case(queries=({"account": "{account}"}, {"after": "0"})),
    "api:events-stream": Case(queries=({"account": "{account}"}, {"after": "0"})),
    "api_docs": Case(public="describes the API, not anybody's data"),
    "api_errors": Case(public="describes the API, not anybody's data"),
    "metrics": Case(public="not there for callers from elsewhere without an admin's key, and tells of no tenant"),
    "healthz": Case(public="says only that the process lives"),
    "readyz": Case(public="says only which services answer"),
    "api/^": Case(public="says only that there is nothing"),
}
