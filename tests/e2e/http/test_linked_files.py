"""Files that customers fetch by a link: no token, no guessing, no trace."""

from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from structlog.testing import capture_logs

from core.model.content import Attachment
from core.model.ids import AttachmentId
from tests.e2e.http.rig import Served

CONTENT = bytes(range(256)) * 40


async def stored(desk: Served, content: bytes = CONTENT, name: str = "tour.mp4") -> Attachment:
    async def chunks() -> AsyncIterator[bytes]:
        yield content

    sha256, size_bytes = await desk.rig.desk.blobs.put(chunks(), size_bytes_max=1_000_000)
    return Attachment(id=AttachmentId("a"), name=name, sha256=sha256, size_bytes=size_bytes)


async def link_to(desk: Served, name: str = "tour.mp4") -> str:
    """The path of a link, as the proxy of desk.example hands it on."""
    address = desk.rig.links.address(await stored(desk, name=name))
    assert address.startswith("https://desk.example/trunk/files/")
    return urlsplit(address).path.removeprefix("/trunk")


async def test_whoever_has_the_link_gets_the_file_and_nothing_that_runs(desk: Served) -> None:
    """A page in a file would run in the name of the desk, with its agents' tokens."""
    link = await link_to(desk, name='../"tour"\r\n.html')

    answer = await desk.stranger.get(link)

    assert (answer.status_code, answer.content) == (200, CONTENT)
    headers = answer.headers
    assert headers["content-disposition"] == "attachment; filename*=UTF-8''%22tour%22.html"
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"


async def test_a_link_ends(desk: Served) -> None:
    link = await link_to(desk)

    desk.rig.now += timedelta(seconds=59)
    before = await desk.stranger.get(link)
    desk.rig.now += timedelta(seconds=1)
    after = await desk.stranger.get(link)

    assert (before.status_code, after.status_code) == (200, 404)


async def test_whatever_is_wrong_with_a_link_the_answer_is_the_same(desk: Served) -> None:
    """An answer that tells a forged link from one that has ended is a lesson in forging."""
    link = await link_to(desk)
    gone = Attachment(id=AttachmentId("b"), name="tour.mp4", sha256="ab" * 32, size_bytes=1)
    missing = urlsplit(desk.rig.links.address(gone)).path.removeprefix("/trunk")
    wrong = [
        *(link[:at] + ("A" if link[at] != "A" else "B") + link[at + 1 :] for at in range(7, 60)),
        f"{link[:-4]}",
        f"{link}AAAA",
        "/files/x",
        "/files/%00%ff",
        "/files/" + "a" * 5000,
        f"/files/{'ab' * 32}",
        missing,
    ]

    answers = [await desk.stranger.get(one) for one in wrong]
    desk.rig.now += timedelta(days=1)
    answers.append(await desk.stranger.get(link))

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({_told(answer) for answer in answers}) == 1


def _told(answer: httpx.Response) -> tuple[tuple[str, str], ...]:
    own = ("date", "x-request-id")
    return tuple(sorted((k, v) for k, v in answer.headers.items() if k not in own))


async def test_a_mistake_of_ours_puts_no_link_into_the_log(
    desk: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has the link has the file, and logs are read by many."""
    link = await link_to(desk)
    monkeypatch.setattr(desk.rig, "now", None)

    with capture_logs() as logs:
        answer = await desk.stranger.get(link)

    assert answer.status_code == 500
    assert {entry["route"] for entry in logs} == {"/files/{link}"}
    assert link.removeprefix("/files/") not in str(logs)


async def test_a_signature_of_something_else_opens_no_file(desk: Served) -> None:
    """An upload's id names a file, too, and is known to agents only; it is no link."""
    upload = (await desk.http.post("/api/v1/attachments", content=CONTENT)).json()["id"]

    assert (await desk.stranger.get(f"/files/{upload}")).status_code == 404


@pytest.mark.parametrize(
    ("wanted", "status", "content", "told"),
    [
        ("bytes=0-9", 206, CONTENT[:10], "bytes 0-9/10240"),
        ("bytes=10000-", 206, CONTENT[10000:], "bytes 10000-10239/10240"),
        ("bytes=-40", 206, CONTENT[-40:], "bytes 10200-10239/10240"),
        ("bytes=-99999", 206, CONTENT, "bytes 0-10239/10240"),
        ("bytes=5-99999", 206, CONTENT[5:], "bytes 5-10239/10240"),
        ("bytes=10240-", 416, b"", "bytes */10240"),
        ("bytes=-0", 416, b"", "bytes */10240"),
        ("bytes=0-1,4-5", 200, CONTENT, None),
        ("bytes=9-5", 200, CONTENT, None),
        ("bytes=-", 200, CONTENT, None),
        ("lines=1-2", 200, CONTENT, None),
    ],
)
async def test_a_download_that_broke_off_goes_on_where_it_was(
    desk: Served, wanted: str, status: int, content: bytes, told: str | None
) -> None:
    answer = await desk.stranger.get(await link_to(desk), headers={"Range": wanted})

    assert (answer.status_code, answer.content) == (status, content)
    assert answer.headers.get("content-range") == told
