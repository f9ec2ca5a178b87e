"""A text encoding by which any bytes come through Copier as they were.

Copier hands contents from one git command to the next as text, through plumbum, which drops what the locale's encoding
cannot read. Names of files come the same way, so it must be the encoding that Python has for those.
"""

import codecs
import sys

NAME = "stacksync_lossless"

# Without a locale Python reads names as ASCII; what is beyond it stands for itself, as in os.fsdecode.
_NAMES = sys.getfilesystemencoding()


def register() -> None:
    """Make the encoding known by its name."""
    codecs.register(lambda name: _CODEC if name == NAME else None)


def _encode(text: str, _errors: str = "strict") -> tuple[bytes, int]:
    return text.encode(_NAMES, "surrogateescape"), len(text)


def _decode(data: bytes, _errors: str = "strict") -> tuple[str, int]:
    return bytes(data).decode(_NAMES, "surrogateescape"), len(data)


_CODEC = codecs.CodecInfo(_encode, _decode, name=NAME)  # type: ignore[arg-type]
