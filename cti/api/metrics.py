"""GET /metrics, and what Prometheus is told of the API."""

import ipaddress

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, Counter, generate_latest
from rest_framework.request import Request

from tenants.models import Scope
from tenants.principals import CredentialRefused, authenticate_token

API_REQUESTS = Counter("patchbay_api_requests_total", "Requests to the API", ["method", "route", "status"])


def count_request(request: Request, status: int) -> None:
    """Counts under the route, not the address, so that the number of series stays bounded."""
    match = request.resolver_match
    API_REQUESTS.labels(request.method, match.route if match else "", str(status)).inc()


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """What this process has counted. For this machine, and for whoever has a key with the scope `admin`; else it isn't there."""
    if not (_is_local(request) or _has_admin_key(request)):
        raise Http404("There is nothing here.")
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


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
