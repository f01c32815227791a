"""From one planned piece of a message to the one Bot API call that sends it. Pure.

Text goes with `entities`, never with `parse_mode`: what was typed is not markup.
"""

from msgspec.structs import replace

from adapters.telegram.entities import to_entities
from adapters.telegram.outgoing.calls import (
    Call,
    Fields,
    as_form,
    button_fields,
    chat_fields,
    json_text,
    kinds,
    text_fields,
    topic_fields,
)
from adapters.telegram.outgoing.media import render_album, render_media
from adapters.telegram.places import Place, message_of, place_of
from core.errors import UnsupportedFeature
from core.model.capabilities import TextUnit
from core.model.content import Buttons, ContactCard, Location, Media, Part, Style, Text
from core.model.outbound import Outbound
from core.rules.text import split

_ANSWERS_OLD_CHAT = (
    "which message it answers is not shown: that one is from before the group became a supergroup"
)
QUOTED_NOTHING = "what is quoted is not shown: Telegram does not find these words in the message"
_QUOTE_CUT = "what is quoted is cut: Telegram shows at most 1024 units of it"
_QUOTE_UNITS_MAX = 1024
_QUOTED_STYLES = frozenset(
    {Style.BOLD, Style.ITALIC, Style.UNDERLINE, Style.STRIKE, Style.SPOILER, Style.EMOJI}
)
"""The formatting by which Telegram compares a quote with its message; other entities it refuses."""
_ACCURACY_METRES_MAX = 1500.0
_VCARD_SIZE_BYTES_MAX = 2048


def render(outbound: Outbound, place: Place, *, link_previews: bool, paid_broadcast: bool) -> Call:
    """`place` is where the thread is by now.

    Raises UnsupportedFeature for a piece that `capabilities` does not promise.
    """
    content = _content(outbound.parts, link_previews=link_previews)
    reply, notes = _reply(outbound, place)
    fields = chat_fields(place) | topic_fields(place) | content.fields | reply
    if outbound.silent:
        fields["disable_notification"] = "true"
    if paid_broadcast:
        fields["allow_paid_broadcast"] = "true"
    return replace(content, fields=fields, notes=content.notes + notes)


def _content(parts: tuple[Part, ...], *, link_previews: bool) -> Call:
    """The method with what it shows, without where to."""
    buttons = button_fields(parts)
    match [part for part in parts if not isinstance(part, Buttons)]:
        case [Text() as text]:
            call = Call("sendMessage", text_fields(text, link_previews=link_previews))
        case [Media() as media]:
            call = render_media(media)
        case [Location() as location]:
            call = _location(location)
        case [ContactCard() as card]:
            call = _contact(card)
        case [*files] if files and not buttons and all(isinstance(one, Media) for one in files):
            call = render_album(tuple(one for one in files if isinstance(one, Media)))
        case _:
            raise UnsupportedFeature(
                f"Telegram cannot send {kinds(parts)} in one message; nothing of it was sent"
            )
    return replace(call, fields=call.fields | buttons)


def _location(location: Location) -> Call:
    """A place with a name is a venue, which has an address, too."""
    notes = ("a live location is sent as the place where it is now",) * bool(location.live_seconds)
    spot: dict[str, object] = {"latitude": location.latitude, "longitude": location.longitude}
    if location.title or location.address:
        coordinates = f"{location.latitude:.5f}, {location.longitude:.5f}"
        named = {
            "title": location.title or location.address,
            "address": location.address or coordinates,
        }
        return Call("sendVenue", as_form(spot | named), notes=notes)
    if location.accuracy_metres:
        spot["horizontal_accuracy"] = min(location.accuracy_metres, _ACCURACY_METRES_MAX)
    return Call("sendLocation", as_form(spot), notes=notes)


def _contact(card: ContactCard) -> Call:
    if not card.phone:
        text = "\n".join(filter(None, (card.name, card.email)))
        note = "a contact card without a phone number is sent as text"
        return Call("sendMessage", {"text": text}, notes=(note,))
    fields = {"phone_number": card.phone, "first_name": card.name or card.phone}
    if len(card.vcard.encode()) > _VCARD_SIZE_BYTES_MAX:
        note = "a contact card is sent without its vCard, which is too long for Telegram"
        return Call("sendContact", fields, notes=(note,))
    if card.vcard:
        fields["vcard"] = card.vcard
    return Call("sendContact", fields)


def _reply(outbound: Outbound, place: Place) -> tuple[Fields, tuple[str, ...]]:
    """Which message is answered; it may be gone by now, the answer must arrive all the same."""
    answered = message_of(outbound.answers)
    if answered is None:
        return {}, (QUOTED_NOTHING,) * bool(outbound.quote)
    chat, number = answered
    if chat == place.chat:
        reply = {"message_id": number, "allow_sending_without_reply": True}
        quote, notes = _quote(outbound.quote)
        return {"reply_parameters": json_text(reply | quote)}, notes
    if chat == place_of(outbound.thread.thread).chat:
        return {}, (_ANSWERS_OLD_CHAT,)
    return {}, ()


def _quote(quote: Text | None) -> tuple[dict[str, object], tuple[str, ...]]:
    """As much of it as Telegram takes. It has to be there word for word, and formatted alike."""
    if quote is None:
        return {}, ()
    text, spans = split(quote.text, quote.spans, _QUOTE_UNITS_MAX, TextUnit.UTF16)[0]
    notes = (_QUOTE_CUT,) * (text != quote.text)
    entities = to_entities(text, (span for span in spans if span.style in _QUOTED_STYLES))
    fields: dict[str, object] = {"quote": text}
    return fields | ({"quote_entities": entities} if entities else {}), notes
