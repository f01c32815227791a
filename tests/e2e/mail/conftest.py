"""Mail servers for the tests of this directory, started once."""

from collections.abc import Iterator

import pytest

from tests.rigs.mailserver import MailServer, mail_server


@pytest.fixture(scope="session")
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server
