"""Makes the dictionary that messages in logs are compressed with: `python -m scripts.dictionary`.

Everything it is trained on is in this folder, and chance has a seed: the same version of zstd makes
the same file again. A dictionary that was released is never replaced, since what was written with
it needs it for ever: a new one gets a name, and a format byte, of its own.
"""

import argparse
import random
from pathlib import Path
from typing import Final

import zstandard

from core.model.codec import encode
from scripts.dictionary.samples import Writer

SEED: Final = 7
SAMPLES: Final = 20_000
SIZE_BYTES: Final = 8 * 1024
LEVEL: Final = 3
PLACE: Final = Path(__file__).parents[2] / "core/store/message.dictionary"


def dictionary(size_bytes: int) -> bytes:
    chance = random.Random(SEED)  # noqa: S311
    samples: list[bytes | bytearray | memoryview[int]] = [
        encode(message)[1:] for message in Writer(chance).messages(SAMPLES)
    ]
    return zstandard.train_dictionary(size_bytes, samples, level=LEVEL).as_bytes()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.dictionary", description=__doc__)
    parser.add_argument("--size-bytes", type=int, default=SIZE_BYTES)
    parser.add_argument("--into", type=Path, default=PLACE)
    asked = parser.parse_args()
    asked.into.write_bytes(dictionary(asked.size_bytes))


if __name__ == "__main__":
    main()
