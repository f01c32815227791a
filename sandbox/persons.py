"""The invented people who write to the support team."""

from dataclasses import dataclass

PERSON_DOMAIN = "post.example"


@dataclass(slots=True)
class Person:
    """One human with a Telegram account and a mailbox. `key` is how the control API names them."""

    key: str
    first_name: str
    last_name: str
    telegram_id: int
    username: str
    address: str
    language_code: str = "en"

    @property
    def name(self) -> str:
        """First and last name as people write them."""
        return f"{self.first_name} {self.last_name}".strip()


def cast() -> list[Person]:
    """The persons of a fresh world. Ids above 2**32, as new accounts have them."""
    return [
        _person("mei", "Mei", "Tan", 6_104_882_371, "en"),
        _person("jonas", "Jonas", "Keller", 5_871_093_446, "de"),
        _person("amara", "Amara", "Okafor", 7_290_415_508, "fr"),
    ]


def _person(key: str, first: str, last: str, telegram_id: int, language: str) -> Person:
    handle = f"{first}.{last}".lower()
    return Person(
        key=key,
        first_name=first,
        last_name=last,
        telegram_id=telegram_id,
        username=handle.replace(".", "_"),
        address=f"{handle}@{PERSON_DOMAIN}",
        language_code=language,
    )
