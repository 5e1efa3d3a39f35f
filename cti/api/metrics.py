"""What Prometheus is told of the API."""

from prometheus_client import Counter
from rest_framework.request import Request

API_REQUESTS = Counter("patchbay_api_requests_total", "Requests to the API", ["method", "route", "status"])


def count_request(request: Request, status: int) -> None:
    """Counts under the route, not the address, so that the number of series stays bounded."""
    match = request.resolver_match
    API_REQUESTS.labels(request.method, match.route if match else "", str(status)).inc()
