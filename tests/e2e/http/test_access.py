"""Who is let in, what is refused before anything is read, and what every answer says."""

import httpx
import pytest

from gateway.http.admission import WRONG_PER_MINUTE
from gateway.http.app import http_app
from gateway.settings import WebSettings
from gateway.web import serve
from tests.e2e.http.rig import NO_AUTHORITIES, Served
from tests.rigs.events import says, thread

READS = (
    "/api/v1/conversations",
    "/api/v1/conversations/x/messages",
    "/api/v1/live",
    "/api/v1/contacts/a:b:c",
)


async def test_without_a_good_token_nothing_is_told(desk: Served) -> None:
    for path in READS:
        for header in ("", "Bearer", "Bearer tl_0_0", "Basic dGw6dGw=", desk.rig.token):
            answer = await desk.stranger.get(path, headers={"Authorization": header})

            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.json()["code"] == "unauthorized"


async def test_a_revoked_token_is_refused_at_once(desk: Served) -> None:
    tokens = desk.rig.desk.tokens
    assert (await desk.http.get("/api/v1/conversations")).status_code == 200

    tokens.revoke(tokens.list()[0].id)

    assert (await desk.http.get("/api/v1/conversations")).status_code == 401


async def test_what_a_foreign_form_could_send_is_refused(desk: Served) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = await desk.http.post(
            "/api/v1/links", content=b'{"a":"x","b":"y"}', headers={"Content-Type": kind}
        )

        assert answer.status_code == 415


async def test_a_body_that_is_too_large_is_refused(desk: Served) -> None:
    conversation = await desk.rig.hears(says(thread("mei"), "mei", "Hello"))

    answer = await desk.http.post(
        f"/api/v1/conversations/{conversation.id}/notes", json={"text": "x" * 2_000_000}
    )

    assert answer.status_code == 413


async def test_a_body_that_is_not_json_is_refused(desk: Served) -> None:
    answer = await desk.http.post(
        "/api/v1/links", content=b"{", headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/", "/api/v1/conversations", "/api/v1/nothing", "/nothing"])
async def test_every_answer_protects_the_page(desk: Served, path: str) -> None:
    answer = await desk.stranger.get(path, headers={"Origin": "https://evil.example"})

    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert policy.endswith("frame-ancestors http://127.0.0.1:9")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in answer.headers
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_method_that_does_not_exist_is_refused(desk: Served) -> None:
    answer = await desk.http.put("/api/v1/conversations", json={})

    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"


async def test_our_own_mistakes_are_told_by_an_id_only(desk: Served) -> None:
    """What broke is in the log; whoever asked gets something to quote."""
    (desk.rig.data_dir / "tokens.json").write_text("{")

    answer = await desk.http.get("/api/v1/conversations")

    problem = answer.json()
    assert answer.status_code == 500
    assert len(problem["id"]) == 26
    assert "tokens.json" not in answer.text


async def test_readiness_is_told_to_whoever_balances_the_load(desk: Served) -> None:
    ready = await desk.stranger.get("/readyz")
    desk.rig.healthy = False
    drained = await desk.stranger.get("/readyz")

    assert (ready.status_code, drained.status_code) == (200, 503)
    assert drained.json() == {"ready": False, "store": "unavailable", "settings": "", "inboxes": []}
    assert (await desk.stranger.get("/livez")).status_code == 200


async def test_the_interface_describes_itself(desk: Served) -> None:
    schema = (await desk.stranger.get("/api/v1/openapi.json")).json()

    assert schema["openapi"].startswith("3.1")
    paths = schema["paths"]
    assert paths["/api/v1/conversations/{ref}/replies"]["post"]["security"] == [
        {"token": ["messages:write"]}
    ]
    assert "401" in paths["/api/v1/live"]["get"]["responses"]
    assert set(schema["components"]["schemas"]["Entry"]["properties"]) >= {"message", "delivery"}
    message = "/api/v1/conversations/{ref}/messages/{leg}/{position}"
    for path, media_type in (
        (f"{message}/html/{{digest}}", "text/html"),
        (f"{message}/attachments/{{attachment}}", "application/octet-stream"),
    ):
        assert list(paths[path]["get"]["responses"]["200"]["content"]) == [media_type]


async def test_the_page_is_served_and_asked_for_again_only_when_it_changed(desk: Served) -> None:
    first = await desk.stranger.get("/")
    again = await desk.stranger.get("/", headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["content-type"] == "text/html; charset=utf-8"
    assert (again.status_code, again.content) == (304, b"")
    assert (await desk.stranger.get("/static/..%2Fapp.py")).status_code == 404


async def test_who_guesses_behind_a_proxy_cannot_say_that_they_are_others(desk: Served) -> None:
    """A new address in each request would be a new allowance of wrong tokens; or somebody else's,
    who would be kept out by it.
    """
    app = http_app(desk.rig.desk, desk.feed)
    async with (
        serve(app, WebSettings(bind="127.0.0.1:0")) as url,
        httpx.AsyncClient(base_url=url, verify=NO_AUTHORITIES) as proxy,
    ):

        async def asks(token: str, *forwarded: str) -> int:
            """What a proxy saw is the last of it: what was there before, it was sent."""
            headers = [("Authorization", f"Bearer {token}")]
            headers += [("X-Forwarded-For", one) for one in forwarded]
            return (await proxy.get("/api/v1/me", headers=headers)).status_code

        count = WRONG_PER_MINUTE + 1
        in_one = [await asks("tl_x_y", f"192.0.2.{n}, 203.0.113.7") for n in range(count)]
        in_two = [await asks("tl_x_y", f"192.0.2.{n}", "2001:db8::7") for n in range(count)]
        others = [await asks(desk.rig.token, one) for one in ("192.0.2.1", "203.0.113.8")]

    assert in_one == in_two == [401] * WRONG_PER_MINUTE + [429]
    assert others == [200, 200]
