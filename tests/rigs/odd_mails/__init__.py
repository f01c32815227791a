"""Odd mails, all invented, after what real ones get wrong; each with all that is right about it."""

from tests.rigs.odd_mails import (
    charsets,
    clients,
    files,
    further,
    headers,
    kept,
    people,
    structure,
    words,
)
from tests.rigs.odd_mails.writing import Odd

ODD_MAILS: tuple[Odd, ...] = (
    *kept.MAILS,
    *charsets.MAILS,
    *words.MAILS,
    *people.MAILS,
    *headers.MAILS,
    *structure.MAILS,
    *files.MAILS,
    *clients.MAILS,
    *further.MAILS,
)
