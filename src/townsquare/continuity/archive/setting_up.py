"""An archive is begun: keys are made, targets looked at, the description written."""

import os
from datetime import UTC, datetime

import msgspec

from townsquare.continuity.archive import keys
from townsquare.continuity.archive.keys import Recovery
from townsquare.continuity.archive.model import HEAD, ArchiveError, Config, Head, new_chain
from townsquare.continuity.archive.sealing import Sealer
from townsquare.continuity.archive.state import Home, read_config, write_config
from townsquare.continuity.archive.targets import Missing, Target, open_target, read_head
from townsquare.kernel.settings import Bucket


class Asked(msgspec.Struct, frozen=True):
    """`recipients`: keys that somebody has already; with none, one is made. `split`: needed, people."""

    targets: list[Bucket]
    recipients: list[str]
    split: tuple[int, int] | None = None


async def begin(home: Home, asked: Asked) -> Recovery | None:
    """The new recovery key, which is kept nowhere here; None with recipients of one's own. Raises ArchiveError."""
    if home.configured():
        raise ArchiveError(
            f"This place has an archive already ({', '.join(one.url for one in read_config(home).targets)}). "
            "Another target is added with: townsquare archive add TARGET"
        )
    signer, made = os.urandom(32), f"{datetime.now(UTC):%Y-%m-%d}"
    verifier = Sealer([], signer).verifier
    recipients = [keys.check_recipient(one) for one in asked.recipients]
    recovery = None
    if asked.split is not None:
        recovery = keys.make_split(verifier, made, *asked.split)
    elif not recipients:
        recovery = keys.make(verifier, made)
    if recovery is not None:
        recipients.append(recovery.recipient)
    config = Config(
        chain=new_chain(),
        recipients=recipients,
        signer=signer,
        names=os.urandom(32),
        targets=[],
        split=recovery.split if recovery else None,
    )
    for target in [await _ready(one, config) for one in asked.targets]:
        await _mark(target, config)
    write_config(home, msgspec.structs.replace(config, targets=asked.targets))
    return recovery


async def add(home: Home, bucket: Bucket) -> None:
    """One more target for an archive. Raises ArchiveError."""
    config = read_config(home)
    if bucket.url in [one.url for one in config.targets]:
        raise ArchiveError(f"The archive goes to {bucket.url} already")
    await _mark(await _ready(bucket, config), config)
    write_config(home, msgspec.structs.replace(config, targets=[*config.targets, bucket]))


def remove(home: Home, url: str) -> None:
    """A target gets nothing more; what is there stays. Raises ArchiveError."""
    config = read_config(home)
    left = [one for one in config.targets if one.url != url]
    if len(left) == len(config.targets):
        raise ArchiveError(f"The archive does not go to {url}")
    if not left:
        raise ArchiveError("It is the only target. Add another one first")
    write_config(home, msgspec.structs.replace(config, targets=left))
    for suffix in (".json", ".db"):
        home.of(url).with_suffix(suffix).unlink(missing_ok=True)


async def _ready(bucket: Bucket, config: Config) -> Target:
    """A target that can be written, read and deleted, and holds nobody else's archive."""
    target = open_target(bucket)
    try:
        head = await read_head(target)
    except ArchiveError as error:
        if not isinstance(error.__cause__, Missing):
            raise
    else:
        if not set(head.recipients) & set(config.recipients):
            raise ArchiveError(
                f"{bucket.url} holds an archive already, encrypted to another key. Name another folder or prefix"
            )
    probe = b"townsquare"
    await target.put("probe", probe)
    if await target.get("probe") != probe:
        raise ArchiveError(f"{bucket.url} gives back something else than was written. Do not use it")
    await target.delete(["probe"])
    return target


async def _mark(target: Target, config: Config) -> None:
    head = Head(config.recipients, datetime.now(UTC), config.split)
    await target.put(HEAD, msgspec.json.format(msgspec.json.encode(head), indent=1))


def verify_line(config: Config) -> str:
    """The line of a key file by which objects are known to be of this place."""
    return keys.signer_line(Sealer([], config.signer).verifier)
