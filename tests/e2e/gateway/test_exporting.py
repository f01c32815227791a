"""`trunkline export` beside a gateway: what a person may ask for, and nothing of anybody else."""

import json
from pathlib import Path
from typing import Any

from core.model.conversation import Conversation
from sandbox.server import Sandbox
from tests.rigs.api import Api
from tests.rigs.customer import Customer
from tests.rigs.gateway import Gateway
from tests.rigs.waiting import eventually


async def test_a_person_gets_all_that_is_theirs_and_nothing_of_others(
    sandbox: Sandbox, gateway: Gateway, agent: Api, tmp_path: Path
) -> None:
    """Who asks what is known of them, and who must not be told of by that."""
    mei, jonas = Customer(sandbox, "mei"), Customer(sandbox, "jonas")
    mei.says("Mine, by phone")
    phone = await by_words(agent, "Mine, by phone")
    mei.sends_file("../../proof.pdf", b"%PDF-1.4 of mine", "Look")
    mei.writes("Mine, by mail", subject="A letter", drawing=b"\x00\x01")
    mail = await by_words(agent, "Mine, by mail")
    jonas.says("Another's words")
    other = await by_words(agent, "Another's words")
    await agent.http.post(f"/api/v1/conversations/{phone.number}/notes", json={"text": "Rude"})
    await post(agent, "/api/v1/links", a=author(phone), b=author(mail), why="same order")
    await post(agent, f"/api/v1/conversations/{phone.number}/merge", **{"with": other.number})
    await eventually(lambda: stored(agent, phone.number, 2))

    done = await gateway.command("export", author(mail), "--out", str(tmp_path / "mei"), "--json")

    assert done.returncode == 0, done.stderr
    told, known = json.loads(done.stdout), read(tmp_path / "mei" / "contact.json")
    assert {one["id"] for one in known["contact"]["identities"]} == {author(phone), author(mail)}
    assert [one["evidence"] for one in known["links"]] == ["same order"]
    assert [one["action"] for one in known["audit"]] == ["link"]
    (file,) = (tmp_path / "mei" / "conversations").iterdir()
    messages = read(file)["messages"]
    assert [one["message"]["direction"] for one in messages].count("note") == 1
    for words in ("Mine, by phone", "Mine, by mail", "Rude"):
        assert words in file.read_text()
    assert not any("Another's words" in one.read_text() for one in texts(tmp_path / "mei"))
    enclosed = [place for one in messages for place in one.get("files", {}).values()]
    contents = {(tmp_path / "mei" / place).read_bytes() for place in enclosed}
    assert {b"%PDF-1.4 of mine", b"\x00\x01"} <= contents
    assert told["messages"] == len(messages)
    assert told["files"] == len(enclosed)
    assert told["files_missing"] == 0
    assert modes(tmp_path / "mei") == {0o600}


async def test_a_conversation_is_exported_whole_and_nothing_is_overwritten(
    sandbox: Sandbox, gateway: Gateway, agent: Api, tmp_path: Path
) -> None:
    """An operator who is asked for one case, and asks twice."""
    mei, jonas = Customer(sandbox, "mei"), Customer(sandbox, "jonas")
    mei.says("Mine")
    jonas.says("Another's words")
    mine, other = await by_words(agent, "Mine"), await by_words(agent, "Another's words")
    await post(agent, f"/api/v1/conversations/{mine.number}/merge", **{"with": other.number})
    words = ("export", mine.number, "--out", str(tmp_path / "case"))

    done = await gateway.command(*words)
    again = await gateway.command(*words)
    person = await gateway.command(
        "export", other.number, "--person", "--out", str(tmp_path / "jonas")
    )
    nobody = await gateway.command("export", "telegram:tg:1", "--out", str(tmp_path / "nobody"))

    codes = (done.returncode, again.returncode, person.returncode, nobody.returncode)
    assert codes == (0, 2, 0, 1), done.stderr + person.stderr
    assert "name a new directory" in again.stderr
    (file,) = (tmp_path / "case" / "conversations").iterdir()
    assert [one["message"]["parts"][0]["text"] for one in read(file)["messages"]] == [
        "Mine",
        "Another's words",
    ]
    (theirs,) = (tmp_path / "jonas" / "conversations").iterdir()
    assert '"Mine"' not in theirs.read_text()
    assert not (tmp_path / "nobody").exists()


async def by_words(agent: Api, words: str) -> Conversation:
    """The conversation in which that was said, once it is there."""
    found: list[Conversation] = []

    async def is_there() -> bool:
        everything = await agent.all_conversations()
        found.extend([one for one in everything if words in str(await agent.heard(one.number))])
        return bool(found)

    await eventually(is_there)
    return found[0]


async def stored(agent: Api, number: str, count: int) -> bool:
    """Whether so many attachments are."""
    entries = await agent.entries(number)
    return str([one.message.parts for one in entries]).count("AttachmentState.STORED") >= count


async def post(agent: Api, url: str, **body: str) -> None:
    async with agent.http.post(url, json=body) as answer:
        await answer.read()


def author(conversation: Conversation) -> str:
    return conversation.legs[0].author


def read(file: Path) -> Any:
    return json.loads(file.read_bytes())


def texts(directory: Path) -> list[Path]:
    return list(directory.glob("**/*.json"))


def modes(directory: Path) -> set[int]:
    return {one.stat().st_mode & 0o777 for one in directory.glob("**/*") if one.is_file()}
