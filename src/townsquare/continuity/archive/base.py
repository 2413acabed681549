"""Base backups: PostgreSQL's pg_basebackup, from the server through our memory into a target, not to the disk.

A full one copies everything; an incremental one only what changed since another, by the summaries that PostgreSQL 17
and later make of the log (summarize_wal). pg_combinebackup puts them together again.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import structlog

from townsquare.continuity.archive import store
from townsquare.continuity.archive.model import (
    PART,
    ArchiveError,
    Base,
    Chunk,
    base_folder,
    lsn,
    manifest_name,
    part_name,
)
from townsquare.continuity.archive.receive import Source
from townsquare.continuity.archive.shipping import Shipping
from townsquare.continuity.archive.store import Server
from townsquare.continuity.archive.tar_watch import TarWatch
from townsquare.kernel.kept_file import write_file
from townsquare.kernel.orphans import end_with_parent

MANIFEST: Final = "backup_manifest"

log = structlog.get_logger("archive")


class Range(msgspec.Struct, frozen=True):
    """Of the log, without which the base is worth nothing."""

    timeline: int = msgspec.field(name="Timeline")
    start: str = msgspec.field(name="Start-LSN")
    stop: str = msgspec.field(name="End-LSN")


class Manifest(msgspec.Struct, frozen=True):
    """What we read of PostgreSQL's own."""

    ranges: list[Range] = msgspec.field(name="WAL-Ranges")


class Failed(ArchiveError):
    """pg_basebackup did not do it."""


async def take(to: Shipping, source: Source, manifests: Path, parent: Base | None) -> Base:
    """A base backup into a target: of all, or of what changed since `parent`. Raises Failed, TargetError.

    `manifests`: folder for PostgreSQL's manifests, by which a later one knows what changed.
    """
    async with source.connection() as one:
        server = await store.server(one)
    bases = to.progress.bases
    number = max([base.number for base in bases], default=0) + 1
    # What stands there is of an attempt that was cut off: a base without a manifest is none.
    await to.delete(await to.target.names(base_folder(to.chain, number)))
    begun, chunks, raw, watch = datetime.now(UTC), list[Chunk](), 0, TarWatch(MANIFEST)
    async for piece in _stream(source, manifests / f"{parent.number}" if parent else None):
        watch.feed(piece)
        raw += len(piece)
        chunks.append(Chunk(*await to.put(part_name(to.chain, number, len(chunks)), piece)))
    made = _base(number, parent, server, begun, raw, chunks, bytes(watch.found))
    write_file(manifests / f"{number}", bytes(watch.found), lasting=True)
    await to.put(manifest_name(to.chain, number), msgspec.json.encode(made))
    to.progress.bases = [*bases, made]
    to.save()
    log.info("a base backup was made", target=to.target.url, number=number, bytes=made.size, full=parent is None)
    return made


def _base(
    number: int, parent: Base | None, server: Server, begun: datetime, raw: int, chunks: list[Chunk], manifest: bytes
) -> Base:
    try:
        (span,) = msgspec.json.decode(manifest, type=Manifest).ranges
    except (msgspec.DecodeError, ValueError) as error:
        raise Failed(f"PostgreSQL's manifest of the base backup cannot be read: {error}") from error
    return Base(
        number=number,
        parent=parent.number if parent else None,
        begun_at=begun,
        made_at=datetime.now(UTC),
        timeline=span.timeline,
        start=lsn(span.start),
        stop=lsn(span.stop),
        segment_bytes=server.segment_bytes,
        server=server.version,
        database=server.database,
        role=server.role,
        superuser=server.superuser,
        raw=raw,
        chunks=chunks,
    )


async def _stream(source: Source, since: Path | None) -> AsyncIterator[bytes]:
    options = [
        "--pgdata",
        "-",
        "--format",
        "tar",
        "--wal-method",
        "none",
        "--checkpoint",
        "fast",
        "--label",
        "townsquare",
    ]
    incremental = ["--incremental", str(since)] if since else []
    process = await asyncio.create_subprocess_exec(
        *source.command("pg_basebackup", *options, *incremental),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PGAPPNAME": f"{store.SLOT}_base"},
        preexec_fn=end_with_parent,
        limit=PART,
    )
    assert process.stdout is not None  # noqa: S101 (it was asked for)
    assert process.stderr is not None  # noqa: S101 (the same)
    said = asyncio.create_task(process.stderr.read())
    try:
        while piece := await _exactly(process.stdout, PART):
            yield piece
        if await process.wait():
            raise Failed((await said).decode(errors="replace").strip().replace("\n", "; "))
    finally:
        said.cancel()
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _exactly(stream: asyncio.StreamReader, size: int) -> bytes:
    """So many bytes; fewer at the end."""
    try:
        return await stream.readexactly(size)
    except asyncio.IncompleteReadError as error:
        return error.partial
