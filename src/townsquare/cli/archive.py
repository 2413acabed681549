"""`townsquare archive …`: everything of the place, continuously, encrypted, somewhere else."""

import argparse
import asyncio
import sys
from pathlib import Path

import msgspec

from townsquare.cli import archiving
from townsquare.cli.errors import CommandError
from townsquare.cli.place import Place, add_action, find_place
from townsquare.cli.progress import DONE, FAILED, NOTE, emphasised, tell
from townsquare.continuity.archive import setting_up, status
from townsquare.continuity.archive.keys import Recovery
from townsquare.continuity.archive.model import ArchiveError
from townsquare.continuity.archive.setting_up import Asked
from townsquare.continuity.archive.state import home_of, read_config
from townsquare.continuity.archive.status import Status, TargetStatus
from townsquare.kernel.kept_file import write_file
from townsquare.kernel.sizes import human_size

WRONG = 1


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    one = add_action(actions, "init", "begin an archive: make its key, print it once, and go on from there by itself")
    one.add_argument("targets", nargs="+", metavar="TARGET", help="a folder, s3://…, gs://… or az://…; several at once")
    one.add_argument(
        "--split", default="", metavar="N-of-M", help="deal the key out to M people, any N of whom open it"
    )
    one.add_argument(
        "--recipient", action="append", default=[], metavar="AGE1…", help="encrypt to a key of age's that somebody has"
    )
    one.add_argument("--write-keys", type=Path, metavar="DIR", help="write the key to files instead of printing it")
    _add_store(one)
    one = add_action(actions, "add", "have the archive go to one more target")
    one.add_argument("target", metavar="TARGET")
    _add_store(one)
    one = add_action(actions, "remove", "have nothing more go to a target; what is there stays")
    one.add_argument("target", metavar="TARGET")
    one = add_action(actions, "status", "how far each target is, and when it was last tested")
    one.add_argument("--json", action="store_true", help="as JSON")
    add_action(
        actions,
        "resume",
        "have a copy that was restored for practice be the place: its archive, letters, mirrors go on",
    )
    add_action(actions, "base", "make a base backup now, before a change of the host for instance")
    add_action(actions, "run", "keep the archive, for those who run the parts apart; `townsquare up` does it by itself")
    one = add_action(actions, "verify", "restore into a scratch folder now, start it, compare it with what is here")
    one.add_argument("--key", type=Path, action="append", default=[], metavar="FILE", help="a recovery key, or parts")


def _add_store(parser: argparse.ArgumentParser) -> None:
    archiving.add_store(parser)


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    place = find_place(args)
    try:
        match args.action:
            case "init":
                return _init(place, args)
            case "add":
                asyncio.run(setting_up.add(home_of(place.data), archiving.bucket_of(args.target, args)))
                tell(DONE, "Target", f"{args.target} is filled from now on")
            case "remove":
                setting_up.remove(home_of(place.data), args.target)
                tell(DONE, "Target", f"{args.target} gets nothing more; what is there stays")
            case "status":
                return _status(place, as_json=args.json)
            case "resume":
                _resume(place)
            case "base":
                return _base(place)
            case "run":
                return archiving.run_apart(place)
            case _:
                return archiving.verify(place, args.key)
    except ArchiveError as error:
        raise CommandError(str(error)) from error
    return 0


def _init(place: Place, args: argparse.Namespace) -> int:
    if place.settings.database_url and not place.data.exists():
        place.data.mkdir(mode=0o700, parents=True)
    targets = [archiving.bucket_of(url, args) for url in args.targets]
    recovery = asyncio.run(setting_up.begin(home_of(place.data), Asked(targets, args.recipient, _split(args.split))))
    config = read_config(home_of(place.data))
    for one in targets:
        tell(DONE, "Target", one.url)
    if recovery is not None:
        _hand_out(recovery, args.write_keys)
    else:
        print("\nAdd this line to the files of the keys that you have named, so that they know what is yours:\n")
        print(f"    {setting_up.verify_line(config)}\n")
    begun = "It begins by itself now." if place.live else "It begins with the next `townsquare up`."
    print(f"{begun} `townsquare archive status` shows how far it is.")
    return 0


