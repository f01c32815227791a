"""What is said to customers by itself, in their language where there is a text in it."""

import msgspec


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """Empty `text`: nothing is said. `languages` has it in others, by their code."""

    text: str = ""
    languages: dict[str, str] = {}

    def text_for(self, language: str) -> str:
        """In the person's language if there is one, also for `de-AT` where there is only `de`."""
        texts = {_code(one): text for one, text in self.languages.items()}
        code = _code(language)
        return texts.get(code) or texts.get(code.partition("-")[0]) or self.text


def _code(language: str) -> str:
    """However it is spelled: `pt-BR`, `pt_br`."""
    return language.lower().replace("_", "-")
