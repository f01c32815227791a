"""Who may ask for what, and what a client may make us believe."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.community import words
from adapters.discord.community.answers import Answer
from adapters.discord.community.asking import Asked, Kind, read
from adapters.discord.community.custom_ids import LENGTH_MAX, Act, CustomIds, Signed
from adapters.discord.community.deciding import (
    Begin,
    GoOn,
    Hand,
    Open,
    Pressed,
    Redeem,
    Say,
    Show,
    Solve,
    Step,
    TellCode,
    TellStatus,
    TellStatusOf,
    WriteTo,
    decide,
)
from adapters.discord.community.forms import Urgency
from adapters.discord.settings import DiscordSettings
from core.errors import MalformedPayload
from core.model.conversation import Status
from tests.unit.adapters.discord.asking import (
    ANNA,
    BORIS,
    CHANNEL,
    GUILD,
    MESSAGE,
    SECRET,
    asked,
    directly,
    form,
    manager,
    menu,
    payload,
    settings,
)

IDS = CustomIds(SECRET)
ROLE = "700000000000000001"


def step(question: Asked, options: DiscordSettings | None = None) -> Step:
    return decide(question, options or settings(), IDS)


def slash(name: str, **options: str) -> dict[str, Any]:
    given = [{"name": key, "type": 3, "value": value} for key, value in options.items()]
    return {"name": name, "type": 1, "options": given}


def ticket(*, bot: bool = False, member: bool = True) -> dict[str, Any]:
    users = {BORIS: {"id": BORIS, "username": "boris", "bot": bot}}
    resolved = {"users": users, "members": {BORIS: {"roles": []}} if member else {}}
    return slash("ticket", member=BORIS, subject="KYC") | {"resolved": resolved}


def pressing(act: Act, asker: str = ANNA) -> dict[str, Any]:
    return {"custom_id": IDS.write(act, CHANNEL, MESSAGE, asker), "component_type": 2}


def handing(person: str = ANNA) -> dict[str, Any]:
    custom_id = IDS.write(Act.HAND, CHANNEL, MESSAGE, person=person)
    return form(custom_id, reason="Angry", urgency="high")


BY_MANAGER = {"member": manager()}
BY_ROLE = {"member": manager(roles=(ROLE,))}

RIGHTS = [
    # what is asked for, by a member, by who may moderate, in direct messages
    ("support", slash("support"), 2, Show, Show, Show),
    ("status", slash("status"), 2, TellStatus, TellStatus, TellStatus),
    ("link", slash("link"), 2, TellCode, TellCode, TellCode),
    ("link code", slash("link", code="L-1"), 2, Redeem, Redeem, Redeem),
    ("ticket", ticket(), 2, Say, WriteTo, Say),
    ("ticket to a bot", ticket(bot=True), 2, Say, Say, Say),
    ("ticket to a stranger", ticket(member=False), 2, Say, Say, Say),
    ("open own", menu("Open a conversation"), 2, Open, Open, Say),
    ("open another's", menu("Open a conversation", BORIS), 2, Say, Open, Say),
    ("open a bot's", menu("Open a conversation", BORIS, bot=True), 2, Say, Say, Say),
    ("hand", menu("Hand to support", BORIS), 2, Say, Show, Say),
    ("hand form", handing(), 5, Say, Hand, Say),
    ("go on, own", pressing(Act.CONTINUE), 3, GoOn, GoOn, Say),
    ("go on, another's", pressing(Act.CONTINUE, BORIS), 3, Say, Say, Say),
    ("status, own", pressing(Act.STATUS), 3, TellStatusOf, TellStatusOf, Say),
    ("status, another's", pressing(Act.STATUS, BORIS), 3, Say, TellStatusOf, Say),
    ("solved, own", pressing(Act.SOLVED), 3, Solve, Solve, Say),
    ("solved, another's", pressing(Act.SOLVED, BORIS), 3, Say, Solve, Say),
    ("an agent's button", {"custom_id": "b3", "component_type": 2}, 3, Pressed, Pressed, Pressed),
    ("unknown command", slash("ban"), 2, Say, Say, Say),
    ("a menu's name after a slash", slash("Hand to support"), 2, Say, Say, Say),
]


@pytest.mark.parametrize(
    ("data", "kind", "member", "moderator", "direct"),
    [row[1:] for row in RIGHTS],
    ids=[row[0] for row in RIGHTS],
)
def test_everybody_may_ask_for_what_is_theirs_and_managers_for_more(
    data: dict[str, Any], kind: int, member: type, moderator: type, direct: type
) -> None:
    """A member could read others' conversations or write in the team's name; a manager could not
    work.
    """
    by_role = step(asked(kind, data, **BY_ROLE), settings(manager_roles=(ROLE,)))
    no_permission = step(asked(kind, data, **BY_MANAGER), settings(manager_permission=False))

    assert type(step(asked(kind, data))) is member
    assert type(step(asked(kind, data, **BY_MANAGER))) is moderator
    assert type(step(asked(kind, data, **directly()))) is direct
    assert type(by_role) is moderator
    assert type(no_permission) is member
    assert type(step(asked(kind, data, **BY_ROLE))) is member, "a role nobody named"


def test_a_number_is_looked_up_for_everybody_only_for_managers() -> None:
    """A number is no secret: whoever types one would read somebody else's conversation."""
    number = slash("status", number="T-7KQ4-M")

    assert step(asked(2, number)) == TellStatus("T-7KQ4-M", False)
    assert step(asked(2, number, **BY_MANAGER)) == TellStatus("T-7KQ4-M", True)
    assert step(asked(2, number, **directly())) == TellStatus("T-7KQ4-M", False)


