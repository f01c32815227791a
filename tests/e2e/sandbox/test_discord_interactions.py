"""Commands, menus, buttons, select menus and forms, asked by persons and answered by discord.py."""

from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
from discord import app_commands
from typing_extensions import override

from sandbox.discord.app import File
from sandbox.discord.applications import Interaction
from sandbox.discord.kinds import PRIVILEGED, CallbackKind
from sandbox.errors import ActError, UnknownThing
from sandbox.server import Sandbox
from tests.rigs.discord_client import Client, running
from tests.rigs.waiting import eventually


class Intake(discord.ui.Modal, title="New request"):
    """The form."""

    subject: discord.ui.TextInput["Intake"] = discord.ui.TextInput(
        label="Subject", custom_id="subject", min_length=3
    )

    @override
    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"noted: {self.subject.value}", ephemeral=True)


class Choices(discord.ui.View):
    """A button and a select menu."""

    @discord.ui.button(label="Ask", custom_id="ask")
    async def ask(self, interaction: discord.Interaction, _: Any) -> None:
        await interaction.response.send_modal(Intake())

    @discord.ui.select(
        custom_id="topic",
        options=[discord.SelectOption(label="Bill"), discord.SelectOption(label="Parcel")],
    )
    async def topic(self, interaction: discord.Interaction, menu: Any) -> None:
        await interaction.response.edit_message(content=f"about {menu.values[0]}", view=None)


class Bot(Client):
    """Knows a command of each kind, and registers them."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self.tree = app_commands.CommandTree(self)

        @self.tree.command(description="Say hello")
        @app_commands.choices(tone=[app_commands.Choice(name="Kind", value="kind")])
        async def hello(
            interaction: discord.Interaction,
            whom: discord.Member,
            tone: str = "plain",
            proof: discord.Attachment | None = None,
        ) -> None:
            bytes_read = len(await proof.read()) if proof else 0
            await interaction.response.send_message(f"{tone} hello {whom.name} {bytes_read}")

        @self.tree.command(description="Choose")
        async def desk(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("choose", view=Choices(), ephemeral=True)

        @self.tree.context_menu(name="Hand over")
        @app_commands.default_permissions(manage_messages=True)
        async def hand(interaction: discord.Interaction, message: discord.Message) -> None:
            await interaction.response.defer(ephemeral=True)
            await interaction.followup.send(f"handed over: {message.content}")

    @override
    async def setup_hook(self) -> None:
        await self.tree.sync()


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[Bot]:
    sandbox.discord.grant(PRIVILEGED)
    client = Bot(sandbox)
    async with running(sandbox, client):
        yield client


async def answered(interaction: Interaction) -> str:
    """The text of the answer, once it is there."""
    await eventually(lambda: interaction.original is not None and not interaction.deferred)
    assert interaction.original is not None
    return interaction.original.content


async def test_a_slash_command_arrives_with_its_options_and_is_answered(
    sandbox: Sandbox, bot: Bot
) -> None:
    """Managers open conversations by commands."""
    app = sandbox.discord
    jonas = str(app.user("jonas").id)

    asked = app.slash(
        "mei",
        "/hello",
        {"whom": jonas, "tone": "kind"},
        "support",
        files={"proof": File(name="a.bin", content=b"12345")},
    )

    assert await answered(asked) == "kind hello jonas.keller 5"
    assert app.texts("jonas", "support") == ["kind hello jonas.keller 5"]


async def test_what_the_app_would_not_let_people_ask_is_refused(sandbox: Sandbox, bot: Bot) -> None:
    """A test would rely on interactions that Discord never sends."""
    app = sandbox.discord
    jonas = str(app.user("jonas").id)
    message = app.say("mei", "help", "support")

    with pytest.raises(UnknownThing):
        app.slash("mei", "goodbye", {}, "support")
    with pytest.raises(ActError, match="required"):
        app.slash("mei", "hello", {}, "support")
    with pytest.raises(ActError, match="one of"):
        app.slash("mei", "hello", {"whom": jonas, "tone": "rude"}, "support")
    with pytest.raises(UnknownThing):
        app.message_menu("mei", "Hand over", message)


async def test_a_deferred_context_menu_is_answered_for_one_person_alone(
    sandbox: Sandbox, bot: Bot
) -> None:
    """What a manager is told must not be read by the whole channel."""
    app = sandbox.discord
    message = app.say("mei", "help", "support")

    asked = app.message_menu("noor", "Hand over", message)
    await eventually(lambda: "handed over: help" in app.texts("noor", "support"))

    assert asked.answer is CallbackKind.DEFERRED_MESSAGE
    assert app.texts("mei", "support") == ["help"]


async def test_a_button_opens_a_form_which_is_filled_in_and_submitted(
    sandbox: Sandbox, bot: Bot
) -> None:
    """Intake forms are how customers say what it is about."""
    app = sandbox.discord
    desk = app.slash("mei", "desk", place="support")
    await answered(desk)
    assert desk.original is not None
    pressed = app.press("mei", desk.original, "Ask")
    await eventually(lambda: app.form("mei") is pressed)

    with pytest.raises(ActError, match="characters"):
        app.submit("mei", given={"subject": "ab"})
    submitted = app.submit("mei", given={"subject": "a lost parcel"})

    assert await answered(submitted) == "noted: a lost parcel"
    assert app.form("mei") is None
    assert "noted: a lost parcel" not in app.texts("jonas", "support")


async def test_a_choice_in_a_menu_changes_the_message_it_stands_in(
    sandbox: Sandbox, bot: Bot
) -> None:
    """The first step of an intake would stay and be answered twice."""
    app = sandbox.discord
    desk = app.slash("mei", "desk")
    await answered(desk)
    assert desk.original is not None

    app.choose("mei", desk.original, "topic", "Parcel")
    await eventually(lambda: app.texts("mei") == ["about Parcel"])

    assert desk.original.components == []


async def test_whoever_may_not_see_an_answer_cannot_press_it(sandbox: Sandbox, bot: Bot) -> None:
    """One customer would answer another's form."""
    app = sandbox.discord
    desk = app.slash("mei", "desk", place="support")
    await answered(desk)
    assert desk.original is not None

    with pytest.raises(UnknownThing):
        app.press("jonas", desk.original, "Ask")
