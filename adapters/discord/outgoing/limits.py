"""What of cards, polls and buttons one message of Discord's can hold. Pure.

What does not fit is shown in another form by core, which asks here before it plans.
"""

from typing import Final

from adapters.discord.markdown.writing import write
from core.model.content import Button, Buttons, Card, Poll

TEXT_MAX: Final = 2000
"""Characters of a message, as Discord counts: code points, its markdown included."""
TITLE_MAX: Final = 256
DESCRIPTION_MAX: Final = 4096
URL_MAX: Final = 2048
QUESTION_MAX: Final = 300
ANSWER_MAX: Final = 55
ANSWERS_MAX: Final = 10
LABEL_MAX: Final = 80
BUTTON_URL_MAX: Final = 512


def takes_card(card: Card, file_size_bytes_max: int) -> bool:
    """Every one whose texts are within Discord's limits, and whose picture can be sent."""
    if card.url and not (card.url.startswith(("https://", "http://")) and len(card.url) <= URL_MAX):
        return False
    if card.url and not card.title.strip():
        return False
    if card.image and (not card.image.sha256 or (card.image.size_bytes or 0) > file_size_bytes_max):
        return False
    return len(write(card.title, ())) <= TITLE_MAX and len(write(card.text, ())) <= DESCRIPTION_MAX


def takes_poll(poll: Poll) -> bool:
    """One that is open, and has answers within Discord's limits."""
    answers = [option.text.strip() for option in poll.options]
    return (
        not poll.closed
        and 0 < len(poll.question.strip()) <= QUESTION_MAX
        and 0 < len(answers) <= ANSWERS_MAX
        and all(0 < len(answer) <= ANSWER_MAX for answer in answers)
    )


def takes_buttons(buttons: Buttons) -> bool:
    return all(_takes(button) for row in buttons.rows for button in row)


def label_of(button: Button) -> str:
    return button.label.strip() or button.value or button.url


def _takes(button: Button) -> bool:
    return 0 < len(label_of(button)) <= LABEL_MAX and len(button.url) <= BUTTON_URL_MAX
