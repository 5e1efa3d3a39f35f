"""The three arms: how each is set up, served, and understood."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson
import psycopg
from cryptography.fernet import Fernet

from benchmarks import floor
from benchmarks.ledger import Dialect, Frame
from benchmarks.load import Feed
from benchmarks.servers import manage
from benchmarks.traffic import LOG_TYPES

Environment = Mapping[str, str]


@dataclass(frozen=True)
class Arm:
    """A way to get an event from the hook to the websocket."""

    name: str
    app: str
    prepare: Callable[[Environment], tuple[Feed, Feed]]
    """Fills the empty database of the environment; answers the feeds of two tenants."""
    dialect: Dialect
    settings: Environment
    http: str = "httptools"
    """How its server speaks HTTP, as uvicorn's option has it."""


def _prepare_floor(environment: Environment) -> tuple[Feed, Feed]:
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        connection.execute(floor.SCHEMA)
    return _rooms()


def _prepare_naive(environment: Environment) -> tuple[Feed, Feed]:
    manage(environment, "-m", "django", "migrate", "--run-syncdb")
    return _rooms()


def _prepare_ours(environment: Environment) -> tuple[Feed, Feed]:
    manage(environment, "manage.py", "migrate")
    return _seed_tenant(environment, "first"), _seed_tenant(environment, "second")


def _rooms() -> tuple[Feed, Feed]:
    return Feed("/hooks/first", "/ws/first"), Feed("/hooks/second", "/ws/second")


def _seed_tenant(environment: Environment, slug: str) -> Feed:
    admin = ("--admin-email", f"admin@{slug}.example", "--admin-password", secrets.token_hex(16))
    tenant = orjson.loads(
        manage(environment, "manage.py", "create_tenant", "--name", slug, "--slug", slug, *admin, "--json")
    )
    hook = manage(environment, "-m", "benchmarks.seed", tenant["tenant_id"]).strip()
    return Feed(hook, "/ws/v1/events", tenant["api_key"])


def _read_vendor_event(text: str) -> Frame:
    event = orjson.loads(text)
    return Frame(event["call_id"], event["event_type"])


def _read_log_event(text: str) -> Frame | None:
    message = orjson.loads(text)
    if message["type"] != "event":
        return None
    event = message["event"]
    return Frame(event["data"]["call"]["vendor_call_id"], event["type"], event["sequence"])


_AS_SENT = Dialect(_read_vendor_event, lambda event_type: event_type)
_SECRETS = {
    "SECRET_KEY": secrets.token_urlsafe(48),
    "PATCHBAY_ENCRYPTION_KEYS": f"bench:{Fernet.generate_key().decode()}",
    "LOG_LEVEL": "WARNING",
}

FLOOR = Arm("floor", "benchmarks.floor:application", _prepare_floor, _AS_SENT, {})
OURS = Arm(
    "ours",
    "config.asgi:application",
    _prepare_ours,
    Dialect(_read_log_event, LOG_TYPES.__getitem__),
    {**_SECRETS, "DJANGO_SETTINGS_MODULE": "config.settings"},
    http="config.http:Protocol",
)
NAIVE = Arm(
    "naive",
    "benchmarks.naive.asgi:application",
    _prepare_naive,
    _AS_SENT,
    {**_SECRETS, "DJANGO_SETTINGS_MODULE": "benchmarks.naive.settings"},
)
ARMS = (FLOOR, OURS, NAIVE)
