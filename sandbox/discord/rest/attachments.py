"""The files of a message: those that come with a request, and those that an edit keeps."""

from collections.abc import Sequence

from sandbox.discord.guilds import Channel
from sandbox.discord.links import file_id
from sandbox.discord.messages import StoredFile
from sandbox.discord.rest.forms import Form
from sandbox.discord.rest.refusals import too_large
from sandbox.discord.rest.request import Request, Upload
from sandbox.discord.state import DiscordState
from sandbox.images import image_size
from sandbox.payload import Json

FILES_MAX = 10
DESCRIPTION_MAX = 1024
NAME_MAX = 260
LINKS_MAX = 50
SPOILER = "SPOILER_"


def read_files(
    state: DiscordState,
    call: Request,
    form: Form,
    channel: Channel,
    before: Sequence[StoredFile] = (),
) -> list[StoredFile]:
    """The files that the message will have. `before` are those that it has: without a list of
    `attachments` it keeps them all, with one those that are named.
    """
    most = state.settings.upload_bytes_max
    if any(len(one.content) > most for one in call.uploads.values()):
        raise too_large()
    kept = {one.id: one for one in before}
    told = {one.snowflake("id"): one for one in form.forms("attachments", most=FILES_MAX)}
    files = list(before) if "attachments" not in form else []
    files += [kept[number] for number in told if number in kept]
    if len(files) + len(call.uploads) > FILES_MAX:
        words = f"Must be {FILES_MAX} or fewer in length."
        form.complain("attachments", "BASE_TYPE_MAX_LENGTH", words)
    for number in set(told) - set(kept) - set(call.uploads):
        form.complain("attachments", "ATTACHMENT_NOT_FOUND", f"Unknown attachment {number}")
    form.check()
    return files + [
        _stored(state, channel, upload, told.get(number)) for number, upload in call.uploads.items()
    ]


def _stored(state: DiscordState, channel: Channel, upload: Upload, told: Form | None) -> StoredFile:
    name = (told.text("filename", most=NAME_MAX) if told else None) or upload.name
    spoiler = name.startswith(SPOILER) or bool(told and told.flag("is_spoiler"))
    stored = state.add_file(channel, name.replace("/", "_"), upload.content, upload.media_type)
    stored.spoiler = spoiler
    if (size := image_size(upload.content)) is not None:
        stored.width, stored.height = size
    if told is not None:
        stored.description = told.text("description", most=DESCRIPTION_MAX)
        stored.waveform = told.text("waveform", most=400)
        seconds = told.fields.get("duration_secs")
        stored.duration_seconds = float(seconds) if isinstance(seconds, int | float) else None
    return stored


def refresh_urls(state: DiscordState, call: Request) -> Json:
    """New addresses for files whose old ones are over: POST /attachments/refresh-urls."""
    form = call.form()
    asked = form.values("attachment_urls", most=LINKS_MAX, least=1, required=True)
    form.check()
    found = ((str(one), state.files.get(file_id(str(one)) or 0)) for one in asked)
    return {
        "refreshed_urls": [
            {"original": url, "refreshed": state.links.url(stored) if stored else None}
            for url, stored in found
        ]
    }
