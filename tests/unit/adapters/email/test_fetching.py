"""How mails are grouped for fetching: a law of order, and a law of bounds."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.email.line.fetching import LARGE_BYTES, planned
from adapters.email.line.folders import quoted_folder
from adapters.email.settings import Limits

LIMITS = Limits(batch_size_bytes_max=300_000, message_size_bytes_max=1_000_000)


@given(st.lists(st.integers(1, 2_000_000), max_size=60), st.integers(0, 60))
def test_every_mail_is_fetched_once_in_order_within_the_limits(
    sizes: list[int], careful_to: int
) -> None:
    by_uid = dict(enumerate(sizes, start=1))

    groups = list(planned(list(by_uid), by_uid, LIMITS, careful_to))

    assert [uid for group in groups for uid in group] == list(by_uid)
    for group in groups:
        if len(group) > 1:
            assert sum(by_uid[uid] for uid in group) <= LIMITS.batch_size_bytes_max
            assert all(by_uid[uid] <= LARGE_BYTES for uid in group)
            assert min(group) > careful_to


def test_folder_names_are_quoted_and_encoded() -> None:
    assert quoted_folder("INBOX") == '"INBOX"'
    assert quoted_folder('a "b" \\ c') == '"a \\"b\\" \\\\ c"'
    assert quoted_folder("Kunden & Büro") == '"Kunden &- B&APw-ro"'
    assert quoted_folder("台北") == '"&U,BTFw-"'
