"""django-helpdesk takes the mails of one mailbox: for bench/beside/mail.py.
    python -m bench.peers.django_helpdesk HOST PORT USER PASSWORD

It is set up as its documentation says, with SQLite in a directory that is removed afterwards.
Prints one line of JSON: how many tickets there are, and the seconds of wall and processor time that
taking them took, without the set-up.
"""

import json
import logging
import resource
import sys
import tempfile
import time
import types

URLS = "peer_urls"
PROVIDES = (
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.sites",
    "django.contrib.humanize",
    "django.contrib.admin",
    "django.contrib.messages",
    "rest_framework",
    "account",
    "pinax.invitations",
    "pinax.teams",
    "reversion",
    "helpdesk",
)


def main() -> None:
    host, port, user, password = sys.argv[1:5]
    with tempfile.TemporaryDirectory(prefix="trunkline-peer-") as directory:
        set_up(directory)
        queue = queue_for(host, int(port), user, password)
        print(json.dumps(taken(queue)))


def set_up(directory: str) -> None:
    import django
    from django.conf import settings
    from django.core.management import call_command

    settings.configure(
        SECRET_KEY="a key for one run",  # noqa: S106 - signs nothing that lives on
        INSTALLED_APPS=PROVIDES,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{directory}/db"}},
        EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
        MEDIA_ROOT=f"{directory}/media",
        ROOT_URLCONF=URLS,
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
        ],
        SITE_ID=1,
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        LOGGING_CONFIG=None,
    )
    django.setup()
    add_urls()
    logging.disable(logging.CRITICAL)
    call_command("migrate", verbosity=0)


def add_urls() -> None:
    """Its mails to customers hold links to its pages."""
    from django.urls import include, path

    module = types.ModuleType(URLS)
    module.urlpatterns = [path("", include("helpdesk.urls"))]  # type: ignore[attr-defined]
    sys.modules[URLS] = module


def queue_for(host: str, port: int, user: str, password: str):  # type: ignore[no-untyped-def]
    from helpdesk.models import Queue

    return Queue.objects.create(
        title="Support",
        slug="support",
        email_address=user,
        allow_email_submission=True,
        email_box_type="imap",
        email_box_host=host,
        email_box_port=port,
        email_box_user=user,
        email_box_pass=password,
        email_box_imap_folder="INBOX",
    )


def taken(queue) -> dict[str, float]:  # type: ignore[no-untyped-def]
    from helpdesk.email import process_queue
    from helpdesk.models import Ticket

    began, cpu = time.perf_counter(), _processor_seconds()
    process_queue(queue, logging.getLogger("helpdesk"))
    return {
        "tickets": Ticket.objects.count(),
        "wall_seconds": time.perf_counter() - began,
        "processor_seconds": _processor_seconds() - cpu,
    }


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