def _split(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    needed, of, people = text.partition("-of-")
    if not of or not needed.isdigit() or not people.isdigit():
        raise ArchiveError("Write --split as 3-of-5: three of five people open the archive together")
    return int(needed), int(people)


def _hand_out(recovery: Recovery, folder: Path | None) -> None:
    if folder is not None:
        for name, text in recovery.files.items():
            write_file(folder / name, text.encode(), lasting=True)
            tell(DONE, "Key", f"written to {folder / name}")
        print("\nTake these files off this machine now: whoever has them can read the archive, and nobody can without.")
        return
    many = len(recovery.files) > 1
    what = "Each of these goes to another person" if many else "This is the recovery key"
    print(f"\n{emphasised(what)}. It is shown this once and kept nowhere here. Put it where this host is not.\n")
    for text in recovery.files.values():
        print("".join(f"    {line}\n" for line in text.splitlines()))


def _resume(place: Place) -> None:
    home = home_of(place.data)
    if not home.is_practice:
        raise CommandError(f"{place.data} is no copy for practice: nothing of it is held back.")
    home.practice.unlink()
    when = "now" if place.live else "with the next `townsquare up`"
    tell(DONE, "The place", f"is this one {when}: it is archived, letters and mirrors go on")


def _base(place: Place) -> int:
    home = home_of(place.data)
    read_config(home)
    home.ask_for_base()
    when = "now" if place.live else "with the next `townsquare up`"
    tell(DONE, "Base backup", f"made {when}, for each target; `townsquare archive status` shows the last")
    return 0


def _status(place: Place, *, as_json: bool) -> int:
    home = home_of(place.data)
    read_config(home)
    if home.is_practice:
        raise CommandError(
            "This copy was restored for practice, and is not archived. "
            f"If it is the place from now on: townsquare archive resume --data {place.data}"
        )
    said = status.read(home)
    if said is None:
        raise CommandError(f"The archive has not begun yet. Start the service: townsquare up --data {place.data}")
    concerns = status.concerns(said)
    if as_json:
        shown = msgspec.to_builtins(said) | {"concerns": msgspec.to_builtins(concerns)}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(shown), indent=2).decode() + "\n")
    else:
        _tell(said)
        for concern in concerns:
            tell(FAILED, "Look after", concern.text)
    return WRONG if concerns else 0


def _tell(said: Status) -> None:
    for one in said.targets:
        behind = f"{one.lag_seconds:.0f} s behind" if one.lag_bytes else "everything is there"
        tell(FAILED if one.error else DONE, "Target", f"{one.url}: {one.error or behind}")
        tell(DONE if one.bases else NOTE, "", _bases(one))
        waiting = f", {one.uploads_waiting} wait" if one.uploads_waiting else ""
        tell(DONE, "", f"{human_size(one.size)} in {one.objects:,} objects; {one.uploads:,} uploads{waiting}")
        tell(DONE if one.verified_at else NOTE, "", _tested(one))


def _bases(one: TargetStatus) -> str:
    if not one.bases or one.last_base_at is None or one.oldest_at is None:
        return "no base backup yet"
    kept = f"{one.bases} base backups" if one.bases > 1 else "1 base backup"
    return f"{kept}, the last of {one.last_base_at:%Y-%m-%d %H:%M} UTC; back to {one.oldest_at:%Y-%m-%d %H:%M} UTC"


def _tested(one: TargetStatus) -> str:
    if one.failure:
        return f"the last restore test failed: {one.failure}"
    return f"restored as a test on {one.verified_at:%Y-%m-%d %H:%M} UTC" if one.verified_at else "not tested yet"
