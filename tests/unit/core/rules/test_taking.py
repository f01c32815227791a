"""What is not taken of a message stays visible."""

from core.model.content import (
    Attachment,
    AttachmentState,
    Card,
    Media,
    MediaKind,
    Part,
    Span,
    Style,
    Text,
)
from core.model.event import Inbound, MessageCreated, Reacted
from core.model.ids import AttachmentId
from core.model.taking import Takes
from core.rules.attachments import attachments_of, is_wanted
from core.rules.incoming import as_message
from core.rules.taking import taken
from tests.rigs.events import event, file, thread

ADA = thread("ada")
ANY = Takes().or_else(100, 1_000_000)


def brings(*parts: Part) -> Inbound:
    return event(ADA, "ada", MessageCreated(remote="1", parts=parts))


def video(name: str) -> Media:
    found = Attachment(id=AttachmentId(name), name=name, remote=name, size_bytes=7)
    return Media(media=MediaKind.VIDEO, attachment=found)


def test_the_usual_message_is_taken_as_it_is() -> None:
    said = brings(Text(text="hello"), file("a"), video("b"))

    assert taken(said, ANY) is said
    assert taken(reaction := event(ADA, "ada", Reacted(remote="1", emojis=())), ANY) is reaction


def test_files_beyond_the_limit_are_named_and_not_fetched() -> None:
    """An agent who knows that there is a fourth file can ask for it."""
    card = Card(title="a link", image=Attachment(id=AttachmentId("c"), remote="c"))
    said = taken(brings(video("a"), video("b"), card), Takes(files_max=1))

    first, second, third = attachments_of(as_message(said).parts)
    assert (is_wanted(first), is_wanted(second), is_wanted(third)) == (True, False, False)
    assert (second.name, second.size_bytes) == ("b", 7)
    assert second.state is AttachmentState.FAILED
    assert second.reason == third.reason == "this inbox takes 1 files a message"


def test_a_kind_that_is_not_taken_says_so() -> None:
    said = taken(brings(video("a"), file("b")), Takes(kinds=(MediaKind.FILE,)))

    first, second = attachments_of(as_message(said).parts)
    assert first.reason == "this inbox does not take files of the kind video"
    assert is_wanted(second)


def test_a_text_that_is_too_long_is_cut_with_its_spans_and_says_so() -> None:
    spans = (Span(0, 3, Style.BOLD), Span(2, 8, Style.ITALIC), Span(5, 2, Style.CODE))
    said = taken(brings(Text(text="0123456789", spans=spans)), Takes(text_length_max=5))

    message = as_message(said)
    cut = (Span(0, 3, Style.BOLD), Span(2, 3, Style.ITALIC))
    assert message.parts == (Text(text="01234", spans=cut),)
    assert message.lost == ("text beyond 5 of 10 characters",)
