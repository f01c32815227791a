"""Real mail servers for tests: Dovecot for IMAP, Postfix for SMTP, on free ports of 127.0.0.1.

Everything they write is in one temporary directory, and nothing they send leaves the machine.
Anybody `@example.test` has a mailbox, made by their first mail, with the password `secret`; so has
`name+detail@`. Other addresses show what can go wrong:

    unknown...@example.test   refused at once (550)
    ...@tempfail.test         refused for now (450)
    ...@soft.test             accepted; a delay notice after some seconds, then a failure notice
    ...@anything.else         accepted; a failure notice (5.1.1) at once
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from tests.rigs.dovecot import dovecot_conf
from tests.rigs.mailports import DOMAIN, HOST, Ports, free_ports
from tests.rigs.needs import program
from tests.rigs.postfix import main_cf, master_cf

DEADLINE_SECONDS: Final = 20.0
POLL_SECONDS: Final = 0.02

QUEUES_OF_POSTFIX: Final = (
    "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private",
    "saved", "trace",
)  # fmt: skip


class MailServer(msgspec.Struct, frozen=True, kw_only=True):
    """Both servers, running."""

    directory: Path
    ports: Ports

    @property
    def certificate(self) -> Path:
        """Self-signed, for `localhost` and 127.0.0.1."""
        return self.directory / "tls" / "cert.pem"

    def address(self, name: str) -> str:
        return f"{name}@{DOMAIN}"

    def log(self) -> str:
        """What the servers said, for a failing test."""
        logs = sorted((self.directory / "log").iterdir())
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')}" for path in logs)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Start both servers, as root; -> once all their ports answer. Takes about a second."""
    directory = Path(tempfile.mkdtemp(prefix="trunkline-mail-", dir="/tmp"))
    server = MailServer(directory=directory, ports=free_ports())
    try:
        _lay_out(server)
        _run("dovecot", "-c", directory / "dovecot.conf", log=directory / "log" / "dovecot-start")
        _run(
            "master",
            "-c",
            directory / "postfix" / "etc",
            "-w",
            log=directory / "log" / "postfix-start",
        )
        _wait_for_ports(server)
        yield server
    finally:
        for pid_file in ("postfix/queue/pid/master.pid", "run/master.pid"):
            _stop(directory / pid_file)
        shutil.rmtree(directory)


def _run(name: str, *arguments: str | Path, log: Path) -> None:
    """Start a daemon. Its output goes to a file: it would hold a pipe open for ever."""
    with log.open("wb") as output:
        subprocess.run(
            [_found(name), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=True,
        )


def _found(name: str) -> str:
    path = program(name)
    assert path, f"no {name}: the group needs it, see tests/rigs/needs.py"
    return path


def _wait_for_ports(server: MailServer) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    for name, port in msgspec.structs.asdict(server.ports).items():
        while not _answers(port):
            if time.monotonic() > deadline:
                raise TimeoutError(f"no {name} server:\n{server.log()}")
            time.sleep(POLL_SECONDS)


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def _stop(pid_file: Path) -> None:
    """End the server of this file, and only that; wait until it is gone."""
    with suppress(FileNotFoundError, ProcessLookupError):
        pid = int(pid_file.read_text())
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + DEADLINE_SECONDS
        while _is_running(pid) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _lay_out(server: MailServer) -> None:
    directory = server.directory
    directory.chmod(0o755)  # the servers' own accounts have to get in
    for name in ("run", "state", "mail", "log", "tls", "postfix/etc", "postfix/data"):
        (directory / name).mkdir(parents=True)
    shutil.chown(directory / "mail", "mail", "mail")
    shutil.chown(directory / "postfix" / "data", "postfix")
    _lay_out_queues(directory / "postfix" / "queue")
    _make_certificate(directory / "tls")
    (directory / "dovecot.conf").write_text(
        dovecot_conf(directory, server.ports, _found("dovecot"))
    )
    (directory / "postfix" / "etc" / "main.cf").write_text(main_cf(directory, server.ports))
    (directory / "postfix" / "etc" / "master.cf").write_text(master_cf(server.ports))
    domain = DOMAIN.replace(".", r"\.")
    users = f"if !/^unknown/\n/@{domain}$/ exists\nendif\n"
    (directory / "postfix" / "etc" / "users").write_text(users)


def _lay_out_queues(queue: Path) -> None:
    """What `postfix start` would do in three seconds of checks."""
    for name in (*QUEUES_OF_POSTFIX, "pid", "maildrop", "public"):
        (queue / name).mkdir(parents=True)
    for name in QUEUES_OF_POSTFIX:
        shutil.chown(queue / name, "postfix")
        (queue / name).chmod(0o700)
    for name, mode in (("maildrop", 0o730), ("public", 0o710)):
        shutil.chown(queue / name, "postfix", "postdrop")
        (queue / name).chmod(mode)


def _make_certificate(directory: Path) -> None:
    subprocess.run(
        [
            "openssl", "req", "-x509", "-nodes", "-days", "2",
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout", directory / "key.pem", "-out", directory / "cert.pem",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
