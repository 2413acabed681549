"""The folder into which the log comes, read by everybody who ships it on."""

from pathlib import Path

import msgspec

from townsquare.continuity.archive.model import is_history, is_segment

PARTIAL = ".partial"
PAGES = 64 * 1024
"""Bytes of one or several whole pages of the log, however PostgreSQL was built."""


class Spool(msgspec.Struct, frozen=True):
    folder: Path

    def segments(self) -> list[str]:
        """Those that are whole, in order."""
        return sorted(file.name for file in self._files() if is_segment(file.name))

    def histories(self) -> list[str]:
        """What tells one timeline from another."""
        return sorted(file.name for file in self._files() if is_history(file.name))

    def growing(self) -> str:
        """The segment that is being written; empty where there is none."""
        found = sorted(file.stem for file in self._files() if file.suffix == PARTIAL and is_segment(file.stem))
        return found[-1] if found else ""

    def read(self, name: str) -> bytes:
        """What is whole. Raises FileNotFoundError."""
        return (self.folder / name).read_bytes()

    def written(self, segment: str, offset: int) -> bytes:
        """What has come of a growing segment from an offset on; nothing, if it is whole meanwhile.

        What is to come stands there as zeros, 16 MB at first, and this is asked each second: it ends with the first
        pages that do not begin as a page of the log does, with a number of two bytes.
        """
        pieces = list[bytes]()
        try:
            with (self.folder / f"{segment}{PARTIAL}").open("rb") as stream:
                stream.seek(offset)
                while piece := stream.read(PAGES - offset % PAGES):
                    if offset % PAGES == 0 and piece.startswith(b"\0\0"):
                        break
                    pieces.append(piece)
                    offset += len(piece)
        except FileNotFoundError:
            return b""
        return b"".join(pieces).rstrip(b"\0")

    def size(self) -> int:
        """Bytes of what waits."""
        return sum(file.stat().st_size for file in self._files() if file.exists())

    def drop_before(self, segment: str) -> None:
        """Forget whole segments before this one."""
        for name in self.segments():
            if name < segment:
                (self.folder / name).unlink(missing_ok=True)

    def clear(self) -> None:
        """Forget everything: the log goes on somewhere else."""
        for file in self._files():
            file.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        return list(self.folder.iterdir()) if self.folder.exists() else []
