"""What each of Kwebbl's scopes allows ("Available Scopes"). Where the vendor doesn't tell (None), all are granted."""

import re
from collections.abc import Mapping

from integrations.contract.capabilities import Capability
from integrations.contract.commands import AgentFilter, SubscriptionFilter

DEFAULT = ("user.info", "company.dialplans", "company.users", "calls.events", "calls.manage", "calls.create")
ALL = (*DEFAULT, "calls.events.personal", "calls.events.presence", "calls.manage.personal", "calls.create.personal")

_DIRECTORY = frozenset({"company.dialplans", "company.users"})
_EVENTS = frozenset({"calls.events", "calls.events.personal", "calls.events.presence"})
_MANAGE = frozenset({"calls.manage", "calls.manage.personal"})
_CREATE = frozenset({"calls.create", "calls.create.personal"})

NEEDED: Mapping[Capability, frozenset[str]] = {
    Capability.ORIGINATE: _CREATE,
    Capability.HANGUP: _MANAGE,
    Capability.HOLD: _MANAGE,
    Capability.RESUME: _MANAGE,
    Capability.TRANSFER: _MANAGE,
    Capability.TRANSFER_BLIND: _MANAGE,
    Capability.TRANSFER_ATTENDED: _MANAGE,
    Capability.RECORDING_START: _MANAGE,
    Capability.RECORDING_STOP: _MANAGE,
    Capability.LIST_EXTENSIONS: _DIRECTORY,
    Capability.LIST_CALLER_IDS: _DIRECTORY,
    Capability.SET_CALLER_ID: _DIRECTORY,
    Capability.CALL_EVENTS: _EVENTS,
}
"""Each capability, and the scopes of which any one gives it."""

_PRESENCE_EVENTS = ("created", "ringing", "answered", "terminated")
_EXTENSION_ID = re.compile(r"[a-z0-9]{32}", re.IGNORECASE)

# Scope that is missing, scope that softens it (if any), and what a person misses.
_CONSEQUENCES = (
    ("company.users", None, "Users are missing from the directory"),
    ("company.dialplans", None, "Dialplans are missing from the directory"),
    ("calls.events", "calls.events.personal", "Only the calls of the user who authorized are seen"),
    (
        "calls.events",
        "calls.events.presence",
        "Only the beginning and end of calls are seen, not holds, transfers or recording",
    ),
    ("calls.events", None, "Calls are not seen at all"),
    ("calls.manage", "calls.manage.personal", "Only the calls of the user who authorized can be controlled"),
    ("calls.manage", None, "Calls can't be hung up, held, transferred or recorded"),
    ("calls.create", "calls.create.personal", "Calls can be placed only from the user who authorized"),
    ("calls.create", None, "Calls can't be placed"),
)


def allowed(granted: frozenset[str] | None) -> frozenset[Capability]:
    """The capabilities that the granted scopes give; what is passed through, Kwebbl itself allows or not."""
    given = (each for each, scopes in NEEDED.items() if granted is None or granted & scopes)
    return frozenset({*given, Capability.PASSTHROUGH})


def missing(granted: frozenset[str] | None) -> list[str]:
    """A sentence for each thing that doesn't work, or not fully, because of a scope that isn't granted."""
    if granted is None:
        return []
    sentences: dict[str, str] = {}
    for scope, softened_by, consequence in _CONSEQUENCES:
        if scope not in granted | sentences.keys() and (softened_by is None or softened_by in granted):
            sentences[scope] = f"{consequence}: that takes the scope {scope}."
    return list(sentences.values())


def subscription(granted: frozenset[str] | None, own_extension: str) -> SubscriptionFilter:
    """The most that may be subscribed to ("Notes about scopes and permissions"): oneself whole before all in part."""
    if granted is None or "calls.events" in granted:
        return SubscriptionFilter(event_types=("*",), mode="detailed")
    if "calls.events.personal" in granted:
        return SubscriptionFilter(event_types=("*",), mode="detailed", agents=_own(own_extension))
    return SubscriptionFilter(event_types=_PRESENCE_EVENTS, mode="presence")


def _own(extension: str) -> tuple[AgentFilter, ...]:
    """Nothing in the API tells who authorized; without the setting Kwebbl narrows the filter itself, or refuses it."""
    if not extension:
        return ()
    if _EXTENSION_ID.fullmatch(extension):
        return (AgentFilter(extension_id=extension),)
    return (AgentFilter(number=extension),)
