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
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from tests.rigs.needs import program

HOST: Final = "127.0.0.1"
DOMAIN: Final = "example.test"
PASSWORD: Final = "secret"
DEADLINE_SECONDS: Final = 20.0
POLL_SECONDS: Final = 0.02

PORTS: Final = ("imap", "imaps", "lmtp", "smtp", "submission", "elsewhere")
QUEUES_OF_POSTFIX: Final = (
    "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private",
    "saved", "trace",
)  # fmt: skip


class MailServer(msgspec.Struct, frozen=True, kw_only=True):
    """Where the running servers are: ports of `HOST`.

    `submission` asks for STARTTLS and a login, `smtp` for neither.
    """

    directory: Path
    imap: int
    imaps: int
    lmtp: int
    smtp: int
    submission: int
    elsewhere: int
    """The mail server of every other domain: refuses all recipients."""

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
    server = MailServer(
        directory=directory, **dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
    )
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


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [int(one.getsockname()[1]) for one in sockets]


def _run(name: str, *arguments: str | Path, log: Path) -> None:
    """Start a daemon. Its output goes to a file: it would hold a pipe open for ever."""
    found = program(name)
    assert found, name
    with log.open("wb") as output:
        subprocess.run(
            [found, *arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=True
        )


def _wait_for_ports(server: MailServer) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    for name in PORTS:
        while not _answers(getattr(server, name)):
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
    (directory / "dovecot.conf").write_text(_dovecot_conf(server))
    (directory / "postfix" / "etc" / "main.cf").write_text(_main_cf(server))
    (directory / "postfix" / "etc" / "master.cf").write_text(_master_cf(server))
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


def _dovecot_conf(server: MailServer) -> str:
    """The configuration of Dovecot 2.3."""
    base = server.directory
    return f"""
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log/dovecot
protocols = imap lmtp
listen = {HOST}
instance_name = trunkline-{server.imap}

ssl = yes
ssl_cert = <{base}/tls/cert.pem
ssl_key = <{base}/tls/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={base}/mail/%n allow_all_users=yes
}}
mail_max_userip_connections = 200

mail_location = maildir:{base}/mail/%n
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
first_valid_gid = 1
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
# A test's mail need not survive the machine, but it should be seen at once.
mail_fsync = never
maildir_very_dirty_syncs = yes
mailbox_idle_check_interval = 1 secs

namespace inbox {{
  inbox = yes
  separator = /
  mailbox Archive {{
    auto = create
    special_use = \\Archive
  }}
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
}}

service imap-login {{
  inet_listener imap {{
    port = {server.imap}
  }}
  inet_listener imaps {{
    port = {server.imaps}
    ssl = yes
  }}
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    address = {HOST}
    port = {server.lmtp}
  }}
}}
service auth {{
  unix_listener {base}/postfix/auth.sock {{
    mode = 0666
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def _main_cf(server: MailServer) -> str:
    base = server.directory
    return f"""
compatibility_level = 3.6
queue_directory = {base}/postfix/queue
data_directory = {base}/postfix/data
maillog_file = {base}/log/postfix
maillog_file_prefixes = {base}
mail_owner = postfix
setgid_group = postdrop
enable_long_queue_ids = yes

myhostname = mx.{DOMAIN}
inet_interfaces = {HOST}
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtp_host_lookup = native
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
message_size_limit = 52428800

# Mailboxes are Dovecot's; there are no accounts of the machine among them.
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
virtual_mailbox_domains = {DOMAIN}
virtual_mailbox_maps = regexp:{base}/postfix/etc/users
virtual_transport = lmtp:inet:{HOST}:{server.lmtp}
lmtp_destination_recipient_limit = 1
recipient_delimiter = +

# Mail for others ends at a server of ours that refuses it, or (port 9) at none.
default_transport = smtp:[{HOST}]:{server.elsewhere}
relay_transport = smtp:[{HOST}]:{server.elsewhere}
transport_maps = inline:{{ {{soft.test = smtp:[{HOST}]:9}} {{tempfail.test = retry:4.4.1 later}} }}
queue_run_delay = 3s
minimal_backoff_time = 3s
maximal_backoff_time = 6s
delay_warning_time = 4s
bounce_queue_lifetime = 20s
maximal_queue_lifetime = 20s

smtpd_tls_cert_file = {base}/tls/cert.pem
smtpd_tls_key_file = {base}/tls/key.pem
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = {base}/postfix/auth.sock
smtpd_sasl_auth_enable = yes
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = reject_unlisted_recipient
"""


def _master_cf(server: MailServer) -> str:
    """Three listeners, then the services of Postfix, none of them in a chroot."""
    return f"""
{HOST}:{server.smtp} inet n - n - - smtpd
{HOST}:{server.submission} inet n - n - - smtpd
  -o syslog_name=postfix/submission
  -o smtpd_tls_security_level=encrypt
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
  -o mynetworks=
{HOST}:{server.elsewhere} inet n - n - - smtpd
  -o syslog_name=postfix/elsewhere
  -o myhostname=mx.elsewhere.invalid
  -o smtpd_relay_restrictions=
  -o {{ smtpd_recipient_restrictions = check_recipient_access static:{{550 5.1.1 Nobody}}, reject }}
pickup unix n - n 60 1 pickup
qmgr unix n - n 300 1 qmgr
cleanup unix n - n - 0 cleanup
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
tlsmgr unix - - n 1000? 1 tlsmgr
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
verify unix - - n - 1 verify
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
