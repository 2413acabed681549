"""What a film or sound is by its own bytes. A declared type or a file's name is never believed."""

from enum import StrEnum
from typing import Final

PLAYED: Final = (
    "video/mp4",
    "video/quicktime",
    "video/webm",
    "video/x-matroska",
    "audio/mpeg",
    "audio/mp3",
    "audio/ogg",
    "audio/wav",
    "audio/wave",
    "audio/x-wav",
    "audio/flac",
    "audio/x-flac",
    "audio/aac",
    "audio/mp4",
    "audio/m4a",
    "audio/x-m4a",
    "audio/webm",
    "audio/3gpp",
    "video/3gpp",
)
"""The names under which apps know what is taken."""
HEAD: Final = 64
"""Bytes from which a container is told."""


class Container(StrEnum):
    """By FFmpeg's names of the readers."""

    MP4 = "mov"
    MATROSKA = "matroska"
    OGG = "ogg"
    MP3 = "mp3"
    WAV = "wav"
    FLAC = "flac"
    AAC = "aac"


_ADTS_MASK, _ADTS = 0xFFF6, 0xFFF0
_MPEG_MASK, _MPEG = 0xFFE6, (0xFFE2, 0xFFE4)
"""ISO 13818-7 and 11172-3: the first bits are set, then come the version and the layer: none, or 3, or 2."""
_SIGNATURES: Final = {
    b"\x1a\x45\xdf\xa3": Container.MATROSKA,
    b"OggS": Container.OGG,
    b"fLaC": Container.FLAC,
    b"ID3": Container.MP3,
}


def container_of(head: bytes) -> Container | None:
    """By the signatures of the formats' standards, from the first HEAD bytes; None for anything else."""
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return Container.MP4
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return Container.WAV
    for signature, container in _SIGNATURES.items():
        if head.startswith(signature):
            return container
    sync = int.from_bytes(head[:2], "big")
    if sync & _ADTS_MASK == _ADTS:
        return Container.AAC
    return Container.MP3 if sync & _MPEG_MASK in _MPEG else None
