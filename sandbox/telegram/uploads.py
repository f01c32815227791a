"""The files of a request: uploaded with it, or sent before and named by file_id."""

from sandbox.images import Size, image_size
from sandbox.telegram.call import Call, Upload
from sandbox.telegram.files import StoredFile
from sandbox.telegram.images import acceptable
from sandbox.telegram.kinds import MEDIA, MEGABYTE, kind_of
from sandbox.telegram.refusals import Refusal, bad_request
from sandbox.telegram.state import TelegramState

UPLOAD_BYTES_MAX = 50 * MEGABYTE
ATTACHED = "attach://"


def given_file(state: TelegramState, call: Call, kind: str, name: str, value: str) -> StoredFile:
    """The file that parameter `name` holds as `value`. It may be of another kind than asked for."""
    if name not in call.uploads and not value.startswith(ATTACHED):
        return _known(state, kind, name, value)
    upload = _uploaded(call, name, value)
    size = _photo_size(upload.content) if kind == "photo" else None
    made = kind_of(kind, upload.content)
    return state.add_file(made, upload.content, upload.name, upload.media_type, size)


def _known(state: TelegramState, kind: str, name: str, value: str) -> StoredFile:
    if not value:
        raise bad_request(f"there is no {name.replace('_', ' ')} in the request")
    if value.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    stored = state.files.get(value)
    if stored is None:
        raise bad_request("wrong remote file identifier specified: Wrong padding in the string")
    if stored.lost:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if stored.kind != kind:
        raise bad_request(f"can't use file of type {_title(stored.kind)} as {_title(kind)}")
    return stored


def _uploaded(call: Call, name: str, value: str) -> Upload:
    upload = call.uploads.get(value.removeprefix(ATTACHED) or name)
    if upload is None:
        raise bad_request(f"there is no {name.replace('_', ' ')} in the request")
    if not upload.content:
        raise bad_request("file must be non-empty")
    if len(upload.content) > UPLOAD_BYTES_MAX:
        raise Refusal(413, "Request Entity Too Large")
    return upload


def _photo_size(content: bytes) -> Size:
    size = image_size(content)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if not acceptable(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    if len(content) > MEDIA["photo"].size_bytes_max:
        raise bad_request("file is too big for a photo")
    return size


def _title(kind: str) -> str:
    return kind.title().replace("_", "")
