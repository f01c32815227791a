"""The files that people and bots have sent: bytes under a file_id and, for a while, a path."""

import random
import string
from dataclasses import dataclass

from sandbox.images import Size
from sandbox.telegram.images import thumbnail_size
from sandbox.telegram.kinds import MEDIA, THUMBNAIL, MediaKind
from sandbox.telegram.samples import png

LETTERS = string.ascii_letters + string.digits + "_-"
NO_SIZE: Size = (0, 0)


@dataclass(slots=True)
class StoredFile:
    """Bytes that somebody sent. `path` is relative to the download address while it is valid."""

    kind: str
    file_id: str
    unique_id: str
    path: str | None
    name: str
    media_type: str
    content: bytes
    width: int = 0
    height: int = 0
    thumbnail: "StoredFile | None" = None
    lost: bool = False


class FileStore:
    """Keeps files; the same `rng` gives the same ids."""

    def __init__(self, rng: random.Random) -> None:
        self.files: dict[str, StoredFile] = {}
        self._rng = rng
        self._paths = 0

    def add_file(
        self, kind: str, content: bytes, name: str, media_type: str, size: Size | None = None
    ) -> StoredFile:
        """Keep bytes as media of a kind; a big picture gets a small one beside it."""
        stored = self._store(MEDIA[kind], kind, content, name, media_type, size or NO_SIZE)
        small = thumbnail_size(size) if size else None
        if small is not None:
            picture = png(*small)
            stored.thumbnail = self._store(
                THUMBNAIL, "photo", picture, "thumb.png", "image/png", small
            )
        return stored

    def open_path(self, stored: StoredFile) -> str:
        """The download path of a file; an expired one is replaced."""
        if stored.path is None:
            stored.path = self._path(MEDIA[stored.kind].folder, stored.name)
        return stored.path

    def _store(
        self,
        kind: MediaKind,
        name: str,
        content: bytes,
        file_name: str,
        media_type: str,
        size: Size,
    ) -> StoredFile:
        stored = StoredFile(
            kind=name,
            file_id=kind.mark + self._letters(60),
            unique_id="AQAD" + self._letters(12),
            path=self._path(kind.folder, file_name),
            name=file_name,
            media_type=media_type,
            content=content,
            width=size[0],
            height=size[1],
        )
        self.files[stored.file_id] = stored
        return stored

    def _path(self, folder: str, name: str) -> str:
        suffix = name.rpartition(".")[2].lower() if "." in name else "bin"
        self._paths += 1
        return f"{folder}/file_{self._paths - 1}.{suffix}"

    def _letters(self, count: int) -> str:
        return "".join(self._rng.choices(LETTERS, k=count))
