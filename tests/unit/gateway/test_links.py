"""Links are made only where customers can follow them."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from core.model.content import Attachment
from core.model.ids import AttachmentId
from gateway.links import TOKEN_LENGTH_MAX, Links

NOW = datetime(2026, 11, 22, tzinfo=UTC)
FILE = Attachment(id=AttachmentId("a"), name="a.pdf", sha256="0f" * 32)


def links(base: str = "https://desk.example/files/", key: bytes = b"one") -> Links:
    return Links(key, base, 60, lambda: NOW)


def test_without_an_address_of_its_own_a_gateway_makes_no_links() -> None:
    assert not links("")
    assert links("").address(FILE) == ""


def test_a_file_that_is_not_stored_has_no_link() -> None:
    assert links().address(Attachment(id=AttachmentId("a"), name="a.pdf")) == ""


def test_another_installation_does_not_take_the_link() -> None:
    token = links().address(FILE).rpartition("/")[2]

    assert links().read(token) is not None
    assert links(key=b"two").read(token) is None


@given(st.text(max_size=400))
def test_whatever_a_file_is_called_its_link_can_be_followed(name: str) -> None:
    """Names come from agents' machines: long ones, emoji, half characters."""
    named = Attachment(id=AttachmentId("a"), name=name, sha256="0f" * 32)

    token = links().address(named).rpartition("/")[2]
    found = links().read(token)

    assert found is not None
    assert found.sha256.hex() == named.sha256
    assert len(token) <= TOKEN_LENGTH_MAX
