"""The mail that is answered, below the answer, out of the mail that was stored."""

from msgspec.structs import replace

from adapters.email.adapter import open_adapter
from core.model.content import Text
from tests.contract.email_harness import EmailHarness
from tests.contract.harness import Person
from tests.contract.running import asked, message, reply_to
from tests.contract.surroundings import Lent


async def test_the_answered_mail_stands_below_if_the_operator_wants_it(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """Whoever reads the answer weeks later sees what it is about."""
    question = await asked(host, lent)
    settings = replace(host.settings(), quote_history=True)

    async with open_adapter(settings, lent.surroundings) as adapter:
        await adapter.send(reply_to(question, Text(text="Tomorrow.")))
        remote = message(question).remote
        await adapter.send(reply_to(question, Text(text="Noon."), answers=remote))
        await adapter.send(reply_to(question, Text(text="Sorry."), answers="<older@post.example>"))

    first, second, third = (got.text for got in host.received(mei))
    for text, answer in ((first, "Tomorrow."), (second, "Noon.")):
        assert text.startswith(f"{answer}\n\n")
        assert text.endswith(f"<{mei.remote}>:\n\n> A question.")
    assert third == "Sorry."


async def test_a_mail_that_is_no_longer_stored_is_not_quoted(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """The answer leaves all the same."""
    question = await asked(host, lent)
    lent.blobs.path(question.context["raw"]).unlink()
    settings = replace(host.settings(), quote_history=True)

    async with open_adapter(settings, lent.surroundings) as adapter:
        await adapter.send(reply_to(question, Text(text="Tomorrow.")))

    [got] = host.received(mei)
    assert got.text == "Tomorrow."
