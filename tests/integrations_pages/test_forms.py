"""The form that a vendor's JSON Schemas make."""

from typing import Any

import pytest
from django.http import QueryDict

from integrations.models import PbxAccount
from integrations.pages.forms import AccountForm, stored_secrets, stored_values
from integrations.registry import adapter_class
from tests.integrations_pages.fake_pbx import FakePbx

TYPED = {
    "name": "Site",
    "base_url": "https://pbx.example.com/api/",
    "credentials.user": "ann",
    "credentials.password": " pa ss ",
    "settings.lines": "3",
    "settings.transport": "sse",
    "settings.watched": "100\n\n 101 ",
    "settings.paths": '{"hold": "/x"}',
    "settings.manager.secret": "psst",
    "way": "0",
}
ROWS = {
    "way": "1",
    "credentials.users.0.user": " ann ",
    "credentials.users.0.password": " pa ss ",
    "credentials.users.3.user": "bob",
    "credentials.users.3.password": "hush",
    "credentials.users.7.user": "",
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
        "paths": {"hold": "/x"},
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
    empty = dict.fromkeys(("settings.lines", "settings.watched", "settings.manager.secret", "settings.paths"), "")
    filled = form(TYPED | empty)
    assert filled.is_valid()
    assert filled.typed()["settings"] == {"transport": "sse", "verify_tls": False}


def test_new_form_shows_defaults_and_asks_for_what_is_needed() -> None:
    html = form().as_p()
    assert 'placeholder="http://{host}/api"' in html
    needed = [field.name for field in form() if field.field.required]
    assert needed == ["name", "base_url", "way", "credentials.user", "credentials.password", "credentials.users"]
    assert form()["settings.lines"].value() == 2
    assert form()["settings.verify_tls"].value() is True


def test_secrets_are_password_fields_that_never_show_a_value() -> None:
    html = form(TYPED | ROWS).as_p()
    assert html.count('type="password"') == 5  # two of their own, two rows', and one of the row to be copied
    assert "pa ss" not in html
    assert "psst" not in html
    assert "hush" not in html
    assert "Kept as you typed it" in html


def test_stored_values_are_shown_without_the_secrets() -> None:
    account = PbxAccount(
        name="Site",
        base_url="https://pbx.example.com/api",
        credentials=NESTED["credentials"],
        settings=NESTED["settings"],
    )
    shown = form(initial=stored_values(FakePbx, account), stored=stored_secrets(FakePbx, account))
    assert shown["credentials.user"].value() == "ann"
    assert shown["settings.watched"].value() == "100\n101"
    assert shown["settings.verify_tls"].value() is False
    assert "pa ss" not in shown.as_p()
    assert not shown.fields["credentials.password"].required
    assert shown.fields["credentials.users"].required
    assert shown["way"].value() == "0"
    assert shown["settings.paths"].value() == '{\n  "hold": "/x"\n}'


def test_errors_stand_beside_the_field_that_they_are_about() -> None:
    wrong = form(TYPED | {"settings.lines": "10", "base_url": "ftp://pbx"})
    wrong.is_valid()
    wrong.add_errors({"settings.watched.1": ["Not a number."], "vendor": ["There is no such vendor."]})
    assert set(wrong.errors) == {"settings.lines", "base_url", "settings.watched", "__all__"}
    assert wrong.has_wrong_option


def test_rows_become_a_list_and_blank_ones_nothing() -> None:
    filled = form(TYPED | ROWS)
    assert filled.is_valid()
    assert filled.typed()["credentials"] == {
        "users": [{"user": "ann", "password": " pa ss "}, {"user": "bob", "password": "hush"}]
    }
    assert filled.unchosen == {"user", "password"}


def test_rows_keep_their_numbers_so_that_kept_secrets_find_them() -> None:
    filled = form(TYPED | ROWS)
    assert filled.secrets() == {
        "credentials.password": " pa ss ",
        "credentials.users.0.password": " pa ss ",
        "credentials.users.3.password": "hush",
        "settings.manager.secret": "psst",
    }
    html = str(filled["credentials.users"])
    assert 'name="credentials.users.3.user" value="bob"' in html
    assert 'name="credentials.users.__n__.user"' in html


def test_what_only_other_ways_take_is_neither_missed_nor_taken() -> None:
    assert form(TYPED | {"credentials.users.0.user": "left behind"}).is_valid()
    without = form(TYPED | {"way": "1"})
    assert not without.is_valid()
    assert list(without.errors) == ["credentials.users"]


def test_what_is_wrong_in_a_row_says_in_which() -> None:
    wrong = form(TYPED | ROWS)
    wrong.is_valid()
    wrong.add_errors({"credentials.users.1.password": ["This is needed."], "credentials.users.0": ["One only."]})
    assert wrong.errors["credentials.users"] == ["Row 2, password: This is needed.", "Row 1: One only."]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "This is not JSON: Expecting property name enclosed in double quotes in line 1."),
        ("[1]", "This must be a JSON object, between { and }."),
        ("[" * 100_000, "This is nested too deeply."),
    ],
)
def test_a_dictionary_that_is_none_is_refused_in_words(text: str, sentence: str) -> None:
    filled = form(TYPED | {"settings.paths": text})
    assert filled.errors == {"settings.paths": [sentence]}
    assert filled["settings.paths"].value() == text


@pytest.mark.parametrize("key", ["dstny", "ringcentral", "kwebbl"])
def test_every_setting_and_credential_of_a_vendor_has_a_field(key: str) -> None:
    adapter = adapter_class(key)
    fields = AccountForm(adapter).fields.keys()
    for part, schema in (("credentials", adapter.credentials_schema), ("settings", adapter.settings_schema)):
        assert {f"{part}.{name}" for name in schema["properties"]} <= fields
