"""The capability matrix of the documentation."""

from integrations.matrix import DOCUMENT, matrix
from integrations.registry import ADAPTERS, adapter_class


def test_the_document_is_up_to_date() -> None:
    assert DOCUMENT.read_text() == matrix(), "docs/capabilities.md is not what the adapters declare: run `make docs`"


def test_every_vendor_has_a_column() -> None:
    head = next(line for line in matrix().splitlines() if line.startswith("|"))
    assert {each.strip() for each in head.strip("|").split("|")} == {
        "",
        *(adapter_class(key).label for key in ADAPTERS),
    }


def test_a_declared_capability_has_its_mark() -> None:
    [row] = [line for line in matrix().splitlines() if line.endswith("| `recording.fetch` |")]
    assert row.count("✓") == sum("recording.fetch" in adapter_class(key).declared for key in ADAPTERS)
