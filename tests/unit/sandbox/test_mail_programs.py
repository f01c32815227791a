"""Reading mail must survive whatever the poison tests put into a mailbox."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from sandbox.mail.mailboxes import StoredMail
from sandbox.mail.programs import attachment, letter_view

AT = datetime(2026, 11, 7, tzinfo=UTC)
ODD_PIECES = st.sampled_from(
    [
        b"Content-Type: text/plain; charset=no-such\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"Content-Type: ;;;=\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Disposition: attachment; filename*=x''%ff\r\n",
        b"From: =?utf-8?b?broken\r\n",
        b"Subject: =?no-such?q?x?= =?utf-8?q?=F0?=\r\n",
        b"To: \xff\xfe\r\n",
        b"\r\n",
        b"--b\r\n",
        b"--b--\r\n",
        b"\xe4\r\n",
    ]
)


@given(st.lists(ODD_PIECES | st.binary(max_size=40), max_size=12).map(b"".join))
def test_any_bytes_can_be_read(raw: bytes) -> None:
    view = letter_view(StoredMail(1, raw, AT), "INBOX")

    for position in range(len(view["attachments"])):
        assert attachment(StoredMail(1, raw, AT), position) is not None


def test_encoded_words_charsets_and_attachments_are_read() -> None:
    raw = (
        b"From: =?utf-8?q?J=C3=B6rg?= <j@post.example>\r\nSubject: =?gbk?b?xOO6ww==?=\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain; charset=latin-1\r\n\r\ngr\xfc\xdfe\r\n"
        b"--b\r\nContent-Type: text/plain; name=a.txt\r\n\r\nfile\r\n--b--\r\n"
    )

    view = letter_view(StoredMail(1, raw, AT), "INBOX")

    assert (view["from"], view["subject"]) == ("Jörg <j@post.example>", "你好")
    assert view["text"] == "grüße"
    assert view["attachments"] == [{"name": "a.txt", "media_type": "text/plain", "size_bytes": 4}]
