"""The form of an account, made from its vendor's JSON Schemas: what a vendor declares is all that the wizard knows of it."""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from django import forms

from integrations.contract.adapter import PbxAdapter
from integrations.models import PbxAccount
from integrations.pages import ways
from integrations.pages.fields import RowsField, RowsWidget, Schema, make_field
from integrations.validation import normalized_base_url

_STORED = "Leave empty to keep what is stored."
_TYPED = "Kept as you typed it. Leave empty to keep it."


class AccountForm(forms.Form):
    """Name, address, credentials and settings; the fields' names are the paths that InvalidAccount's errors have.

    Where a vendor takes credentials in more than one way, `way` is the chosen one's number: the others' fields don't count.
    """

    use_required_attribute = False  # a browser can't tell which way's fields count

    name = forms.CharField(label="Name", max_length=200, help_text="What you call this phone system, such as a site.")
    base_url = forms.CharField(label="Address", max_length=500, widget=forms.TextInput(attrs={"inputmode": "url"}))

    def __init__(
        self,
        adapter: type[PbxAdapter],
        data: Mapping[str, Any] | None = None,
        *,
        initial: Mapping[str, Any] | None = None,
        stored: Set[str] = frozenset(),
    ) -> None:
        """Secrets that came with `data`, or whose paths are in `stored`, may stay empty in the form, which never shows them."""
        super().__init__(data, initial=dict(initial or {}))
        default = adapter.default_base_url
        if "{" in default:  # a pattern, with the host to be filled in
            self.fields["base_url"].widget.attrs["placeholder"] = default
        else:
            self.fields["base_url"].initial = default
        self.ways = ways.ways_of(adapter.credentials_schema)
        if self.ways:
            self.fields["way"] = _way_field(self.ways)
        for path, schema, is_required in _leaves(adapter):
            hint = ""
            if schema.get("writeOnly"):
                hint = _TYPED if self.data.get(path) else _STORED if path in stored else ""
            self.fields[path] = make_field(schema, hint, is_required=is_required and not hint)

    def clean_base_url(self) -> str:
        try:
            return normalized_base_url(self.cleaned_data["base_url"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        """What the ways that weren't chosen take is neither missed nor taken."""
        for name in self.unchosen:
            self.errors.pop(f"credentials.{name}", None)
            self.cleaned_data.pop(f"credentials.{name}", None)
        return self.cleaned_data

    @property
    def unchosen(self) -> frozenset[str]:
        """The credentials that only other ways take than the chosen one."""
        return ways.others(self.ways, int(self.cleaned_data.get("way") or 0))

    @property
    def essentials(self) -> list[tuple[str, forms.BoundField]]:
        """What every account needs, each with the numbers of the ways that take it, which is empty for all of them."""
        return [(self._ways_with(field.name), field) for field in self if not field.name.startswith("settings.")]

    @property
    def options(self) -> list[forms.BoundField]:
        """The vendor's settings, which have defaults."""
        return [field for field in self if field.name.startswith("settings.")]

    @property
    def has_wrong_option(self) -> bool:
        return any(field.errors for field in self.options)

    def typed(self) -> dict[str, Any]:
        """Everything that was filled in: `name`, `base_url`, and the nested `credentials` and `settings`."""
        found: dict[str, Any] = {"credentials": {}, "settings": {}}
        for path, value in self.cleaned_data.items():
            if path == "way" or value in (None, "", [], {}):
                continue
            *parents, last = path.split(".")
            target = found
            for parent in parents:
                target = target.setdefault(parent, {})
            target[last] = value
        return found

    def secrets(self) -> dict[str, str]:
        """The secret inputs that were filled in, by name, whether or not the rest of the form is valid."""
        found: dict[str, str] = {}
        for name, field in self.fields.items():
            if isinstance(field.widget, RowsWidget):
                found |= field.widget.typed_secrets(self.data, name)
            elif isinstance(field.widget, forms.PasswordInput) and self.data.get(name):
                found[name] = str(self.data[name])
        return found

    def add_errors(self, errors: Mapping[str, list[str]]) -> None:
        """Puts sentences beside the fields that they are about; `settings.scopes.0` is about `settings.scopes`."""
        for path, sentences in errors.items():
            field = path
            while field and field not in self.fields:
                field = field.rpartition(".")[0]
            row = _row_of(path.removeprefix(f"{field}.")) if isinstance(self.fields.get(field), RowsField) else ""
            for sentence in sentences:
                self.add_error(field or None, f"{row}{sentence}")

    def _ways_with(self, path: str) -> str:
        name = path.removeprefix("credentials.")
        return " ".join(str(number) for number, way in enumerate(self.ways) if name in way.names)


def stored_values(adapter: type[PbxAdapter], account: PbxAccount) -> dict[str, Any]:
    """An account's values by the names of the form's fields, without the secrets."""
    values = {"name": account.name, "base_url": account.base_url}
    values["way"] = str(ways.way_of(ways.ways_of(adapter.credentials_schema), account.credentials))
    for path, schema, _ in _leaves(adapter):
        value = _stored(account, path)
        if value is not None and not schema.get("writeOnly"):
            values[path] = value
    return values


def stored_secrets(adapter: type[PbxAdapter], account: PbxAccount) -> frozenset[str]:
    """The paths of an account's secrets that there are."""
    secret = [path for path, schema, _ in _leaves(adapter) if schema.get("writeOnly")]
    return frozenset(path for path in secret if _stored(account, path) is not None)


def _stored(account: PbxAccount, path: str) -> Any:
    value: Any = {"credentials": account.credentials, "settings": account.settings}
    for part in path.split("."):
        value = value.get(part)
        if value is None:
            return None
    return value


def _leaves(adapter: type[PbxAdapter]) -> Iterator[tuple[str, Schema, bool]]:
    """Each field's path, its schema, and whether it must be filled in, if it counts at all."""
    taken = frozenset().union(*(way.names for way in ways.ways_of(adapter.credentials_schema)))
    for path, schema, is_required in _walk("credentials", adapter.credentials_schema):
        yield path, schema, is_required or path.removeprefix("credentials.") in taken
    yield from _walk("settings", adapter.settings_schema)


def _walk(path: str, schema: Schema) -> Iterator[tuple[str, Schema, bool]]:
    for name, inner in schema["properties"].items():
        if inner.get("properties"):
            yield from _walk(f"{path}.{name}", inner)
        else:
            yield f"{path}.{name}", inner, name in schema.get("required", ()) or inner.get("minItems", 0) > 0


def _way_field(choices: Sequence[ways.Way]) -> forms.ChoiceField:
    titles = [(str(number), way.title) for number, way in enumerate(choices)]
    return forms.ChoiceField(label="How to sign in", choices=titles, initial="0", widget=forms.RadioSelect)


def _row_of(path: str) -> str:
    """`1.user` is in the second row."""
    number, _, column = path.partition(".")
    return f"Row {int(number) + 1}{column and ', '}{column}: " if number.isdigit() else ""
