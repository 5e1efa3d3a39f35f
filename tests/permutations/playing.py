"""Raw deliveries, read by a vendor's adapter and applied to a book as the ingest does it; nothing is stored."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from cti.calls.book import AccountContext, Book
from cti.calls.commit import DeliveryRow
from cti.calls.directory import Directory, Entry
from cti.ingest.parse import parse_delivery
from cti.ingest.plan import Incoming, Waiting, plan
from integrations.contract.adapter import WebhookRequest
from tests.calls.test_machine import told

ACCOUNT = UUID(int=1)
People = dict[str, tuple[str, str]]
"""Numbers and names, by the vendor's ids."""


def play(vendor: str, deliveries: Sequence[WebhookRequest], people: People) -> Book:
    """The book after all of them, each in a batch of its own; all could be read."""
    book, rows = played(vendor, deliveries, people)
    assert {row.status for row in rows} <= {"applied", "duplicate", "waiting", "ignored"}, rows
    return book


def played(vendor: str, deliveries: Sequence[WebhookRequest], people: People) -> tuple[Book, list[DeliveryRow]]:
    """As `play`, with what became of each."""
    entries = [Entry(UUID(int=10 + n), who, *shown, "user") for n, (who, shown) in enumerate(people.items())]
    account = AccountContext(ACCOUNT, vendor, Directory(entries, "NL"), lambda _: [])
    book, waiting = Book(), list[Waiting]()
    seen: dict[tuple[UUID, str], None] = {}
    rows: list[DeliveryRow] = []
    for delivery in deliveries:
        out = plan([_incoming(vendor, delivery)], book, {ACCOUNT: account}, seen, waiting)
        assert not out.broken
        rows += out.deliveries
    return book, rows


def _incoming(vendor: str, delivery: WebhookRequest) -> Incoming:
    return parse_delivery(
        vendor,
        account_id=ACCOUNT,
        subscription_id=uuid4(),
        headers=delivery.headers,
        body=delivery.body,
        received_at=delivery.received_at,
        query=delivery.query,
    )


def assert_told_properly(book: Book) -> None:
    """Each call is told of from its one beginning to its one end, and its versions leave no gap."""
    for entry in book.entries.values():
        types = told(book, entry.id)
        assert types[0] == "call.originated"
        assert types[-1] == "call.cleared"
        assert types.count("call.originated") == types.count("call.cleared") == 1
        versions = [each.snapshot["version"] for each in book.told if each.entry.id == entry.id]
        assert sorted(set(versions)) == list(range(1, max(versions) + 1))
        assert versions == sorted(versions)
