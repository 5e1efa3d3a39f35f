"""What static/js/dial.js and format.js make of what people paste and of what comes in."""

from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def call(scripts: Page, module: str, function: str, *arguments: object) -> Any:
    return scripts.evaluate(
        "async ([module, name, args]) => (await import(`/static/js/${module}.js`))[name](...args)",
        [module, function, list(arguments)],
    )


@pytest.mark.parametrize(
    ("pasted", "region", "number"),
    [
        ("0203080700", "NL", "0203080700"),
        ("020 - 308 07 00", "NL", "0203080700"),
        ("(020) 308.07.00", "NL", "0203080700"),
        ("+31 20 308 0700", "NL", "+31203080700"),
        ("+31 (0)20 308 0700", "NL", "+31203080700"),
        ("0031 (0)20-3080700", "NL", "+31203080700"),
        ("tel:+31-20-308-0700", "NL", "+31203080700"),
        ("tel:+31%2020%20308%200700", "NL", "+31203080700"),
        ("callto://0203080700", "NL", "0203080700"),
        ("sip:1000@pbx.example.com;transport=tls", "NL", "1000"),
        ("Jan de Boer: 06-12345678", "NL", "0612345678"),
        ("\u202a+31\u00a06\u20111234\u20115678\u202c", "NL", "+31612345678"),
        ("０２０３０８０７００", "NL", "0203080700"),  # noqa: RUF001 - full-width digits, as Japanese keyboards type them
        ("٠٢٠٣٠٨٠٧٠٠", "NL", "0203080700"),
        ("011 44 20 7946 0018", "US", "+442079460018"),
        ("011 44 20 7946 0018", "NL", "011442079460018"),
        ("*21*1001#", "NL", "*21*1001#"),
        ("1000", "NL", "1000"),
        ("001", "NL", "001"),
    ],
)
def test_pasted_number_is_understood(scripts: Page, pasted: str, region: str, number: str) -> None:
    assert call(scripts, "dial", "understand", pasted, region) == {"number": number, "dropped": None}


@pytest.mark.parametrize(
    ("pasted", "number", "dropped"),
    [
        ("+1 202 555 0143 ext. 12", "+12025550143", "extension 12 is not dialled"),
        ("0203080700 x12", "0203080700", "extension 12 is not dialled"),
        ("tel:+12025550143;ext=12", "+12025550143", "extension 12 is not dialled"),
        ("020 308 0700 / 06 1234 5678", "0203080700", "only the first number is dialled"),
        ("0203080700\n0612345678", "0203080700", "only the first number is dialled"),
    ],
)
def test_what_is_left_out_is_said(scripts: Page, pasted: str, number: str, dropped: str) -> None:
    assert call(scripts, "dial", "understand", pasted, "NL") == {"number": number, "dropped": dropped}


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", ""),
        ("   ", ""),
        ("Bram", "There is no number in this."),
        ("1-800-FLOWERS", "Type the digits behind the letters."),
        ("12345678901234567890", "This is too long to be one phone number."),
    ],
)
def test_what_is_no_number_says_why(scripts: Page, typed: str, why: str) -> None:
    assert call(scripts, "dial", "understand", typed, "NL") == {"why": why}


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+31203080700", "+31 203 080 700"),
        ("+442079460018", "+44 207 946 00 18"),
        ("+12025550143", "+1 202 555 01 43"),
        ("+3512123456", "+351 212 34 56"),
        ("1000", "1000"),
        (None, ""),
    ],
)
def test_numbers_are_grouped(scripts: Page, number: str | None, shown: str) -> None:
    assert call(scripts, "format", "phone", number) == shown


@pytest.mark.parametrize(
    ("party", "label"),
    [
        ({"name": "Café De Zwaan", "number": "+31203080700"}, "Café De Zwaan"),
        ({"name": None, "number": "+31203080700"}, "+31 203 080 700"),
        ({"name": None, "number": None, "anonymous": True}, "Anonymous"),
        ({"name": "", "number": "", "anonymous": False}, "Unknown"),
        (None, "Unknown"),
    ],
)
def test_a_party_is_named(scripts: Page, party: dict[str, object] | None, label: str) -> None:
    assert call(scripts, "format", "partyLabel", party) == label


@pytest.mark.parametrize(
    ("seconds", "shown"), [(-3, "0:00"), (0, "0:00"), (65.9, "1:05"), (3661, "1:01:01"), (36000, "10:00:00")]
)
def test_durations(scripts: Page, seconds: float, shown: str) -> None:
    assert call(scripts, "format", "duration", seconds) == shown
