"""The form that a vendor's JSON Schemas make."""

from typing import Any

from django.http import QueryDict

from integrations.models import PbxAccount
from integrations.pages.forms import AccountForm, stored_values
from tests.integrations_pages.fake_pbx import FakePbx

TYPED = {
    "name": "Site",
    "base_url": "https://pbx.example.com/api/",
    "credentials.user": "ann",
    "credentials.password": " pa ss ",
    "settings.lines": "3",
    "settings.transport": "sse",
    "settings.watched": "100\n\n 101 ",
    "settings.manager.secret": "psst",
}
NESTED = {
    "name": "Site",
    "base_url": "https://pbx.example.com/api",
    "credentials": {"user": "ann", "password": " pa ss "},
    "settings": {
        "lines": 3,
        "transport": "sse",
        "watched": ["100", "101"],
        "verify_tls": False,
        "manager": {"secret": "psst"},
    },
}


def form(data: dict[str, Any] | None = None, **options: Any) -> AccountForm:
    posted = QueryDict(mutable=True)
    posted.update(data or {})
    return AccountForm(FakePbx, posted if data is not None else None, **options)


def test_every_kind_of_field_is_read_as_its_schema_says() -> None:
    filled = form(TYPED)
    assert filled.is_valid()
    assert filled.typed() == NESTED


def test_what_is_left_empty_is_left_out() -> None:
    filled = form(TYPED | {"settings.lines": "", "settings.watched": "", "settings.manager.secret": ""})
    assert filled.is_valid()
    assert filled.typed()["settings"] == {"transport": "sse", "verify_tls": False}


def test_new_form_shows_defaults_and_asks_for_what_is_needed() -> None:
    html = form().as_p()
    assert 'placeholder="http://{host}/api"' in html
    needed = [field.name for field in form() if field.field.required]
    assert needed == ["name", "base_url", "credentials.user", "credentials.password"]
    assert form()["settings.lines"].value() == 2
    assert form()["settings.verify_tls"].value() is True


def test_secrets_are_password_fields_that_never_show_a_value() -> None:
    html = form(TYPED).as_p()
    assert html.count('type="password"') == 2
    assert "pa ss" not in html
    assert "psst" not in html
    assert "Kept as you typed it" in html


def test_stored_values_are_shown_without_the_secrets() -> None:
    account = PbxAccount(
        name="Site",
        base_url="https://pbx.example.com/api",
        credentials=NESTED["credentials"],
        settings=NESTED["settings"],
    )
    shown = form(initial=stored_values(FakePbx, account), has_stored_secrets=True)
    assert shown["credentials.user"].value() == "ann"
    assert shown["settings.watched"].value() == "100\n101"
    assert shown["settings.verify_tls"].value() is False
    assert "pa ss" not in shown.as_p()
    assert not shown.fields["credentials.password"].required


def test_errors_stand_beside_the_field_that_they_are_about() -> None:
    wrong = form(TYPED | {"settings.lines": "10", "base_url": "ftp://pbx"})
    wrong.is_valid()
    wrong.add_errors({"settings.watched.1": ["Not a number."], "vendor": ["There is no such vendor."]})
    assert set(wrong.errors) == {"settings.lines", "base_url", "settings.watched", "__all__"}
    assert wrong.has_wrong_option
