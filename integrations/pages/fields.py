"""Form fields from JSON Schemas: one for each kind of value that a vendor can ask for."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.template.loader import render_to_string

Schema = Mapping[str, Any]
Row = dict[str, str]
_WORDS = {"webhook": "Webhook", "sse": "Server-sent events", "websocket": "WebSocket", "poll": "Polling"}


def make_field(schema: Schema, hint: str, *, is_required: bool) -> forms.Field:
    """The field of a value with that schema; `hint` is said beside what the schema says of it."""
    options: dict[str, Any] = {
        "label": schema.get("title"),
        "help_text": " ".join(filter(None, (_sentence(schema), hint))),
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
        case {"type": "array", "items": {"type": "object", "properties": columns}}:
            kind, more = RowsField, {"columns": columns}
        case {"type": "array"}:
            kind, more = LinesField, {}
        case {"type": "object"}:
            kind, more = ObjectField, {}
        case {"enum": choices}:
            kind, more = forms.ChoiceField, {"choices": [(each, _WORDS.get(each, each)) for each in choices]}
        case {"writeOnly": True}:
            more = {"widget": _secret_input(is_kept=bool(hint)), "strip": False}
    return kind(**options | more)


def _sentence(schema: Schema) -> str:
    words: str = schema.get("description", "")
    return words if not words or words.endswith(".") else f"{words}."


def _secret_input(*, is_kept: bool) -> forms.PasswordInput:
    """new-password: a browser must not fill in the admin's own."""
    return forms.PasswordInput(attrs={"autocomplete": "new-password", "placeholder": "••••••••" if is_kept else ""})


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


class ObjectField(forms.CharField):
    """A dictionary, written as JSON."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "placeholder": '{"name": "value"}'})

    def __init__(self, **options: Any) -> None:
        hint = " ".join(filter(None, (options.pop("help_text"), "Write it as a JSON object.")))
        super().__init__(help_text=hint, **options)

    def prepare_value(self, value: Any) -> Any:
        return json.dumps(value, indent=2, ensure_ascii=False) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        try:
            found = json.loads(text) if text else {}
        except json.JSONDecodeError as error:
            raise forms.ValidationError(f"This is not JSON: {error.msg} in line {error.lineno}.") from error
        except RecursionError as error:
            raise forms.ValidationError("This is nested too deeply.") from error
        if not isinstance(found, dict):
            raise forms.ValidationError("This must be a JSON object, between { and }.")
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool((initial or {}) != self.to_python(data))
        except forms.ValidationError:
            return True


class _RowForm(forms.Form):
    """The inputs of one row, named as paths are: with dots."""

    def add_prefix(self, field_name: str) -> str:
        return f"{self.prefix}.{field_name}"


class RowsWidget(forms.Widget):
    """A table of inputs, named `<field>.<row>.<column>`. Rows keep their numbers, so what is typed stays where it was typed."""

    template_name = "components/rows.html"
    use_fieldset = True

    def __init__(self, columns: Mapping[str, Schema]) -> None:
        super().__init__()
        self.columns = columns

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> dict[str, Row]:
        """The rows that have anything in them, by their numbers."""
        rows: dict[str, Row] = {}
        for number, column, text in self._typed(data, name):
            if text:
                rows.setdefault(number, {})[column] = text
        return dict(sorted(rows.items(), key=lambda item: int(item[0])))

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return not any(self._typed(data, name))

    def typed_secrets(self, data: Mapping[str, Any], name: str) -> dict[str, str]:
        """The secrets that were filled in, by the names of their inputs."""
        return {
            f"{name}.{number}.{column}": text
            for number, column, text in self._typed(data, name)
            if text and self.columns[column].get("writeOnly")
        }

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        """The rows, and a blank one where there are none; the template's script adds more."""
        rows: dict[str, Row] = value if isinstance(value, dict) else {}
        context = {
            "rows": [self._row(name, number, row) for number, row in (rows or {"0": {}}).items()],
            "blank": self._row(name, "__n__", {}),
            "described_by": (attrs or {}).get("aria-describedby"),
        }
        return render_to_string(self.template_name, context)

    def _row(self, name: str, number: str, row: Row) -> list[forms.BoundField]:
        """The inputs of a row; secrets are never shown again."""
        form = _RowForm(initial=row, prefix=f"{name}.{number}", use_required_attribute=False)
        for column, schema in self.columns.items():
            label = {"title": column.capitalize(), **schema}
            hint = "Kept as you typed it." if schema.get("writeOnly") and column in row else ""
            form.fields[column] = make_field(
                label, hint, is_required=True
            )  # the schema decides; nothing says "optional"
        return list(form)

    def _typed(self, data: Mapping[str, Any], name: str) -> Iterator[tuple[str, str, str]]:
        pattern = re.compile(rf"{re.escape(name)}\.(\d{{1,4}})\.(\w+)")
        for key in data:
            match = pattern.fullmatch(key)
            if match and match[2] in self.columns:
                text = str(data[key])
                yield match[1], match[2], text if self.columns[match[2]].get("writeOnly") else text.strip()


class RowsField(forms.Field):
    """A list of objects, each a row with the schema's properties for columns."""

    widget: RowsWidget

    def __init__(self, *, columns: Mapping[str, Schema], **options: Any) -> None:
        super().__init__(widget=RowsWidget(columns), **options)

    def clean(self, value: Any) -> Sequence[Row]:
        rows: dict[str, Row] = super().clean(value) or {}
        return list(rows.values())

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)
