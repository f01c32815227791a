"""Settings: everything that is wrong is told at once, with its line and what would be right."""

from pathlib import Path
from typing import Literal

import msgspec
import pytest
from typing_extensions import override

from core.errors import ConfigurationError
from core.model.secret import Secret
from gateway.settings import Durability, Settings
from gateway.settings_file import Loaded, load


class Mailbox(msgspec.Struct, frozen=True, kw_only=True):
    host: str
    password: Secret
    tls: Literal["tls", "none"] = "tls"


class CarrierPigeon(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of an invented adapter."""

    address: str
    token: Secret | None = None
    pigeons: int = 1
    imap: Mailbox | None = None

    def __post_init__(self) -> None:
        if "@" not in self.address:
            raise ValueError('"address" must be an address')


def read(
    tmp_path: Path, text: str, *, overrides: dict[str, str] | None = None, **env: str
) -> Loaded:
    path = tmp_path / "trunkline.toml"
    path.write_text(text)
    return load(path, environ=env, kinds={"pigeon": CarrierPigeon}, overrides=overrides)


def problems(tmp_path: Path, text: str, **env: str) -> list[str]:
    path = tmp_path / "trunkline.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as error:
        load(path, environ=env, kinds={"pigeon": CarrierPigeon})
    return str(error.value).splitlines()


def pigeon(settings: Settings) -> CarrierPigeon:
    adapter = settings.channels[0].adapter
    assert isinstance(adapter, CarrierPigeon)
    return adapter


def test_without_a_file_everything_has_a_default() -> None:
    loaded = load(None, environ={}, kinds={})

    assert loaded.settings.redis.url is None
    assert loaded.settings.redis.durability is Durability.PROCESS
    assert (loaded.settings.web.host, loaded.settings.web.port) == ("127.0.0.1", 8080)
    assert loaded.warnings == ()


def test_option_beats_environment_beats_file_beats_default(tmp_path: Path) -> None:
    text = "[workers]\nlease_seconds = 1\npoll_seconds = 2\nsend_seconds = 3\n"

    workers = read(
        tmp_path,
        text,
        overrides={"workers.send_seconds": "33"},
        TRUNKLINE_WORKERS__POLL_SECONDS="22",
        TRUNKLINE_WORKERS__SEND_SECONDS="23",
    ).settings.workers

    assert workers.lease_seconds == 1
    assert workers.poll_seconds == 22
    assert workers.send_seconds == 33
    assert workers.drain_seconds == 5


def test_an_inbox_of_any_kind_may_acknowledge(tmp_path: Path) -> None:
    text = """
[[channel]]
id = "loft"
kind = "pigeon"
address = "loft@example.test"
[channel.acknowledge]
text = "Noted as {number}."
per_minute_max = 5
[channel.acknowledge.languages]
de = "Notiert als {number}."
pt-BR = "Anotado como {number}."
"""

    acknowledge = read(tmp_path, text).settings.channels[0].acknowledge

    assert acknowledge.text_for("de-CH") == "Notiert als {number}."
    assert acknowledge.text_for("pt_BR") == "Anotado como {number}."
    assert (acknowledge.text_for("fr"), acknowledge.per_minute_max) == ("Noted as {number}.", 5)


def test_a_channel_is_read_by_the_settings_of_its_kind(tmp_path: Path) -> None:
    text = """
        [[channel]]
        id = "loft"
        kind = "pigeon"
        address = "loft@example.test"
        imap = { host = "mail.example.test", password = { env = "PW" }, tls = "none" }
    """
    settings = read(tmp_path, text, PW="pa55").settings

    assert (settings.channels[0].id, settings.channels[0].kind) == ("loft", "pigeon")
    box = Mailbox(host="mail.example.test", password=Secret("pa55"), tls="none")
    assert pigeon(settings).imap == box


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    assert read(tmp_path, '[app]\ndata_dir = "d"').settings.data_dir == tmp_path / "d"
    assert read(tmp_path, '[app]\ndata_dir = "/d"').settings.data_dir == Path("/d")


# --- what is wrong


CHANNEL = '[[channel]]\nid = "loft"\nkind = "pigeon"\naddress = "loft@example.test"\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            '[[channel]]\nid = "loft"\nkind = "pigeon"\naddress = "a@b"\nadress = "x"',
            'trunkline.toml:5: unknown key "adress" in [[channel]], did you mean "address"?',
        ),
        (
            CHANNEL + '\n[channel.imap]\nhost = "x"\npassword = "p"\nhosts = "y"',
            'trunkline.toml:9: unknown key "hosts" in [channel.imap], did you mean "host"?',
        ),
        (
            "[chanel]",
            'trunkline.toml:1: unknown key "chanel" in the file, did you mean "channel"?',
        ),
        (
            "[web]\nqqq = 1",
            'trunkline.toml:2: unknown key "qqq" in [web] (known: bind, link_seconds, public_url,'
            " trusted_proxies)",
        ),
        (
            '\n\n[redis]\npartitions = "16"',
            'trunkline.toml:4: "partitions" in [redis]: expected a whole number, got text',
        ),
        (
            "[redis]\npartitions = 0",
            'trunkline.toml:2: "partitions" in [redis]: expected a whole number >= 1',
        ),
        (
            '[redis]\ndurability = "maybe"',
            'trunkline.toml:2: "durability" in [redis]: expected one of "process", "disk",'
            ' "replicated"',
        ),
        (
            '[redis]\ndurability = "replicated"',
            'trunkline.toml:1: [redis]: durability "replicated" needs "url": the embedded server'
            " is alone",
        ),
        (
            'app = "x"',
            "trunkline.toml:1: expected [app] to be a table",
        ),
        (
            '[web]\npublic_url = "desk.example.org"',
            'trunkline.toml:1: [web]: "public_url" must be an address like '
            "https://support.example.com",
        ),
        (
            '[web]\nbind = "8080"',
            'trunkline.toml:1: [web]: "bind" must be host:port, like 127.0.0.1:8080 or [::1]:8080',
        ),
        (
            '[app]\nname = "x',
            "trunkline.toml:2: not TOML: Unterminated string",
        ),
        (
            CHANNEL + CHANNEL,
            'trunkline.toml:6: another channel is called "loft"',
        ),
        (
            "[channel]\nid = 1",
            "trunkline.toml:1: write [[channel]], with two brackets: there may be several",
        ),
        (
            '[[channel]]\nid = "loft"\nkind = "pidgeon"',
            'trunkline.toml:3: unknown kind "pidgeon", did you mean "pigeon"?',
        ),
        (
            '[[channel]]\nid = "loft"',
            'trunkline.toml:1: [[channel]] needs a "kind" (known: pigeon)',
        ),
        (
            CHANNEL.replace("loft", "Lo:ft", 1),
            'trunkline.toml:2: [[channel]] needs an "id" of at most 32 small letters, digits, "-"'
            ' and "_"',
        ),
        (
            '[[channel]]\nid = "loft"\nkind = "pigeon"',
            'trunkline.toml:1: [[channel]] needs "address"',
        ),
        (
            CHANNEL.replace("@", ""),
            'trunkline.toml:1: [[channel]]: "address" must be an address',
        ),
        (
            CHANNEL + "pigeons = 1.5",
            'trunkline.toml:5: "pigeons" in [[channel]]: expected a whole number, got a number',
        ),
        (
            CHANNEL + 'token = { env = "PIGEON" }',
            'trunkline.toml:5: "token" in [[channel]]: the environment variable PIGEON is not set:'
            ' set it, or keep the secret in a file and write {file = "PATH"}',
        ),
        (
            CHANNEL + 'token = { envv = "PIGEON" }',
            'trunkline.toml:5: "token" in [[channel]]: expected {env = "NAME"}, {file = "PATH"} or'
            " text",
        ),
        (
            CHANNEL + 'imap = { host = "h", password = "p", tls = "ssl" }',
            'trunkline.toml:5: "tls" in [channel.imap]: expected one of "tls", "none"',
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_a_way_out(
    tmp_path: Path, text: str, problem: str
) -> None:
    assert problems(tmp_path, text)[0].startswith(problem)


@pytest.mark.parametrize(
    "line",
    [
        "[workers]\nlease_seconds = 0.01",
        "[workers]\nlease_seconds = inf",
        "[workers]\npoll_seconds = inf",
        "[workers]\ndrain_seconds = inf",
        "[limits]\nlive_max = 1",
        "[limits]\nevents_max = 1",
        "[web]\nlink_seconds = inf",
        "[journal]\nhours = inf",
        "[webhooks]\ngive_up_days = inf",
        "[webhooks]\nkeep_days = inf",
    ],
)
def test_what_would_double_or_lose_is_no_setting(tmp_path: Path, line: str) -> None:
    """A lease that ends during the work, or a stream shorter than a burst, is found out in
    production by customers.
    """
    name = line.split("\n")[1].split(" ")[0]

    assert problems(tmp_path, line)[0].startswith(f'trunkline.toml:2: "{name}" in [')


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = """[app]
nmae = "x"
[redis]
partitions = "x"
[[channel]]
kind = "pigeon"
pigeons = true
"""
    found = problems(tmp_path, text, TRUNKLINE_WEB__PORT="1")

    assert [line.split(":")[1] for line in found if "toml" in line] == list("24557")
    assert [line for line in found if line.startswith("TRUNKLINE_WEB__PORT: unknown key")]


def test_a_channel_cannot_come_from_the_environment(tmp_path: Path) -> None:
    found = problems(tmp_path, CHANNEL, TRUNKLINE_CHANNEL__ADDRESS="x@y")

    assert found[0].startswith("TRUNKLINE_CHANNEL__ADDRESS: not a setting.")


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(ConfigurationError, match=r"no settings at /nowhere/trunkline\.toml"):
        load(Path("/nowhere/trunkline.toml"), environ={}, kinds={})


def test_a_kind_whose_extra_is_not_installed_is_told_with_the_remedy(tmp_path: Path) -> None:
    class Kinds(dict[str, type[msgspec.Struct]]):
        @override
        def __getitem__(self, kind: str) -> type[msgspec.Struct]:
            raise ConfigurationError(f"pip install 'trunkline[{kind}]'")

    path = tmp_path / "trunkline.toml"
    path.write_text(CHANNEL)

    with pytest.raises(ConfigurationError, match=r"^trunkline.toml:3: pip install"):
        load(path, environ={}, kinds=Kinds(pigeon=CarrierPigeon))


# --- secrets


def test_a_secret_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "pigeon.txt").touch(mode=0o600)
    (tmp_path / "pigeon.txt").write_text("from a file\n")

    by_env = read(tmp_path, CHANNEL + 'token = { env = "PIGEON" }', PIGEON="from env")
    by_file = read(tmp_path, CHANNEL + 'token = { file = "pigeon.txt" }')

    assert pigeon(by_env.settings).token == Secret("from env")
    assert pigeon(by_file.settings).token == Secret("from a file")
    assert not by_env.warnings + by_file.warnings


def test_systemd_credentials_are_found_by_their_name(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "pigeon").write_text("from systemd")

    text = CHANNEL + 'token = { file = "pigeon" }'
    settings = read(tmp_path, text, CREDENTIALS_DIRECTORY=str(credentials)).settings

    assert pigeon(settings).token == Secret("from systemd")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "No such file or directory"), (b"", "is empty"), (b"\xff\xfe", "not text")],
)
def test_a_secret_file_that_will_not_do_is_told(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / "pigeon.txt").write_bytes(content)

    found = problems(tmp_path, CHANNEL + 'token = { file = "pigeon.txt" }')

    assert found[0].startswith("trunkline.toml:5: ")
    assert reason in found[0]
    assert "put the secret there" in found[0]


def test_a_secret_in_plain_text_works_and_is_warned_of_without_being_shown(tmp_path: Path) -> None:
    loaded = read(tmp_path, CHANNEL + 'token = "coo-coo"')

    assert pigeon(loaded.settings).token == Secret("coo-coo")
    assert loaded.warnings == (
        'trunkline.toml:5: "token" in [[channel]] is a secret in plain text; write {env = "NAME"}'
        ' or {file = "PATH"} instead',
    )


def test_an_address_without_a_password_is_no_secret_to_warn_of(tmp_path: Path) -> None:
    plain = read(tmp_path, '[redis]\nurl = "redis://127.0.0.1:6379/0"')
    with_password = read(tmp_path, '[redis]\nurl = "redis://:pa55@127.0.0.1:6379/0"')
    from_outside = read(tmp_path, "", TRUNKLINE_REDIS__URL="redis://:pa55@127.0.0.1:6379/0")

    assert not plain.warnings
    assert len(with_password.warnings) == 1
    assert not from_outside.warnings


def test_no_secret_is_ever_printed(tmp_path: Path) -> None:
    loaded = read(tmp_path, CHANNEL + 'token = "coo-coo"')
    secret = pigeon(loaded.settings).token

    shown = [repr(loaded), str(secret), f"{secret}", f"{secret!r}", "/".join(map(str, [secret]))]
    assert not [text for text in shown if "coo-coo" in text]
    with pytest.raises(TypeError):
        msgspec.json.encode(loaded.settings.channels)
