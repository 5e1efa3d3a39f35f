"""How one connects: accounts, lifetimes, and the table of paths."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Connection:
    """`service_user`: a service account, that may act for everybody, with its `superuser_ticket`.

    `logins_valid`: passwords and that ticket are accepted; false as after somebody changed them all.
    Lifetimes in seconds: of tickets when no `expires` is given, and of webhooks that aren't registered again.
    `heartbeat_s`: how often an idle stream sends a comment, 0 for never. `paths`: overrides by name of operation.
    """

    domain: str
    service_user: str
    service_password: str
    superuser_ticket: str
    logins_valid: bool = True
    ticket_s: float = 365 * 86400
    webhook_s: float = 3600
    heartbeat_s: float = 15
    paths: dict[str, str] = field(default_factory=dict)
