"""GET /metrics, and what Prometheus is told of the API."""

import ipaddress
from datetime import timedelta

import psycopg
import structlog
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, disable_created_metrics, generate_latest
from rest_framework.request import Request

from common.times import utc_now
from tenants.models import Scope
from tenants.principals import CredentialRefused, authenticate_token

API_REQUESTS = Counter("patchbay_api_requests_total", "Requests to the API", ["method", "route", "status"])
UPKEEP_FAILING = Gauge("patchbay_upkeep_failing", "Upkeep of accounts, all tenants, whose last try failed", ["kind"])
UPKEEP_OVERDUE = Gauge("patchbay_upkeep_overdue", "Upkeep that no worker took for over a minute", ["kind"])
STREAMS = Gauge("patchbay_streams", "Accounts whose PBX streams its events, all tenants, by how that goes", ["state"])
OVERDUE_AFTER = timedelta(minutes=1)
DATABASE_SECONDS = 2

disable_created_metrics()  # type: ignore[no-untyped-call]  # half as many series, and nobody reads the others
logger = structlog.get_logger(__name__)


def count_request(request: Request, status: int) -> None:
    """Counts under the route, not the address, so that the number of series stays bounded."""
    match = request.resolver_match
    API_REQUESTS.labels(request.method, match.route if match else "", str(status)).inc()


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """What this process has counted, and how upkeep and streams stand.

    For this machine, and for whoever has a key with the scope `admin`; for everybody else there is nothing.
    """
    if not (_is_local(request) or _has_admin_key(request)):
        raise Http404("There is nothing here.")
    _read_database()
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _read_database() -> None:
    """Over a connection of its own, as the pool would wait for an absent database longer than Prometheus does for us."""
    for gauge in (UPKEEP_FAILING, UPKEEP_OVERDUE, STREAMS):
        gauge.clear()
    before = utc_now() - OVERDUE_AFTER
    parameters = connection.get_connection_params() | {"connect_timeout": DATABASE_SECONDS}
    try:
        with psycopg.connect(**parameters) as own:
            rows = own.execute("SELECT kind, failing, overdue FROM upkeep_trouble(%s)", [before])
            for kind, failing, overdue in rows:
                UPKEEP_FAILING.labels(kind).set(failing)
                UPKEEP_OVERDUE.labels(kind).set(overdue)
            for state, count in own.execute("SELECT state, count FROM stream_trouble(%s)", [before]):
                STREAMS.labels(state).set(count)
    except psycopg.Error as error:
        logger.warning("metrics_not_read", error=type(error).__name__)  # /readyz says that the database is away


def _is_local(request: HttpRequest) -> bool:
    """Called from this machine, and not by a proxy on it for somebody else."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:  # a Unix socket has no address: only a proxy calls there
        return False


def _has_admin_key(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return False
    try:
        principal = authenticate_token(token.strip(), request.META.get("REMOTE_ADDR", ""))
    except CredentialRefused:
        return False
    return Scope.ADMIN in principal.scopes
