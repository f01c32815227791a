"""Collects what is wrong with a request, nested as the request is."""

from typing import Any

from sandbox.discord.rest.refusals import invalid_form
from sandbox.payload import Json

REQUIRED = ("BASE_TYPE_REQUIRED", "This field is required")
BAD_LENGTH = "BASE_TYPE_BAD_LENGTH"
CHOICES = "BASE_TYPE_CHOICES"


class Form:
    """Reads fields of one JSON object. Complaints of all forms of a request go to one place; the
    request is refused by `check` when there are any. What is wrong is read as if it were missing.
    """

    def __init__(self, fields: Any, path: tuple[str, ...] = (), root: "Form | None" = None) -> None:
        self._root = root or self
        self._path = path
        self._errors: Json = {}
        self.fields: Json = fields if isinstance(fields, dict) else {}
        if not isinstance(fields, dict):
            self.complain("", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")

    def __contains__(self, name: str) -> bool:
        return self.fields.get(name) is not None

    def check(self) -> None:
        """Raises Refusal 50035 when anything was wrong."""
        if self._root._errors:
            raise invalid_form(self._root._errors)

    def complain(self, name: str, code: str, message: str) -> None:
        """Note that a field is wrong; without a name the object itself is."""
        at = self._root._errors
        for step in (*self._path, name) if name else self._path:
            at = at.setdefault(step, {})
        at.setdefault("_errors", []).append({"code": code, "message": message})

    def text(self, name: str, *, most: int, least: int = 0, required: bool = False) -> str | None:
        """A string of so many characters."""
        value = self.fields.get(name)
        if value is None:
            self._miss(name, required)
            return None
        if not isinstance(value, str):
            # Discord takes numbers and the like for strings here and there, but says it does not.
            self.complain(name, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
            return None
        if not least <= len(value) <= most:
            self._complain_of_length(name, least, most)
            return None
        return value

    def integer(
        self, name: str, *, least: int = 0, most: int = 2**53, required: bool = False
    ) -> int | None:
        """A whole number between the two."""
        value = self.fields.get(name)
        if value is None:
            self._miss(name, required)
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int | str) or not _digits(value):
            self.complain(name, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
            return None
        if not least <= int(value) <= most:
            words = f"int value should be between {least} and {most}."
            self.complain(name, "NUMBER_TYPE_RANGE", words)
            return None
        return int(value)

    def snowflake(self, name: str, *, required: bool = False) -> int | None:
        """An id."""
        value = self.fields.get(name)
        if value is None:
            self._miss(name, required)
            return None
        if not isinstance(value, int | str) or not _digits(value) or int(value) >= 2**64:
            self.complain(name, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
            return None
        return int(value)

    def flag(self, name: str) -> bool:
        """Yes or no."""
        value = self.fields.get(name)
        if value is not None and not isinstance(value, bool):
            self.complain(name, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
        return value is True

    def choice(self, name: str, among: frozenset[int], *, required: bool = False) -> int | None:
        """One of some numbers."""
        value = self.integer(name, required=required)
        if value is not None and value not in among:
            words = f"Value must be one of {{{', '.join(map(str, sorted(among)))}}}."
            self.complain(name, CHOICES, words)
            return None
        return value

    def form(self, name: str) -> "Form | None":
        """An object within."""
        value = self.fields.get(name)
        return None if value is None else Form(value, (*self._path, name), self._root)

    def forms(
        self, name: str, *, most: int, least: int = 0, required: bool = False
    ) -> "list[Form]":
        """A list of objects."""
        values = self.values(name, most=most, least=least, required=required)
        path = (*self._path, name)
        return [Form(one, (*path, str(at)), self._root) for at, one in enumerate(values)]

    def snowflakes(self, name: str, *, most: int, least: int = 0) -> list[int]:
        """A list of ids."""
        values = self.values(name, most=most, least=least)
        within = Form(dict(enumerate_named(values)), (*self._path, name), self._root)
        read = (within.snowflake(at) for at in within.fields)
        return [one for one in read if one is not None]

    def values(self, name: str, *, most: int, least: int = 0, required: bool = False) -> list[Any]:
        """A list of anything."""
        value = self.fields.get(name)
        if value is None:
            self._miss(name, required)
            return []
        if not isinstance(value, list):
            self.complain(name, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        if not least <= len(value) <= most:
            self._complain_of_length(name, least, most)
            return []
        return value

    def _miss(self, name: str, required: bool) -> None:
        if required:
            self.complain(name, *REQUIRED)

    def _complain_of_length(self, name: str, least: int, most: int) -> None:
        if least:
            words = f"Must be between {least} and {most} in length."
            self.complain(name, BAD_LENGTH, words)
        else:
            words = f"Must be {most} or fewer in length."
            self.complain(name, "BASE_TYPE_MAX_LENGTH", words)


def enumerate_named(values: list[Any]) -> list[tuple[str, Any]]:
    """Elements of a list under the names they have in errors."""
    return [(str(at), one) for at, one in enumerate(values)]


def _digits(value: int | str) -> bool:
    text = str(value)
    return not isinstance(value, bool) and text.isascii() and text.removeprefix("-").isdigit()
