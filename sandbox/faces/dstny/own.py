"""What the call control operations have in common: finding the user's call as they mean it, and watching it."""

from sandbox.engine.model import Leg, LegState
from sandbox.engine.switch import Switch
from sandbox.faces.dstny.dialect import Dialect
from sandbox.faces.dstny.errors import ApiError, unknown
from sandbox.faces.dstny.people import Person
from sandbox.faces.dstny.requests import Ask
from sandbox.faces.dstny.views import View, Views
from sandbox.faces.dstny.webhooks import Webhooks


class OwnCalls:
    """The calls of whoever an operation acts for. Raises ApiError: 404, or for a stateToken that doesn't match."""

    def __init__(self, switch: Switch, dialect: Dialect, views: Views, webhooks: Webhooks) -> None:
        self.switch = switch
        self.dialect = dialect
        self.views = views
        self.webhooks = webhooks

    def find(self, ask: Ask) -> tuple[View, Leg]:
        """The call in the path, and the user's part in it."""
        return self._find(ask, ask.path["call"], ask.values.number("stateToken"))

    def target(self, ask: Ask) -> tuple[View, Leg]:
        """The user's other call, by targetCallId."""
        return self._find(ask, ask.values.required("targetCallId"), ask.values.number("targetStateToken"))

    def hold_others(self, person: Person) -> None:
        """The phone puts on hold whom it talks to before it turns to somebody else. A voicemail box can't be held."""
        for view in self.views.of(person):
            if view.leg and view.leg.state is LegState.CONNECTED and len(view.call.talking) > 1:
                self.switch.calls.hold(view.call, view.leg)

    def watch(self, ask: Ask, view: View) -> bool:
        """ "The webhook url to monitor the call state for this call". Answers whether one is given."""
        if not ask.values.text("targetUrl"):
            return False
        self.webhooks.add("call", ask.person.id, ask.values, view.id)
        return True

    def _find(self, ask: Ask, call_id: str, token: int | None) -> tuple[View, Leg]:
        """ "If not matching, the request will fail"."""
        view = self.views.find(ask.person, call_id)
        if view.leg is None:
            raise unknown("callId", call_id)
        if token is not None and token != view.token:
            description = "The state has changed since"
            raise ApiError(self.dialect.stale_token, "state.token.mismatch", description, "stateToken", str(token))
        return view, view.leg
