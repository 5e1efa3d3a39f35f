"""SIP dialogs as RFC 4235 tells of them (application/dialog-info+xml), and by which a call can be picked up."""

from dataclasses import dataclass
from xml.etree import ElementTree

from sandbox.engine.model import Leg, Role
from sandbox.faces.dstny.views import View

_NAMESPACE = "urn:ietf:params:xml:ns:dialog-info"
_STATES = {"INITIATED": "trying", "RINGING": "early", "ACTIVE": "confirmed", "HELD": "confirmed"}


@dataclass(frozen=True, slots=True)
class DialogId:
    """Made of the leg's id, so that they need not be kept. The tags are those that the user's phone sees."""

    call_id: str
    local_tag: str
    remote_tag: str

    @classmethod
    def of(cls, leg: Leg, domain: str) -> "DialogId":
        return cls(f"{leg.id[:16]}@{domain}", leg.id[16:24], leg.id[24:32])


def render(views: list[View], *, user: str, domain: str, version: int, full: bool) -> str:
    """One document: all dialogs of the user, or only those that changed."""
    root = ElementTree.Element("dialog-info", xmlns=_NAMESPACE, version=str(version))
    root.set("state", "full" if full else "partial")
    root.set("entity", f"sip:{user}@{domain}")
    for view in views:
        _add(root, view, f"sip:{user}@{domain}", domain)
    return str(ElementTree.tostring(root, encoding="unicode"))


def _add(root: ElementTree.Element, view: View, local_uri: str, domain: str) -> None:
    dialog = ElementTree.SubElement(root, "dialog", id=view.id)
    if view.leg is not None:
        identity = DialogId.of(view.leg, domain)
        dialog.set("call-id", identity.call_id)
        dialog.set("local-tag", identity.local_tag)
        dialog.set("remote-tag", identity.remote_tag)
        dialog.set("direction", "recipient" if view.leg.role is Role.CALLEE else "initiator")
    ElementTree.SubElement(dialog, "state").text = _STATES.get(view.shown["status"], "terminated")
    remote = ElementTree.SubElement(ElementTree.SubElement(dialog, "remote"), "identity")
    remote.set("display", view.shown["remoteParty"].get("displayName", ""))
    remote.text = view.shown["remoteParty"].get("telUri", f"sip:anonymous@{domain}")
    ElementTree.SubElement(ElementTree.SubElement(dialog, "local"), "identity").text = local_uri
