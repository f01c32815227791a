"""What an account takes of what one message brings."""

from typing import Annotated

import msgspec

from core.model.content import MediaKind


class Takes(msgspec.Struct, frozen=True, kw_only=True):
    """So many files a message, of these kinds (none named: of all), and so many characters a text.
    None: as the installation says.
    """

    kinds: tuple[MediaKind, ...] = ()
    files_max: Annotated[int, msgspec.Meta(ge=0)] | None = None
    text_length_max: Annotated[int, msgspec.Meta(ge=1)] | None = None

    def or_else(self, files_max: int, text_length_max: int) -> "Takes":
        """With what holds where nothing is said."""
        files, length = self.files_max, self.text_length_max
        return Takes(
            kinds=self.kinds,
            files_max=files_max if files is None else files,
            text_length_max=text_length_max if length is None else length,
        )
