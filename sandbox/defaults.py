"""The companies that the sandbox starts with. Everything here is invented, fixed and public: see README.md."""

import base64
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sandbox.engine.company import Company
from sandbox.engine.directory import (
    Agent,
    AgentState,
    CallerId,
    Device,
    DeviceKind,
    Extension,
    LineSettings,
    Queue,
    QueueSettings,
    User,
)
from sandbox.faces.callgear.connection import Connection as CallGearConnection
from sandbox.faces.dstny.connection import Connection
from sandbox.faces.eq.connection import Connection as EqConnection
from sandbox.faces.kwebbl.client_app import ClientApp

_VOICEMAIL = LineSettings(voicemail=True)


@dataclass(frozen=True, slots=True)
class Person:
    """A user with a line of their own, and maybe a direct number and a mobile phone."""

    name: str
    number: str
    external_number: str | None = None
    mobile: str | None = None
    is_admin: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A dialplan: an external number, and the internal numbers that it rings. A queue has them for agents, all ready."""

    name: str
    number: str
    external_number: str
    rings: tuple[str, ...]
    is_queue: bool = False


def acme() -> Company:
    """Amsterdam, four users; Sales and Support are ring groups, the Helpdesk is a queue. No voicemail."""
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
        Plan("Helpdesk", "2003", "31205550130", ("1002", "1003"), is_queue=True),
    )
    return _company("acme", "Acme", "acme", people, plans, hex_id)


def acme_rc() -> Company:
    """Acme's office in Utrecht, three users with direct numbers and voicemail. Ids are numbers, as RingCentral's are."""
    people = (
        Person("Rosa Meijer", "101", "31305550101", "31612000101", is_admin=True),
        Person("Sem Kok", "102", "31305550102", "31612000102"),
        Person("Tess Brouwer", "103", "31305550103", "31612000103"),
    )
    plans = (
        Plan("Main line", "200", "31305550200", ("101", "102", "103")),
        Plan("Orders", "201", "31305550201", ("102", "103"), is_queue=True),
    )
    return _company("acme-rc", "Acme Utrecht", "acme", people, plans, numeric_id, _VOICEMAIL)


def acme_dstny() -> Company:
    """Acme's office in Eindhoven, three users with direct numbers and voicemail."""
    people = (
        Person("Vera Prins", "301", "31405550301", "31612000301", is_admin=True),
        Person("Wout Hendriks", "302", "31405550302", "31612000302"),
        Person("Xander Vos", "303", "31405550303", "31612000303"),
    )
    plans = (
        Plan("Reception", "400", "31405550400", ("301", "302")),
        Plan("Service", "401", "31405550401", ("302", "303"), is_queue=True),
    )
    return _company("acme-dstny", "Acme Eindhoven", "acme", people, plans, hex_id, _VOICEMAIL)


def acme_eq() -> Company:
    """Acme's call centre in Groningen: a supervisor and three agents, all of them signed in to Support at their phones."""
    people = (
        Person("Yara Dijkstra", "501", "31505550501", is_admin=True),
        Person("Zeno Wiersma", "502", "31505550502"),
        Person("Noor Hoekstra", "503", "31505550503"),
        Person("Olaf Bos", "504", "31505550504"),
    )
    plans = (
        Plan("Reception", "600", "31505550600", ("501", "502")),
        Plan("Support", "601", "31505550601", ("502", "503", "504"), is_queue=True),
        Plan("Returns", "602", "31505550602", ("503", "504"), is_queue=True),
    )
    return _company("acme-eq", "Acme Groningen", "acme", people, plans, hex_id)


def acme_callgear() -> Company:
    """Acme's office in The Hague, three employees with mobile phones. Ids are numbers, as in CallGear's examples."""
    people = (
        Person("Iris Hofman", "701", mobile="31612000701", is_admin=True),
        Person("Joris Blom", "702", mobile="31612000702"),
        Person("Kim Peters", "703", mobile="31612000703"),
    )
    plans = (
        Plan("Reception", "900", "31705550700", ("701", "702")),
        Plan("Sales", "901", "31705550701", ("702", "703")),
        Plan("Service", "902", "31705550702", ("702", "703"), is_queue=True),
    )
    return _company("acme-callgear", "Acme The Hague", "acme", people, plans, numeric_id)


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
    return _company("globex", "Globex", "globex", people, plans, mixed_id)


