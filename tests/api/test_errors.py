"""Errors, whatever raised them, have one form; and every code is documented."""

import re

from cti.api.errors import ERROR_CODES
from tests.servers import ROOT


def test_every_code_is_documented_with_its_status() -> None:
    text = (ROOT / "docs" / "errors.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", text, re.MULTILINE)
    assert {code: int(status) for code, status in rows} == {code: each.status for code, each in ERROR_CODES.items()}