def test_a_guild_that_is_not_served_gets_nothing_but_a_word() -> None:
    """Whoever invites the bot elsewhere would write to this operator's agents."""
    elsewhere = settings(guilds=("900000000000000099",))

    assert isinstance(step(asked(2, slash("support")), elsewhere), Say)
    assert isinstance(step(asked(2, slash("support")), settings(guilds=(GUILD,))), Show)
    assert isinstance(step(asked(2, slash("support"), **directly()), elsewhere), Show)


@pytest.mark.parametrize(
    "elsewhere", [{"context": 2, "guild_id": None}, {"channel": {"id": CHANNEL, "type": 3}}]
)
def test_among_other_people_the_bot_says_and_begins_nothing(elsewhere: dict[str, Any]) -> None:
    """What is private would be begun where somebody else reads along."""
    private = directly() | elsewhere

    assert step(asked(2, slash("support"), **private)) == Say(Answer(text=words.NOT_HERE))
    assert step(asked(3, {"custom_id": "b3"}, **private)) == Say(Answer(text=words.NOT_HERE))


@pytest.mark.parametrize("data", [handing(), pressing(Act.SOLVED, BORIS)])
def test_rights_in_one_channel_are_none_in_another(data: dict[str, Any]) -> None:
    """Who moderates the off-topic channel would decide about what is asked of support."""
    kind = Kind.FORM if "components" in data else Kind.COMPONENT
    there = {"channel_id": "900000000000000077", **BY_MANAGER}

    assert not isinstance(step(asked(kind, data, **BY_MANAGER)), Say)
    assert isinstance(step(asked(kind, data, **there)), Say)


@given(
    st.text(max_size=100),
    st.sampled_from([Kind.COMPONENT, Kind.FORM]),
    st.booleans(),
)
def test_no_custom_id_is_believed_that_we_did_not_sign(
    forged: str, kind: Kind, prefixed: bool
) -> None:
    """A client can send any custom id: it could hand over, solve or read what it likes."""
    custom_id = f"tl.{forged}" if prefixed else forged
    found = step(asked(kind, {"custom_id": custom_id, "component_type": 2}, **BY_MANAGER))

    assert isinstance(found, Say if kind is Kind.FORM or prefixed else Say | Pressed)


