"""A file that is there whole, or as it was before."""

import os
from pathlib import Path


def write_file(file: Path, data: bytes, *, lasting: bool = False) -> None:
    """Replace a file; nobody but its owner can read it. `lasting`: it is on the disk when this returns."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        if lasting:
            stream.flush()
            os.fsync(stream.fileno())
    draft.rename(file)
