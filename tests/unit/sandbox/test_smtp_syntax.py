"""The envelope's commands, as strict as a real host is."""

import pytest

from sandbox.mail.settings import SmtpSettings
from sandbox.smtp.syntax import Refusal, check_parameters, greeting, parse_path


@pytest.mark.parametrize(
    ("argument", "address", "parameters"),
    [
        ("FROM:<>", "", {}),
        ("from: <a@b.example>", "a@b.example", {}),
        (
            "FROM:<a@b.example> SIZE=12 body=8bitmime",
            "a@b.example",
            {"SIZE": "12", "BODY": "8bitmime"},
        ),
        ("FROM:<ä@b.example> SMTPUTF8", "ä@b.example", {"SMTPUTF8": ""}),
    ],
)
def test_a_sender_is_understood(argument: str, address: str, parameters: dict[str, str]) -> None:
    path = parse_path(argument, "FROM")
    check_parameters(path, SmtpSettings())

    assert (path.address, path.parameters) == (address, parameters)


@pytest.mark.parametrize(
    ("argument", "code"),
    [
        ("", "501"),
        ("TO:<a@b.example>", "501"),
        ("FROM:a@b.example", "501"),
        ("FROM:<a>", "553"),
        ("FROM:<a@b.example>SIZE=1", "501"),
        ("FROM:<a@b.example> SIZE=many", "501"),
        ("FROM:<a@b.example> SIZE=99999999999", "552"),
        ("FROM:<a@b.example> BODY=9BIT", "501"),
        ("FROM:<a@b.example> RET=FULL", "555"),
        ("FROM:<ä@b.example>", "553"),
    ],
)
def test_a_sender_that_makes_no_sense_is_refused(argument: str, code: str) -> None:
    with pytest.raises(Refusal, match=f"^{code} "):
        check_parameters(parse_path(argument, "FROM"), SmtpSettings())


def test_nobody_is_no_recipient() -> None:
    with pytest.raises(Refusal, match=r"^501 "):
        parse_path("TO:<>", "TO")


def test_what_is_offered_is_what_the_host_is_like() -> None:
    settings = SmtpSettings(without=frozenset({"AUTH", "SIZE"}))

    assert greeting(settings, starttls=True).splitlines()[1:] == [
        "250-PIPELINING",
        "250-8BITMIME",
        "250-SMTPUTF8",
        "250-ENHANCEDSTATUSCODES",
        "250 STARTTLS",
    ]
