"""Whose lines and devices a command is about: what names them, and who may use them. Inside the tenant's scope."""

from uuid import UUID

from rest_framework.exceptions import NotFound, PermissionDenied

from common.ids import public_id
from cti.control.fields import Target
from cti.control.visibility import own_extensions
from integrations.contract.commands import Destination
from integrations.models import Extension, PbxAccount
from tenants.principals import Principal


def find_extension(account: PbxAccount, extension_id: UUID) -> Extension:
    """The account's own extension. Raises NotFound."""
    extension = Extension.objects.filter(pk=extension_id, account=account).first()
    if extension is None:
        raise NotFound(f"This account has no extension {public_id('ext', extension_id)}.")
    return extension


def destination(target: Target, account: PbxAccount) -> Destination:
    """As the vendor knows it. An extension must be the account's own; raises NotFound."""
    if target.extension_id is None:
        return Destination(number=target.number)
    return Destination(extension_id=find_extension(account, target.extension_id).vendor_extension_id)


def line_of(target: Target, account: PbxAccount) -> Extension | None:
    """The account's extension that this names, by its id or by its number."""
    if target.extension_id is not None:
        return find_extension(account, target.extension_id)
    return Extension.objects.filter(account=account, number=target.number, gone_at=None).first()


def require_own_line(principal: Principal, line: Extension | None) -> None:
    """Raises PermissionDenied where an agent would act with a line that isn't theirs; everybody else may use all."""
    own = own_extensions(principal)
    if own is not None and (line is None or line.pk not in own):
        raise PermissionDenied("Agents act with their own lines only.")
