"""What an account answers by itself to whoever begins a conversation."""

from typing import Annotated

import msgspec


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """What an account answers; empty: nothing. `languages` has it in others, by their code.
    `{number}` in it becomes the conversation's. `per_minute_max` is the account's.
    """

    text: str = ""
    languages: dict[str, str] = {}
    per_minute_max: Annotated[int, msgspec.Meta(ge=1)] = 30

    def text_for(self, language: str) -> str:
        """In the person's language if there is one, also for `de-AT` where there is only `de`."""
        texts = {_code(one): text for one, text in self.languages.items()}
        code = _code(language)
        return texts.get(code) or texts.get(code.partition("-")[0]) or self.text


def _code(language: str) -> str:
    """However it is spelled: `pt-BR`, `pt_br`."""
    return language.lower().replace("_", "-")
