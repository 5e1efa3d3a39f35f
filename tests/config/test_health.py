import pytest
from django.test import Client
from pytest_django.fixtures import Settings

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
