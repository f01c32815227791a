"""`trunkline init`: a new installation, in four questions."""

import re
import sys
from pathlib import Path
from typing import Final, NamedTuple, TextIO

import click

from core.errors import ConfigurationError
from gateway.commands.output import Asked, data, say

KINDS: Final = ("telegram", "email", "discord")
NONE: Final = "none"
SECRETS: Final = {
    "telegram": "the token that @BotFather gave",
    "email": "the mailbox' password",
    "discord": "the bot's token, from the developer portal",
}
ADDRESS: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


class _Answers(NamedTuple):
    """`secret` empty: it is put in place later."""

    name: str
    channel: str
    address: str
    secret: str
    agent: str


@click.command()
@click.option("--name", help="What the support is called. [default: Support]")
@click.option("--channel", type=click.Choice([*KINDS, NONE]), help="The first inbox.")
@click.option("--address", help="For e-mail: the address that customers write to.")
@click.option(
    "--secret-file",
    type=click.File("r"),
    help="Holds the bot's token or the mailbox' password; - is standard input.",
)
@click.option("--agent", help="The first agent, as customers see them. [default: Support]")
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Where to write. [default: here]",
)
@click.option("--yes", is_flag=True, help="Ask nothing: take the options and defaults.")
@click.pass_obj
def command(
    _asked: Asked,
    name: str | None,
    channel: str | None,
    address: str | None,
    secret_file: "TextIO | None",
    agent: str | None,
    directory: Path,
    *,
    yes: bool,
) -> None:
    """Write the settings of a new installation, and make the first token.

    Four questions; an option answers one beforehand. Nothing is ever overwritten. The settings are
    trunkline.toml, with a secret in a file beside it that only you can read.
    """
    from gateway.work.init import Installation, free, write

    free(directory)
    given = secret_file.read().strip() if secret_file else ""
    answers = _Answers(name or "", channel or "", address or "", given, agent or "")
    if not yes and not sys.stdin.isatty():
        raise ConfigurationError("there is nobody to ask here: give options, and --yes")
    answers = _defaults(answers) if yes else _questions(answers)
    _check(answers)
    token = write(directory, Installation(**answers._asdict()))
    settings = directory / "trunkline.toml"
    say(f"{settings} is written. Read it: every line says what it is for.")
    say(f"The token of {answers.agent} is shown this once:")
    data(token)
    option = "" if directory == Path() else f"--config {settings} "
    if answers.channel == NONE:
        say("Next: add a [[channel]] to it, then `trunkline check`.")
    else:
        say(f"Next: trunkline {option}doctor, then trunkline {option}up")


def _defaults(given: _Answers) -> _Answers:
    return given._replace(
        name=given.name or "Support",
        channel=given.channel or NONE,
        agent=given.agent or "Support",
    )


def _questions(given: _Answers) -> _Answers:
    name = given.name or click.prompt("What is your support called", default="Support", err=True)
    channel = given.channel or click.prompt(
        "Which inbox comes first", type=click.Choice([*KINDS, NONE]), default=NONE, err=True
    )
    address, secret = given.address, given.secret
    if channel == "email" and not address:
        address = click.prompt("Which address do customers write to", err=True)
    if channel in KINDS and not secret:
        secret = click.prompt(f"Paste {SECRETS[channel]} (not shown)", hide_input=True, err=True)
    agent = given.agent or click.prompt("Who answers, as customers see it", default=name, err=True)
    return _Answers(name, channel, address, secret.strip(), agent)


def _check(answers: _Answers) -> None:
    if answers.channel in KINDS and not answers.secret:
        raise ConfigurationError(
            f"--channel {answers.channel} needs {SECRETS[answers.channel]}: --secret-file FILE"
        )
    if answers.channel == "email" and not ADDRESS.fullmatch(answers.address):
        raise ConfigurationError("--channel email needs --address: support@example.org")
    for text in answers:
        if not text.isprintable():
            raise ConfigurationError("an answer holds what cannot be printed: type it anew")
