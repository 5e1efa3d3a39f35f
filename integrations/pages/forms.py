"""The form of an account, made from its vendor's JSON Schemas: what a vendor declares is all that the wizard knows of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

from integrations.contract.adapter import PbxAdapter
from integrations.models import PbxAccount
from integrations.validation import normalized_base_url

Schema = Mapping[str, Any]
_STORED = "Leave empty to keep the one that is stored."
_TYPED = "Kept as you typed it. Leave empty to keep it."


class AccountForm(forms.Form):
    """Name, address, credentials and settings; the fields' names are the paths that InvalidAccount's errors have."""

    name = forms.CharField(label="Name", max_length=200, help_text="What you call this phone system, such as a site.")
    base_url = forms.CharField(label="Address", max_length=500, widget=forms.TextInput(attrs={"inputmode": "url"}))

    def __init__(
        self,
        adapter: type[PbxAdapter],
        data: Mapping[str, Any] | None = None,
        *,
        initial: Mapping[str, Any] | None = None,
        has_stored_secrets: bool = False,
    ) -> None:
        """Secrets that came with `data`, or that are stored, may stay empty in the form, which never shows them."""
        super().__init__(data, initial=dict(initial or {}))
        default = adapter.default_base_url
        if "{" in default:  # a pattern, with the host to be filled in
            self.fields["base_url"].widget.attrs["placeholder"] = default
        else:
            self.fields["base_url"].initial = default
        for path, schema, is_required in _leaves(adapter):
            hint = ""
            if schema.get("writeOnly"):
                hint = _TYPED if self.data.get(path) else _STORED if has_stored_secrets else ""
            self.fields[path] = _field(schema, hint, is_required=is_required and not hint)

    def clean_base_url(self) -> str:
        try:
            return normalized_base_url(self.cleaned_data["base_url"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    @property
    def essentials(self) -> list[forms.BoundField]:
        """What every account needs."""
        return [field for field in self if not field.name.startswith("settings.")]

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
            if value in (None, "", []):
                continue
            *parents, last = path.split(".")
            target = found
            for parent in parents:
                target = target.setdefault(parent, {})
            target[last] = value
        return found

    def unshown(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Of stored settings those that it has no fields for: what was given through the API alone stays."""
        names = {path.split(".")[1] for path in self.fields if path.startswith("settings.")}
        return {name: value for name, value in settings.items() if name not in names}

    def secrets(self) -> dict[str, str]:
        """The secret fields that were filled in, by name, whether or not the rest of the form is valid."""
        names = [name for name, field in self.fields.items() if isinstance(field.widget, forms.PasswordInput)]
        return {name: str(self.data[name]) for name in names if self.data.get(name)}

    def add_errors(self, errors: Mapping[str, list[str]]) -> None:
        """Puts sentences beside the fields that they are about; `settings.scopes.0` is about `settings.scopes`."""
        for path, sentences in errors.items():
            field = path
            while field and field not in self.fields:
                field = field.rpartition(".")[0]
            for sentence in sentences:
                self.add_error(field or None, sentence)


def stored_values(adapter: type[PbxAdapter], account: PbxAccount) -> dict[str, Any]:
    """An account's values by the names of the form's fields, without the secrets."""
    stored = {"credentials": account.credentials, "settings": account.settings}
    values = {"name": account.name, "base_url": account.base_url}
    for path, schema, _ in _leaves(adapter):
        value: Any = stored
        for part in path.split("."):
            value = value.get(part, {})
        if value != {} and not schema.get("writeOnly"):
            values[path] = value
    return values


def _leaves(adapter: type[PbxAdapter]) -> Iterator[tuple[str, Schema, bool]]:
    """Each field's path, its schema, and whether it must be filled in."""
    yield from _walk("credentials", adapter.credentials_schema)
    yield from _walk("settings", adapter.settings_schema)


def _walk(path: str, schema: Schema) -> Iterator[tuple[str, Schema, bool]]:
    for name, inner in schema["properties"].items():
        if inner["type"] == "object":
            yield from _walk(f"{path}.{name}", inner)
        elif inner.get("items", {}).get("type") != "object":  # a list of objects is for the API alone
            yield f"{path}.{name}", inner, name in schema.get("required", ()) or inner.get("minItems", 0) > 0


def _field(schema: Schema, hint: str, *, is_required: bool) -> forms.Field:
    options: dict[str, Any] = {
        "label": schema.get("title"),
        "help_text": " ".join(filter(None, (schema.get("description"), hint))),
        "initial": schema.get("default"),
        "required": is_required,
    }
    kind: type[forms.Field] = forms.CharField
    more: dict[str, Any] = {"widget": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})}
    match schema:
        case {"type": "boolean"}:
            kind, more = forms.BooleanField, {"required": False}
        case {"type": "integer"}:
            kind, more = forms.IntegerField, {"min_value": schema.get("minimum"), "max_value": schema.get("maximum")}
        case {"type": "array", "items": {"enum": choices}}:
            kind = forms.MultipleChoiceField
            more = {"choices": [(each, each) for each in choices], "widget": forms.CheckboxSelectMultiple}
        case {"type": "array"}:
            kind, more = LinesField, {}
        case {"enum": choices}:
            kind, more = forms.ChoiceField, {"choices": [(each, each) for each in choices]}
        case {"writeOnly": True}:
            # new-password: a browser must not fill in the admin's own.
            attrs = {"autocomplete": "new-password", "placeholder": "••••••••" if hint else ""}
            more = {"widget": forms.PasswordInput(attrs=attrs), "strip": False}
    return kind(**options | more)


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, **options: Any) -> None:
        hint = " ".join(filter(None, (options.pop("help_text"), "One a line.")))
        super().__init__(help_text=hint, **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or []) != self.to_python(data))
