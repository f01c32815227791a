"""What persons do in their Discord app: the other side of the gateway and of REST."""

from sandbox.discord.app.acts import File, Place
from sandbox.discord.app.guilds import Guilds
from sandbox.discord.app.interacting import Interacting
from sandbox.discord.app.looking import Looking
from sandbox.discord.app.threads import Threads

__all__ = ["DiscordApp", "File", "Place"]


class DiscordApp(Threads, Guilds, Interacting, Looking):
    """Acts as the persons of the world, and as Discord itself where no person could.

    Persons are named by their keys ("mei"; "noor" is a community manager, "kofi" owns the guild).
    A place is a channel or thread, its id or its name; left out, the person's direct messages with
    the first bot. Messages are ids, numbers or texts, or messages themselves.
    Raises ActError when the app would not let them.
    """
