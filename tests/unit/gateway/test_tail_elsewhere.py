"""`trunkline tail --url`: a gateway elsewhere is asked, and nobody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from typing_extensions import override

from core.errors import NotAllowed
from gateway.work.tail import Filter, tail_of

EVERYTHING = Filter(frozenset(), frozenset(), "")


def test_a_token_goes_to_the_gateway_that_was_named_and_nowhere_else() -> None:
    """Whoever answers at the address, or took it over, would have it sent to them."""
    heard: list[str] = []
    with (
        _answering(404, "", heard) as stranger,
        _answering(307, stranger, []) as named,
        pytest.raises(NotAllowed, match="answers 307"),
    ):
        tail_of(named, "tl_12345678_secret", EVERYTHING, as_json=False)

    assert heard == []


@contextmanager
def _answering(status: int, location: str, heard: list[str]) -> Iterator[str]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.headers.get("Authorization", ""))
            self.send_response(status)
            self.send_header("Location", location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        @override
        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
