"""IMAP's command syntax: atoms become str, strings and literals bytes, parentheses lists. Pure."""

from dataclasses import dataclass
from typing import TypeAlias

Argument: TypeAlias = "str | bytes | list[Argument]"
SPECIAL = frozenset(' ()"')


class Bad(Exception):
    """The command makes no sense: answered BAD with this text."""


class No(Exception):
    """The command makes sense but cannot be carried out: answered NO with this text."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command; `by_uid` is true when it came as "UID <name>"."""

    tag: str
    name: str
    arguments: list[Argument]
    by_uid: bool = False

    def text(self, position: int) -> str:
        """The argument as text, whichever way it was written."""
        token = self.token(position)
        if isinstance(token, list):
            raise Bad("string expected, not a list")
        return token.decode("utf-8", "replace") if isinstance(token, bytes) else token

    def token(self, position: int) -> Argument:
        """The argument as it is."""
        if position >= len(self.arguments):
            raise Bad("missing argument")
        return self.arguments[position]


def parse_command(pieces: list[bytes]) -> Command:
    """`pieces` alternate: text, literal, text, literal, ... text. Raises Bad."""
    tokens = _Tokens(pieces).read_all()
    match tokens:
        case [str(tag), str(uid), str(name), *arguments] if uid.upper() == "UID":
            return Command(tag, name.upper(), arguments, by_uid=True)
        case [str(tag), str(name), *arguments]:
            return Command(tag, name.upper(), arguments)
        case _:
            raise Bad("tag and command expected")


class _Tokens:
    """Reads tokens off the pieces, from left to right."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces
        self._piece = 0
        self._text = pieces[0].decode("utf-8", "surrogateescape")
        self._at = 0

    def read_all(self) -> list[Argument]:
        tokens = self._read_list(closing=False)
        if self._piece < len(self._pieces) - 1:
            raise Bad("literal in an unexpected place")
        return tokens

    def _read_list(self, *, closing: bool) -> list[Argument]:
        tokens: list[Argument] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == ")" and closing:
                self._at += 1
                return tokens
            if character == ")":
                raise Bad("unexpected )")
            if character == " ":
                self._at += 1
            else:
                tokens.append(self._read_token(character))
        if closing:
            raise Bad("missing )")
        return tokens

    def _read_token(self, character: str) -> Argument:
        if character == "(":
            self._at += 1
            return self._read_list(closing=True)
        if character == '"':
            return self._read_quoted()
        if character == "{":
            return self._read_literal()
        return self._read_atom()

    def _read_quoted(self) -> bytes:
        characters: list[str] = []
        self._at += 1
        while self._at < len(self._text):
            character = self._text[self._at]
            self._at += 1
            if character == '"':
                return "".join(characters).encode("utf-8", "surrogateescape")
            if character == "\\":
                character = self._text[self._at : self._at + 1]
                self._at += 1
            characters.append(character)
        raise Bad("missing closing quote")

    def _read_literal(self) -> bytes:
        """The text ends with the literal's size; its bytes and the rest are the next two pieces."""
        if self._piece + 2 >= len(self._pieces) or not self._text.endswith("}"):
            raise Bad("literal expected")
        literal = self._pieces[self._piece + 1]
        self._piece += 2
        self._text = self._pieces[self._piece].decode("utf-8", "surrogateescape")
        self._at = 0
        return literal

    def _read_atom(self) -> str:
        """An atom; brackets as in BODY[HEADER.FIELDS (TO CC)] belong to it with all they hold."""
        start = self._at
        depth = 0
        while self._at < len(self._text):
            character = self._text[self._at]
            if depth == 0 and character in SPECIAL:
                break
            depth += (character == "[") - (character == "]")
            self._at += 1
        return self._text[start : self._at]
