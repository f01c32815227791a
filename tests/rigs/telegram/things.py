"""Messages that are files, places, games and the like."""

from tests.rigs.telegram.people import (
    ADA,
    AT,
    CHANNEL,
    Json,
    entity,
    file,
    kind,
    photo,
    private,
    with_thumbnail,
)


@kind(60)
def photo_with_caption() -> Json:
    return private(
        photo=photo("dent"),
        caption="The dent 📦 here",
        caption_entities=[entity("underline", 4, 4)],
        show_caption_above_media=True,
        has_media_spoiler=True,
    )


@kind(20)
def photo_of_album() -> Json:
    return private(photo=photo("album"), media_group_id="13877700012345678")


@kind(12)
def video() -> Json:
    return private(
        video=with_thumbnail(
            "film",
            width=640,
            height=480,
            duration=9,
            file_name="leak.mp4",
            mime_type="video/mp4",
            start_timestamp=2,
            cover=photo("cover"),
            qualities=[
                {
                    "file_id": "q",
                    "file_unique_id": "u",
                    "width": 320,
                    "height": 240,
                    "codec": "h264",
                }
            ],
        ),
        caption="It drips",
    )


@kind(6)
def animation() -> Json:
    shown = with_thumbnail(
        "wave", width=320, height=240, duration=3, file_name="wave.mp4", mime_type="video/mp4"
    )
    seen = {name: value for name, value in shown.items() if name not in ("width", "height")}
    del seen["duration"]
    return private(animation=shown, document=seen)


@kind(25)
def voice() -> Json:
    return private(voice=file("note", duration=7, mime_type="audio/ogg"))


@kind(6)
def video_note() -> Json:
    return private(video_note=with_thumbnail("round", length=384, duration=12))


@kind(4)
def audio() -> Json:
    return private(
        audio=with_thumbnail(
            "song", duration=201, mime_type="audio/mpeg", title="Fog Horn", performer="The Piers"
        )
    )


@kind(2)
def named_audio() -> Json:
    return private(
        audio=file(
            "tune",
            duration=20,
            mime_type="audio/mpeg",
            title="Bell",
            performer="The Quay",
            file_name="bell.mp3",
        )
    )


@kind(25)
def document() -> Json:
    return private(
        document=with_thumbnail("bill", file_name="invoice.pdf", mime_type="application/pdf"),
        has_protected_content=True,
    )


@kind(12)
def sticker() -> Json:
    return private(
        sticker=with_thumbnail(
            "cheer",
            type="regular",
            width=512,
            height=512,
            is_animated=False,
            is_video=True,
            emoji="👍",
            set_name="HarbourFriends",
            custom_emoji_id="5368",
            needs_repainting=True,
            mask_position={"point": "eyes", "x_shift": 0.1, "y_shift": 0.2, "scale": 1.5},
            premium_animation=file("fireworks"),
        )
    )


@kind(1)
def live_photo() -> Json:
    moving = file("pier", width=1280, height=960, duration=2, mime_type="video/mp4")
    return private(live_photo={**moving, "photo": photo("pier")}, photo=photo("pier"))


@kind(1)
def paid_media() -> Json:
    return private(
        paid_media={
            "star_count": 5,
            "paid_media": [
                {"type": "photo", "photo": photo("plan")},
                {"type": "video", "video": file("tour", width=640, height=480, duration=40)},
                {"type": "preview", "width": 100, "height": 80, "duration": 6},
            ],
        },
        caption="The plans",
    )


@kind(1)
def story() -> Json:
    return private(story={"chat": CHANNEL, "id": 8})


@kind(6)
def location() -> Json:
    return private(location={"latitude": 53.5436, "longitude": 9.9661, "horizontal_accuracy": 12.5})


@kind(2)
def live_location() -> Json:
    return private(
        location={
            "latitude": 53.5436,
            "longitude": 9.9661,
            "live_period": 900,
            "heading": 90,
            "proximity_alert_radius": 50,
        }
    )


