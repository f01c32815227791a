"""The archive: conversations that are done, in a SQLite file of the data directory."""

from gateway.archive.file import ArchiveFile, open_archive

__all__ = ["ArchiveFile", "open_archive"]
