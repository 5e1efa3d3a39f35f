"""Phone numbers: E.164 where they can be, computed once on the way in; and what may be dialled."""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

_NOT_DIALLED = re.compile(r"[^0-9+*#]")
_TRUNK_ZERO = re.compile(r"(?<=\d)\s*\(0\)\s*|(?<=\d\s)\(0\)\s*")
_SHORT = 6
"""Up to so many digits a number is taken for an internal one."""


def _parse(text: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


@lru_cache(maxsize=65536)
def normalize(raw: str, region: str) -> str:
    """E.164 where `raw` can be one, else its digits. `31201234567`, `+31…`, `0031…` and (in NL) `020…` are the same."""
    digits = _NOT_DIALLED.sub("", raw)
    if digits.startswith(("+", "00")):
        number = _parse("+" + digits.lstrip("+0"), None)
        return _e164(number) if number and phonenumbers.is_possible_number(number) else digits
    if len(digits) <= _SHORT or not digits.isdigit():
        return digits
    readings = [(digits, region), ("+" + digits, None)]
    if not digits.startswith("0"):
        readings.reverse()  # vendors leave the + out: a bare number is an international one first
    for text, country in readings:
        number = _parse(text, country)
        if number and phonenumbers.is_valid_number(number):
            return _e164(number)
    return digits


def dialable(text: str, region: str) -> str:
    """What to dial for what somebody typed or pasted; raises ValueError with the reason when it can't be dialled."""
    cleaned = text.strip().removeprefix("tel:").partition(";")[0]
    cleaned = _TRUNK_ZERO.sub("", cleaned)
    if re.search(r"[^\d\s+*#().\-/\u00a0\u2010-\u2013]", cleaned):
        raise ValueError(f"{text!r} has characters that a phone can't dial")
    digits = _NOT_DIALLED.sub("", cleaned)
    if not digits.strip("+"):
        raise ValueError("there are no digits in it")
    if "+" in digits[1:]:
        raise ValueError("a + can only be the first character")
    if len(digits.lstrip("+")) > 15:  # noqa: PLR2004 - E.164's maximum
        raise ValueError("it has more than 15 digits")
    normal = normalize(digits, region)
    if digits.startswith("+") and not normal.startswith("+"):
        raise ValueError(f"{digits} is not a possible international number")
    return normal
