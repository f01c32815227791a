"""Reads buttons, menus and forms, with Discord's limits.

https://docs.discord.com/developers/components/reference
"""

from collections.abc import Callable
from typing import Final

from sandbox.discord.rest.forms import Form
from sandbox.payload import Json

ROW, BUTTON, MENU, INPUT = 1, 2, 3, 4
MENUS: Final = frozenset({MENU, 5, 6, 7, 8})
"""Of texts, users, roles, both, channels."""
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER, LABEL = 9, 10, 11, 12, 13, 14, 17, 18
UPLOADS: Final = 19
NEW: Final = frozenset({SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER})
"""Only in messages that say they use them."""
LINK_STYLE, PREMIUM_STYLE = 5, 6
ROWS_MAX, IN_ROW_MAX, NEW_MAX = 5, 5, 40
CUSTOM_ID_MAX, LABEL_MAX, PLACEHOLDER_MAX, URL_MAX = 100, 80, 150, 512
OPTIONS_MAX, OPTION_MAX = 25, 100
TITLE_MAX, FIELD_LABEL_MAX, FIELD_VALUE_MAX = 45, 45, 4000


class ComponentReader:
    """Reads the components of one message or form: ids are unique in it, numbers are given."""

    def __init__(self, *, new: bool) -> None:
        self._new = new
        self._taken: set[str] = set()
        self._numbers = 0
        self._readers: dict[int, Callable[[Form], Json]] = {
            ROW: self._row,
            BUTTON: self._button,
            **dict.fromkeys(MENUS, self._menu),
            INPUT: self._input,
            SECTION: self._section,
            TEXT: self._text,
            CONTAINER: self._container,
            LABEL: self._label,
        }

    def of_message(self, form: Form) -> list[Json]:
        """Those of a message."""
        allowed = frozenset({ROW}) | (NEW if self._new else frozenset())
        most = NEW_MAX if self._new else ROWS_MAX
        return [self._read(one, allowed) for one in form.forms("components", most=most)]

    def of_modal(self, form: Form) -> Json:
        """A form that pops up: {custom_id, title, components}."""
        allowed = frozenset({ROW, LABEL, TEXT})
        rows = form.forms("components", most=ROWS_MAX, least=1, required=True)
        return {
            "custom_id": form.text("custom_id", most=CUSTOM_ID_MAX, least=1, required=True),
            "title": form.text("title", most=TITLE_MAX, least=1, required=True),
            "components": [self._read(one, allowed, within_modal=True) for one in rows],
        }

    def _read(self, form: Form, allowed: frozenset[int], *, within_modal: bool = False) -> Json:
        kind = form.choice("type", allowed, required=True)
        if kind is None:
            return {}
        self._numbers += 1
        number = form.integer("id", most=2**31 - 1) or self._numbers
        body: Json = {"type": kind, "id": number}
        if kind == ROW:
            inside = frozenset({INPUT}) if within_modal else MENUS | {BUTTON}
            return body | {"components": self._cells(form, inside)}
        read = self._readers.get(kind)
        return body | (read(form) if read else {k: form.fields[k] for k in form.fields})

    def _row(self, form: Form) -> Json:
        return {"components": self._cells(form, MENUS | {BUTTON})}

    def _cells(self, form: Form, allowed: frozenset[int]) -> list[Json]:
        cells = form.forms("components", most=IN_ROW_MAX, least=1, required=True)
        read = [self._read(one, allowed) for one in cells]
        if len(read) > 1 and any(one.get("type") != BUTTON for one in read):
            words = "A row holds either buttons, or one menu or input."
            form.complain("components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", words)
        return read

    def _button(self, form: Form) -> Json:
        style = form.choice("style", frozenset(range(1, 7)), required=True)
        body: Json = {"style": style, "disabled": form.flag("disabled")}
        label = form.text("label", most=LABEL_MAX)
        if label is None and "emoji" not in form and style != PREMIUM_STYLE:
            words = "A button must have a label or an emoji."
            form.complain("label", "BUTTON_COMPONENT_LABEL_REQUIRED", words)
        body |= {} if label is None else {"label": label}
        body |= {"emoji": form.fields["emoji"]} if "emoji" in form else {}
        if style == LINK_STYLE:
            return body | {"url": form.text("url", most=URL_MAX, required=True)}
        return body | {"custom_id": self._custom_id(form)}

    def _menu(self, form: Form) -> Json:
        body: Json = {
            "custom_id": self._custom_id(form),
            "min_values": _or(form.integer("min_values", most=OPTIONS_MAX), 1),
            "max_values": _or(form.integer("max_values", least=1, most=OPTIONS_MAX), 1),
            "disabled": form.flag("disabled"),
        }
        if (placeholder := form.text("placeholder", most=PLACEHOLDER_MAX)) is not None:
            body["placeholder"] = placeholder
        if form.fields.get("type") != MENU:
            passed = ("channel_types", "default_values")
            return body | {name: form.fields[name] for name in passed if name in form}
        options = form.forms("options", most=OPTIONS_MAX, least=1, required=True)
        body["options"] = [_option(one) for one in options]
        values = [one["value"] for one in body["options"] if "value" in one]
        if len(set(values)) < len(values):
            words = "The specified option value is already used"
            form.complain("options", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", words)
        return body

    def _input(self, form: Form) -> Json:
        body: Json = {
            "custom_id": self._custom_id(form),
            "style": form.choice("style", frozenset({1, 2}), required=True),
            "label": form.text("label", most=FIELD_LABEL_MAX),
            "placeholder": form.text("placeholder", most=OPTION_MAX),
            "value": form.text("value", most=FIELD_VALUE_MAX),
            "min_length": form.integer("min_length", most=FIELD_VALUE_MAX),
            "max_length": form.integer("max_length", least=1, most=FIELD_VALUE_MAX),
            "required": form.fields.get("required", True) is not False,
        }
        return {name: value for name, value in body.items() if value is not None}

    def _label(self, form: Form) -> Json:
        body: Json = {"label": form.text("label", most=FIELD_LABEL_MAX, required=True)}
        if (words := form.text("description", most=OPTION_MAX)) is not None:
            body["description"] = words
        if inner := form.form("component"):
            body["component"] = self._read(inner, MENUS | {INPUT, UPLOADS})
        return body

    def _section(self, form: Form) -> Json:
        texts = form.forms("components", most=3, least=1, required=True)
        body: Json = {"components": [self._read(one, frozenset({TEXT})) for one in texts]}
        if inner := form.form("accessory"):
            body["accessory"] = self._read(inner, frozenset({BUTTON, THUMBNAIL}))
        return body

    def _text(self, form: Form) -> Json:
        return {"content": form.text("content", most=4000, least=1, required=True)}

    def _container(self, form: Form) -> Json:
        allowed = (NEW | {ROW}) - {CONTAINER}
        inner = form.forms("components", most=NEW_MAX, least=1, required=True)
        return {
            "components": [self._read(one, allowed) for one in inner],
            "accent_color": form.integer("accent_color", most=0xFFFFFF),
            "spoiler": form.flag("spoiler"),
        }

    def _custom_id(self, form: Form) -> str | None:
        custom_id = form.text("custom_id", most=CUSTOM_ID_MAX, least=1, required=True)
        if custom_id in self._taken:
            words = "Component custom id cannot be duplicated"
            form.complain("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", words)
        elif custom_id is not None:
            self._taken.add(custom_id)
        return custom_id


def _option(form: Form) -> Json:
    body: Json = {
        "label": form.text("label", most=OPTION_MAX, least=1, required=True),
        "value": form.text("value", most=OPTION_MAX, least=1, required=True),
        "description": form.text("description", most=OPTION_MAX),
        "emoji": form.fields.get("emoji"),
        "default": form.flag("default"),
    }
    return {name: value for name, value in body.items() if value is not None}


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value
