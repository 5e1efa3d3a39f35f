"""Requests that come forged, and errors of ours: what they tell, and what they don't."""

from typing import Any

import pytest
from django.db import OperationalError

from cti.api import directory, urls
from cti.control.actions import ACTIONS
from tests.api.world import World


def test_every_post_honours_idempotency_keys() -> None:
    views = [getattr(route.callback, "view_class", None) for route in urls.urlpatterns]
    posts = [view.post for view in views if view is not None and hasattr(view, "post")]
    assert len(posts) > len(ACTIONS)
    assert all(getattr(post, "idempotent", False) for post in posts)


def test_a_browser_that_changes_something_needs_the_csrf_token(acme: World) -> None:
    answer = acme.company.browser(enforce_csrf_checks=True).post("/api/v1/calls", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"settings": {"own_extension": "a\\u0000"}}',
        '{"settings": {"\\u0000": 1}}',
        '{"credentials": {"client_id": ["\\ud800"]}}',
    ],
)
def test_json_that_nobody_could_keep_is_invalid(acme: World, body: str) -> None:
    answer = acme.client.post("/api/v1/accounts", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["detail"].startswith("JSON parse error")


@pytest.mark.parametrize(
    "cursor",
    [
        "%00",
        "bnVsbA",  # null
        "W251bGwsbnVsbF0",  # [null,null]
        "W10",  # []
        "WyIxIiwiMiJd",  # ["1","2"]
    ],
)
@pytest.mark.parametrize("path", ["calls", "extensions", "events", "accounts"])
def test_a_forged_cursor_is_invalid(acme: World, path: str, cursor: str) -> None:
    answer = acme.client.get(f"/api/v1/{path}?cursor={cursor}")
    assert (answer.status_code, answer.json()["errors"].keys()) == (400, {"cursor"})


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(RuntimeError("a secret detail"), 500, "internal_error"), (OperationalError("host=secret"), 503, "unavailable")],
)
def test_an_error_of_ours_tells_no_details(
    acme: World, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(directory, "paginate", fail)
    answer = acme.client.get("/api/v1/extensions")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "secret" not in answer.text
    assert ("Retry-After" in answer) == (status == 503)
