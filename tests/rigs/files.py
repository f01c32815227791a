"""Small real files of every kind, as agents upload them."""

from core.model.content import MediaKind
from sandbox.telegram.samples import SAMPLES, Sample

_NAMES = {MediaKind.IMAGE: "photo", MediaKind.FILE: "document"}


def real_file(kind: MediaKind) -> Sample:
    return SAMPLES[_NAMES.get(kind, kind.value)]