def client_for(company: Company) -> ClientApp:
    """Demo credentials that say so themselves."""
    return ClientApp(f"{company.slug}-demo-client", f"{company.slug}-demo-secret")


def connection_for(company: Company) -> Connection:
    """A service account that may act for everybody; the users' domain is that of their addresses."""
    domain = company.users[0].email.partition("@")[2]
    return Connection(domain, "cti-service", "demo-cti-service", f"{company.slug}-demo-superuser-ticket")


def eq_connection_for(company: Company) -> EqConnection:
    """An API key that says so itself; one of the phones is of a model with fewer keys."""
    return EqConnection(f"{company.slug}-demo-key", phones={"504": "Grandstream GXP1610"})


def callgear_connection_for(company: Company) -> CallGearConnection:
    """The admin may use the APIs, with a permanent key too; one rented number leads nowhere yet."""
    admin = company.users[0]
    return CallGearConnection(
        admin.email, admin.password, f"{company.slug}-demo-access-token", numbers_without_scenario=("31705550709",)
    )


def hex_id(text: str) -> str:
    """The same 32 hex digits for the same text, so that ids survive a restart."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def mixed_id(text: str) -> str:
    """32 letters and digits, as the ids in Kwebbl's examples are against its own patterns."""
    return base64.b32encode(hashlib.blake2b(text.encode(), digest_size=20).digest()).decode().swapcase()


def numeric_id(text: str) -> str:
    """Twelve digits."""
    return f"4{int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) % 10**11:011}"


def _company(
    slug: str,
    name: str,
    tenant: str,
    people: tuple[Person, ...],
    plans: tuple[Plan, ...],
    make_id: Callable[[str], str],
    settings: LineSettings | None = None,
) -> Company:
    """Everybody may show their own external number and any of the company's, and starts with the first."""
    shared = [plan.external_number for plan in plans]
    numbers = [*(person.number for person in people), *(plan.number for plan in plans)]
    ids = {number: make_id(f"{slug} {number}") for number in numbers}
    lines = [
        Extension(
            ids[each.number],
            each.number,
            each.name,
            each.external_number,
            caller_ids=(caller_ids := _caller_ids(slug, [each.external_number, *shared], make_id)),
            caller_id=caller_ids[0].id,
            devices=_devices(slug, each, make_id),
            settings=replace(settings or LineSettings()),
        )
        for each in people
    ]
    dialplans = [_dialplan(each, ids) for each in plans]
    users = tuple(_user(tenant, each, ids[each.number]) for each in people)
    return Company(slug, name, {each.id: each for each in (*lines, *dialplans)}, users, tenant=tenant)


def _caller_ids(slug: str, numbers: Iterable[str | None], make_id: Callable[[str], str]) -> tuple[CallerId, ...]:
    return tuple(CallerId(make_id(f"{slug} shows {number}"), number) for number in numbers if number)


def _dialplan(plan: Plan, ids: dict[str, str]) -> Extension:
    members = tuple(ids[number] for number in plan.rings)
    extension = Extension(ids[plan.number], plan.number, plan.name, plan.external_number)
    if plan.is_queue:
        agents = {each: Agent(each, AgentState.READY) for each in members}
        extension.queue = Queue(agents, QueueSettings(wrap_up_s=5))
    else:
        extension.members = members
    return extension


def _devices(slug: str, person: Person, make_id: Callable[[str], str]) -> tuple[Device, ...]:
    """A desk phone and a softphone, which ring together; a mobile phone where there is one, to move calls to."""
    wanted: list[tuple[str, DeviceKind, str | None]] = [
        ("Desk phone", DeviceKind.DESK, None),
        ("Softphone", DeviceKind.SOFTPHONE, None),
    ]
    if person.mobile:
        wanted.append(("Mobile", DeviceKind.MOBILE, person.mobile))
    return tuple(Device(make_id(f"{slug} {person.number} {name}"), name, kind, number) for name, kind, number in wanted)


def _user(tenant: str, person: Person, extension_id: str) -> User:
    first = person.name.split()[0].lower()
    return User(f"{first}@{tenant}.example", f"demo-{first}", extension_id, person.is_admin)
