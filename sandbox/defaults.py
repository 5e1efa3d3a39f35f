"""The companies that the sandbox starts with. Everything here is invented, fixed and public: see README.md."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.engine.company import Company
from sandbox.engine.directory import CallerId, Extension, User
from sandbox.faces.kwebbl.client_app import ClientApp


@dataclass(frozen=True, slots=True)
class Person:
    """A user with a line of their own."""

    name: str
    number: str
    is_admin: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A dialplan: an external number, and the internal numbers that it rings."""

    name: str
    number: str
    external_number: str
    rings: tuple[str, ...]


def acme() -> Company:
    """Amsterdam, four users; Sales and Support are ring groups."""
    people = (
        Person("Ada de Vries", "1000", is_admin=True),
        Person("Bram Bakker", "1001"),
        Person("Carla Smit", "1002"),
        Person("Daan Visser", "1003"),
    )
    plans = (
        Plan("Reception", "2000", "31205550100", ("1001",)),
        Plan("Sales", "2001", "31205550110", ("1001", "1002", "1003")),
        Plan("Support", "2002", "31205550120", ("1002", "1003")),
    )
    return _company("acme", "Acme", people, plans, hex_id)


def globex() -> Company:
    """Rotterdam, three users. Numbers begin with 0, as the document allows, and ids look as in its examples."""
    people = (
        Person("Eva Mulder", "010", is_admin=True),
        Person("Finn Dekker", "011"),
        Person("Gijs Postma", "012"),
    )
    plans = (
        Plan("Front desk", "020", "31105550200", ("011", "012")),
        Plan("Service", "021", "31105550210", ("012",)),
    )
    return _company("globex", "Globex", people, plans, mixed_id)


def client_for(company: Company) -> ClientApp:
    """Demo credentials that say so themselves."""
    return ClientApp(f"{company.slug}-demo-client", f"{company.slug}-demo-secret")


def hex_id(text: str) -> str:
    """The same 32 hex digits for the same text, so that ids survive a restart."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def mixed_id(text: str) -> str:
    """32 letters and digits, as the ids in Kwebbl's examples are against its own patterns."""
    return base64.b32encode(hashlib.blake2b(text.encode(), digest_size=20).digest()).decode().swapcase()


def _company(
    slug: str, name: str, people: tuple[Person, ...], plans: tuple[Plan, ...], make_id: Callable[[str], str]
) -> Company:
    """Everybody may show any of the company's external numbers, and starts with the first."""
    caller_ids = tuple(
        CallerId(make_id(f"{slug} shows {plan.external_number}"), plan.external_number) for plan in plans
    )
    numbers = [*(person.number for person in people), *(plan.number for plan in plans)]
    ids = {number: make_id(f"{slug} {number}") for number in numbers}
    lines = [
        Extension(ids[each.number], each.number, each.name, caller_ids=caller_ids, caller_id=caller_ids[0].id)
        for each in people
    ]
    dialplans = [
        Extension(
            ids[each.number], each.number, each.name, each.external_number, tuple(ids[number] for number in each.rings)
        )
        for each in plans
    ]
    users = tuple(_user(slug, each, ids[each.number]) for each in people)
    return Company(slug, name, {each.id: each for each in (*lines, *dialplans)}, users)


def _user(slug: str, person: Person, extension_id: str) -> User:
    first = person.name.split()[0].lower()
    return User(f"{first}@{slug}.example", f"demo-{first}", extension_id, person.is_admin)
