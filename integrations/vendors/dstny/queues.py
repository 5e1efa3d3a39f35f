"""Queues: ACD and attendant groups, who is logged in to them, and how many wait ("Queue Statistics", "Distribution Group")."""

from collections.abc import Sequence

from msgspec import Struct, field

from integrations.contract.asking import ask_each
from integrations.contract.errors import VendorRejected
from integrations.contract.things import AgentAction, QueueAgent, QueueStats, VendorQueue
from integrations.vendors.dstny.base import DstnyBase
from integrations.vendors.dstny.wire import many

_FORBIDDEN = 403


class Statistics(Struct, rename="camel"):
    """A queue as supervisors see it."""

    id: int | str
    name: str = ""
    domain: str | None = None
    number: str | None = None
    queue_length: int | None = None
    longest_waiting: float | None = None
    logged_in_agents: int | None = None
    available_agents: int | None = None
    answered: int | None = field(default=None, name="answeredCallsForPeriod")
    dropped: int | None = field(default=None, name="droppedCallsForPeriod")
    average_wait: float | None = None

    def queue(self) -> VendorQueue:
        stats = QueueStats(
            waiting=self.queue_length,
            longest_wait_s=self.longest_waiting,
            agents_logged_in=self.logged_in_agents,
            agents_available=self.available_agents,
            answered=self.answered,
            abandoned=self.dropped,
            average_wait_s=self.average_wait,
        )
        return VendorQueue(queue_id(self.id, self.domain), self.name, self.number, stats)


class Group(Struct, rename="camel"):
    """A queue as its members see it."""

    id: int | str
    name: str = ""
    domain: str | None = None
    logged_in_agents: int | None = None
    free_agents: int | None = None
    calls_waiting: int | None = None

    def queue(self) -> VendorQueue:
        stats = QueueStats(
            waiting=self.calls_waiting, agents_logged_in=self.logged_in_agents, agents_available=self.free_agents
        )
        return VendorQueue(queue_id(self.id, self.domain), self.name, stats=stats)


class Agent(Struct, rename="camel"):
    """A member of a group. Newer answers leave ids and numbers out."""

    first_name: str = ""
    last_name: str = ""
    name: str = ""
    user_id: str | None = None
    is_logged_in: bool = False
    is_available: bool = False

    @property
    def full_name(self) -> str:
        return self.name or f"{self.first_name} {self.last_name}".strip()


class AcdGroup(Struct):
    """A group with its members."""

    agents: list[Agent] | Agent | None = None


class Queues(DstnyBase):
    """A queue's id is the group's, and its domain: `35@example.org`."""

    async def list_queues(self) -> Sequence[VendorQueue]:
        """With statistics where the organization has the Supervisor licence; else what members of the groups see."""
        try:
            listed = await self._client.read_list("queue_statistics", Statistics, "queue")
        except VendorRejected as error:
            if error.status != _FORBIDDEN:
                raise
            return await self._queues_of_members()
        return [self._at_home(each).queue() for each in listed]

    async def get_queue(self, queue_id: str) -> VendorQueue:
        group, _ = self._group(queue_id)
        try:
            found = await self._client.read("queue_statistics_of", Statistics, group=group)
        except VendorRejected as error:
            known = await self._queues_of_members() if error.status == _FORBIDDEN else []
            for each in known:
                if each.vendor_queue_id == queue_id:
                    return each
            raise
        return self._at_home(found).queue()

    async def list_queue_agents(self, queue_id: str) -> Sequence[QueueAgent]:
        """Those whom the directory knows by the name that the group shows."""
        group, domain = self._group(queue_id)
        user = await self._some_user()
        found = await self._client.read("acd_group", AcdGroup, user, group=group, group_domain=domain)
        agents = {each.user_id or each.full_name: each for each in many(found.agents)}
        users = await ask_each(agents, lambda key: self._user_named(agents[key]))
        pairs = zip(users, agents.values(), strict=True)
        return [QueueAgent(user, agent.full_name, _state(agent)) for user, agent in pairs if user]

    async def login_agent(self, action: AgentAction) -> None:
        await self._login("group_login", action)

    async def logout_agent(self, action: AgentAction) -> None:
        await self._login("group_logout", action)

    async def _login(self, name: str, action: AgentAction) -> None:
        group, domain = self._group(action.vendor_queue_id)
        user = action.vendor_extension_id
        query = {"ignoreStatistics": "true"}
        await self._client.call(name, user, query=query.items(), group=group, group_domain=domain)

    async def _queues_of_members(self) -> list[VendorQueue]:
        async def ask(user: str) -> list[Group]:
            return await self._client.read_list("groups", Group, "group", user)

        found = [queue.queue() for groups in await ask_each(await self._users(), ask) for queue in groups]
        return list({each.vendor_queue_id: each for each in found}.values())

    async def _user_named(self, agent: Agent) -> str | None:
        if agent.user_id:
            return agent.user_id.removesuffix(f"@{self._domain}")
        contacts = await self._search(agent.full_name)
        users = {each.user_in(self._domain) for each in contacts if each.name == agent.full_name}
        return users.pop() if len(users) == 1 else None

    def _group(self, queue_id: str) -> tuple[str, str]:
        group, _, domain = queue_id.partition("@")
        return group, domain or self._domain

    def _at_home(self, found: Statistics) -> Statistics:
        """Of the account's own domain, where the answer names none."""
        found.domain = found.domain or self._domain
        return found


def queue_id(group: int | str, domain: str | None) -> str:
    return f"{group}@{domain}" if domain else str(group)


def _state(agent: Agent) -> str:
    if not agent.is_logged_in:
        return "logged_out"
    return "available" if agent.is_available else "busy"
