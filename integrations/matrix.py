"""docs/capabilities.md, made from what the adapters declare: `make docs` writes it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from integrations.contract.adapter import PbxAdapter
from integrations.contract.capabilities import Capability
from integrations.pages.abilities import ABILITIES
from integrations.registry import ADAPTERS, adapter_class

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "capabilities.md"
Vendor = type[PbxAdapter]
_INTRODUCTION = """\
# What each phone system can do

Made by `make docs` from what the adapters declare; don't change it by hand.

A ✓ means that the vendor itself can do it through its API, given every permission: nothing is emulated. An account may have
less, for scopes, licences and settings narrow it: its page says what is left, what isn't and why, and `GET
/accounts/{id}/capabilities` has what is left by the names in the last column. What an account can't do is answered with 501
`unsupported_by_vendor`. Each vendor's folder has a README that goes through the vendor's own document, operation by operation.
"""
_AUTH = {"oauth2": "OAuth 2", "api_key": "API key", "password": "user and password", "ticket": "password or ticket"}
_TRANSPORTS = {"webhook": "webhook", "sse": "server-sent events", "websocket": "websocket", "poll": "polling"}


def matrix() -> str:
    """The document."""
    vendors = sorted(map(adapter_class, ADAPTERS), key=lambda each: each.label.lower())
    topics = (_topic(name, capabilities, vendors) for name, capabilities in ABILITIES.items())
    return "\n".join([_INTRODUCTION, _connecting(vendors), *topics, _remarks(vendors)])


def _connecting(vendors: Sequence[Vendor]) -> str:
    return _table(
        "Connecting",
        [
            ["", *(each.label for each in vendors)],
            ["sign in with", *(_AUTH[each.auth] for each in vendors)],
            ["events come by", *(_transports(each) for each in vendors)],
        ],
    )


def _transports(vendor: Vendor) -> str:
    """The ordinary one, and those that a setting chooses instead, or that stand in for it."""
    choices = vendor.settings_schema["properties"].get("transport", {}).get("enum", [])
    streamed = [vendor.stream_transport] if hasattr(vendor, "stream_transport") else []
    return " or ".join(_TRANSPORTS[each] for each in dict.fromkeys([vendor.event_transport, *choices, *streamed]))


def _topic(name: str, capabilities: Mapping[Capability, str], vendors: Sequence[Vendor]) -> str:
    rows = (
        [words, *("✓" if capability in each.declared else "" for each in vendors), f"`{capability}`"]
        for capability, words in capabilities.items()
    )
    return _table(name, [["", *(each.label for each in vendors), "name"], *rows])


def _table(title: str, rows: Iterable[Sequence[str]]) -> str:
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    rule = "|".join(["", "---", *(":-:" for _ in range(head.count("|") - 2)), ""])
    return "\n".join([f"## {title}", "", head, rule, *body, ""])


def _remarks(vendors: Sequence[Vendor]) -> str:
    parts = [
        "\n".join([f"### {each.label}", "", *(f"- {words}" for words in each.remarks), ""])
        for each in vendors
        if each.remarks
    ]
    return "\n".join(["## Good to know", "", *parts])


if __name__ == "__main__":
    DOCUMENT.write_text(matrix(), encoding="utf-8")