@kind(1)
def venue() -> Json:
    where = {"latitude": 53.5436, "longitude": 9.9661}
    return private(
        venue={
            "location": where,
            "title": "Harbour office",
            "address": "Quay 7",
            "foursquare_id": "4b5",
            "foursquare_type": "shops/office",
            "google_place_id": "ChIJ",
            "google_place_type": "office",
        },
        location=where,
    )


@kind(4)
def contact() -> Json:
    return private(
        contact={
            "phone_number": "+4940555",
            "first_name": "Mo",
            "last_name": "Reed",
            "user_id": 5118820999,
            "vcard": "BEGIN:VCARD\nFN:Mo Reed\nEND:VCARD",
        }
    )


@kind(1)
def poll() -> Json:
    return private(
        poll={
            "id": "5368",
            "question": "When?",
            "question_entities": [entity("bold", 0, 4)],
            "options": [
                {"persistent_id": "a", "text": "Monday", "voter_count": 3},
                {
                    "persistent_id": "b",
                    "text": "Friday",
                    "voter_count": 1,
                    "text_entities": [entity("bold", 0, 6)],
                },
            ],
            "total_voter_count": 4,
            "is_closed": False,
            "is_anonymous": True,
            "type": "quiz",
            "allows_multiple_answers": True,
            "allows_revoting": True,
            "members_only": False,
            "correct_option_ids": [1],
            "explanation": "Because",
            "explanation_entities": [entity("italic", 0, 7)],
            "open_period": 60,
            "close_date": AT + 60,
        }
    )


@kind(1)
def dice() -> Json:
    return private(dice={"emoji": "🎲", "value": 4})


@kind(1)
def game() -> Json:
    return private(
        game={
            "title": "Dock it",
            "description": "Bring the ship in",
            "photo": photo("ship"),
            "text": "High scores",
            "text_entities": [entity("bold", 0, 4)],
            "animation": file("sail", width=320, height=240, duration=3),
        }
    )


@kind(1)
def checklist() -> Json:
    return private(
        checklist={
            "title": "Moving",
            "title_entities": [entity("bold", 0, 6)],
            "tasks": [
                {"id": 1, "text": "Pack", "completion_date": AT, "completed_by_user": ADA},
                {"id": 2, "text": "Call", "text_entities": [entity("bold", 0, 4)]},
            ],
            "others_can_add_tasks": True,
            "others_can_mark_tasks_as_done": True,
        }
    )


@kind(1)
def invoice() -> Json:
    return private(
        invoice={
            "title": "Berth",
            "description": "A night",
            "start_parameter": "berth",
            "currency": "EUR",
            "total_amount": 4500,
        }
    )


@kind(1)
def giveaway() -> Json:
    return private(
        giveaway={
            "chats": [CHANNEL],
            "winners_selection_date": AT,
            "winner_count": 2,
            "prize_description": "A boat trip",
        }
    )


@kind(1)
def rich_message() -> Json:
    return private(
        rich_message={"blocks": [{"type": "paragraph", "text": "Dear harbour"}], "is_rtl": False}
    )


@kind(1)
def web_app_data() -> Json:
    return private(web_app_data={"data": '{"berth":7}', "button_text": "Choose a berth"})


@kind(1)
def users_shared() -> Json:
    return private(
        users_shared={
            "request_id": 1,
            "users": [{"user_id": 77, "first_name": "Mo", "username": "mo", "photo": photo("mo")}],
        }
    )


@kind(1)
def chat_shared() -> Json:
    return private(
        chat_shared={"request_id": 2, "chat_id": -100155, "title": "Crew", "username": "crew"}
    )


@kind(1)
def gift() -> Json:
    return private(
        gift={
            "gift": {"id": "5170145012310081615", "sticker": sticker()["message"]["sticker"]}
            | {"star_count": 15},
            "text": "For you",
            "entities": [entity("bold", 0, 3)],
            "is_private": True,
            "convert_star_count": 13,
        }
    )
