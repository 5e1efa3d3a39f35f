import socket
from time import monotonic

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from config.health import WITHIN_S

NOWHERE = "redis://127.0.0.1:1/0"


def test_healthz_asks_nobody(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = settings.CELERY_BROKER_URL = NOWHERE
    settings.DATABASE_URL = "postgresql://127.0.0.1:1/nowhere"
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})


def test_readyz_when_everything_answers(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ready", "database": "ok", "broker": "ok", "channel_layer": "ok"}
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("setting", "value", "name"),
    [
        ("DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/nowhere", "database"),
        ("CELERY_BROKER_URL", NOWHERE, "broker"),
        ("REDIS_URL", NOWHERE, "channel_layer"),
    ],
)
def test_readyz_says_which_does_not_answer(
    client: Client, settings: Settings, setting: str, value: str, name: str
) -> None:
    setattr(settings, setting, value)
    response = client.get("/readyz")
    assert response.status_code == 503
    body = response.json()
    assert body["status"] == "unavailable"
    assert [key for key, word in body.items() if key != "status" and word != "ok"] == [name]
    assert "secret" not in response.text


def test_readyz_has_no_patience_with_what_accepts_but_never_answers(client: Client, settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=8) as mute:
        port = mute.getsockname()[1]
        settings.DATABASE_URL = f"postgresql://127.0.0.1:{port}/mute"
        settings.REDIS_URL = settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{port}/0"
        began = monotonic()
        response = client.get("/readyz")
    assert (response.status_code, monotonic() - began < 2 * WITHIN_S) == (503, True)
    assert response.json() == dict.fromkeys(["status", "database", "broker", "channel_layer"], "unavailable")
