"""What load balancers and launchers ask: `GET /healthz` whether the process lives, `GET /readyz` whether it can work."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis, RedisError

WITHIN_S = 2


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> HttpResponse:
    """200 when everything answers, else 503; the body says which doesn't."""
    checks: dict[str, Callable[[], None]] = {
        "database": _ask_database,
        "broker": lambda: _ping(settings.CELERY_BROKER_URL),
        "channel_layer": lambda: _ping(settings.REDIS_URL),
    }
    with ThreadPoolExecutor(
        len(checks)
    ) as threads:  # all within the time of one: whoever asks has no patience for three
        answers = list(threads.map(_answers, checks.values()))
    ready = all(answers)
    words = {name: "ok" if answered else "unavailable" for name, answered in zip(checks, answers, strict=True)}
    return JsonResponse({"status": "ready" if ready else "unavailable", **words}, status=200 if ready else 503)


def _answers(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except (psycopg.Error, RedisError):
        return False
    return True


def _ask_database() -> None:
    """A connection of its own: the pool would wait for a database that is away longer than whoever asks."""
    with psycopg.connect(settings.DATABASE_URL, connect_timeout=WITHIN_S) as connection:
        connection.execute("SELECT 1")


def _ping(url: str) -> None:
    with Redis.from_url(url, socket_connect_timeout=WITHIN_S, socket_timeout=WITHIN_S) as client:
        client.ping()
