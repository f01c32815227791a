"""Text that must not be seen: tokens and passwords."""

from typing import final

from typing_extensions import override


@final
class Secret:
    """A secret text. Printing, formatting or logging it shows stars; `reveal()` is the way in.

    Deliberately no `str`: joining and concatenating would let the text out unseen.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one call that needs it."""
        return self._text

    @override
    def __repr__(self) -> str:
        return "Secret('***')"

    @override
    def __str__(self) -> str:
        return "***"

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    @override
    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)