@pytest.mark.parametrize("act", list(Act))
def test_a_signature_holds_for_its_act_its_arguments_and_its_person(act: Act) -> None:
    """Somebody else's form could be sent in one's own name, or one's own about another message."""
    longest = ("9" * 20,) * 3
    custom_id = IDS.write(act, *longest, person=ANNA)
    said, _, signature = custom_id.rpartition(".")

    assert len(custom_id) <= LENGTH_MAX
    assert IDS.read(custom_id, ANNA) == Signed(act, longest)
    assert IDS.read(custom_id, BORIS) is None
    assert IDS.read(f"{said}1.{signature}", ANNA) is None
    assert IDS.read(f"{said}.{signature[:-1]}", ANNA) is None
    assert IDS.read(custom_id + "ü", ANNA) is None
    assert CustomIds(b"another").read(custom_id, ANNA) is None
    assert IDS.read(IDS.write(act, *longest), BORIS) == Signed(act, longest), "for everybody"


def test_what_is_given_to_a_form_is_read_back_as_it_was_asked_for() -> None:
    """The customer's words would be lost, or land in the wrong field."""
    custom_id = IDS.write(Act.SUPPORT, person=ANNA)
    said = {"subject": " Login ", "description": "It says\nno.", "reference": "UID 7"}
    filled = form(custom_id, topic="Account", **said)

    found = step(asked(5, filled))

    assert isinstance(found, Begin)
    assert found.intake.text == "Login\n\nIt says\nno.\n\nTopic: Account\nReference: UID 7"
    assert found.intake.subject == "Login"


def test_a_form_is_cut_to_what_was_asked_for() -> None:
    """A client that sends more, or other topics, would fill our log with what it likes."""
    custom_id = IDS.write(Act.SUPPORT, person=ANNA)
    filled = form(custom_id, topic="Mine", subject="s" * 5000, description="d" * 9000)

    found = step(asked(5, filled))

    assert isinstance(found, Begin)
    assert found.intake.topic == ""
    assert len(found.intake.text) <= 100 + 3000 + 2


@pytest.mark.parametrize("given", [{}, {"subject": " "}, {"subject": "a", "description": "\0"}])
def test_an_empty_form_is_given_back_with_words(given: dict[str, str]) -> None:
    """Agents would be asked nothing."""
    found = step(asked(5, form(IDS.write(Act.SUPPORT, person=ANNA), **given)))

    assert isinstance(found, Say)
    assert "/support" in found.answer.text


def test_a_hand_over_says_which_message_and_why() -> None:
    """The wrong message would be handed over."""
    found = step(asked(5, handing(), **BY_MANAGER))

    assert isinstance(found, Hand)
    assert (found.about.place.thread, found.about.message) == (f"{GUILD}/{CHANNEL}", MESSAGE)
    assert (found.why.reason, found.why.urgency) == ("Angry", Urgency.HIGH)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "x"},
        {"id": str(2**64)},
        {"token": ""},
        {"member": None},
        {"member": {"user": {"id": "-1"}}},
        {"channel_id": None},
        {"data": []},
        {"data": {"components": [{"component": 5}]}},
    ],
)
def test_what_is_no_interaction_is_malformed(change: dict[str, Any]) -> None:
    """Anything else that is raised would be taken for a mistake of our own."""
    with pytest.raises(MalformedPayload):
        read(msgspec.json.encode(payload(2, slash("support")) | change))


def test_what_is_said_names_every_state() -> None:
    """Who asks how far it is would get an error."""
    assert set(words._STATES) == set(Status)


def test_a_name_that_is_too_long_ends_between_characters_as_people_see_them() -> None:
    """A family would be torn apart in the name of its thread."""
    family = "\U0001f469\u200d\U0001f469\u200d\U0001f467"

    assert words.excerpt(f"lost {family} {family}", 12) == f"lost {family}…"
