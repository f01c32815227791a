"""What an operator is to know of an inbox, from several speakers at once."""

from collections.abc import Hashable

from core.ports import Remark

SEPARATOR = "; also: "


class Remarks:
    """Everybody has a remark of their own: one connection that is well again says nothing about
    another that is not.
    """

    def __init__(self, remark: Remark) -> None:
        self._remark = remark
        self._said: dict[Hashable, str] = {}
        self._shown = ""

    def by(self, speaker: Hashable) -> Remark:
        """What this speaker says."""

        def remark(text: str) -> None:
            self.say(speaker, text)

        return remark

    def say(self, speaker: Hashable, text: str) -> bool:
        """Replaces what this speaker said last; empty: all is well. -> whether that is news."""
        if self._said.get(speaker, "") == text:
            return False
        if text:
            self._said[speaker] = text
        else:
            del self._said[speaker]
        shown = SEPARATOR.join(dict.fromkeys(self._said.values()))
        if shown != self._shown:
            self._shown = shown
            self._remark(shown)
        return True
