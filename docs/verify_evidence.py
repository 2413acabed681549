"""Verify the evidence of a case, with nothing but Python 3.10 or later.

python verify_evidence.py PACK.zip --key KEY.txt [--checkpoint FILE]...

KEY.txt is what https://PLACE/.well-known/audit-log/key gave out, kept from before: without it the pack is only held
against the key that it brings along, and whoever forged the one forged the other. FILE is what
https://PLACE/.well-known/audit-log gave out some other day: the audit log in the pack is held against it.

Prints what is wrong and ends with 1, or what the pack says and ends with 0. The steps are those of moderation.md.
"""

import argparse
import base64
import hashlib
import json
import sys
import zipfile
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

Point = tuple[int, int, int, int]
"""In extended coordinates."""

HEAD = {"manifest.json", "manifest.sig", "key.txt"}


class Wrong(Exception):  # noqa: N818 (it is what is said of a pack)
    """What does not hold, in a sentence."""


# Ed25519, as RFC 8032 (5.1.7) says it. It need not be quick, and there is no secret in it.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def other(y: int, sign: int) -> int:
    """The first coordinate of a point of the curve."""
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        raise Wrong("the key or a signature is no point of the curve")
    return P - x if x & 1 != sign else x


def add(a: Point, b: Point) -> Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    return ((f - e) * (h - g) % P, (h + g) * (f + e) % P, (h - g) * (h + g) % P, (f - e) * (f + e) % P)


def times(number: int, point: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = add(found, point)
        point = add(point, point)
        number >>= 1
    return found


def point_of(data: bytes) -> Point:
    """From 32 bytes."""
    y = int.from_bytes(data, "little") & ((1 << 255) - 1)
    if len(data) != 32 or y >= P:
        raise Wrong("the key or a signature is no point of the curve")
    x = other(y, data[31] >> 7)
    return (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (other(BASE_Y, 0), BASE_Y, 1, other(BASE_Y, 0) * BASE_Y % P)


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the key has signed the message."""
    if len(signature) != 64:
        return False
    first, scalar = signature[:32], int.from_bytes(signature[32:], "little")
    if scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(first + key + message).digest(), "little") % ORDER
    left, right = times(scalar, BASE), add(point_of(first), times(challenge, point_of(key)))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# The pack.


def check(holds: bool, words: str) -> None:
    """Raise Wrong, unless it holds."""
    if not holds:
        raise Wrong(words)


def key_of(text: str) -> bytes:
    """The key in NAME+HASH+KEY."""
    parts = text.strip().split("+", 2)
    check(len(parts) == 3, "this is no key: it is NAME+HASH+KEY")
    raw = base64.b64decode(parts[2])
    check(raw[:1] == b"\x01" and len(raw) == 33, "this is no Ed25519 key")
    return raw[1:]


def noted(note: str, key: bytes) -> tuple[int, str]:
    """Number and digest of a checkpoint that the key has signed."""
    text, _, signatures = note.partition("\n\n")
    lines = text.split("\n")
    check(len(lines) == 4, "a checkpoint has four lines before its signature")
    name, _, given = signatures.strip().rpartition(" ")
    signature = base64.b64decode(given)[4:]
    check(
        name == "— " + lines[0] and is_signed(key, (text + "\n").encode(), signature),
        "a checkpoint is not signed with the key of the place, or was changed",
    )
    return int(lines[1]), base64.b64decode(lines[2]).hex()


def verify(pack: Path, known: bytes | None, checkpoints: Sequence[str]) -> Mapping[str, Any]:
    """The manifest. Raises Wrong."""
    with zipfile.ZipFile(pack) as archive:
        names = archive.namelist()
        check(len(names) == len(set(names)), "a file stands in the archive twice")
        check(set(names) >= HEAD, "manifest.json, manifest.sig or key.txt is missing")
        files = {name: archive.read(name) for name in names}
    key = key_of(files["key.txt"].decode())
    check(known is None or key == known, "the pack is signed with another key than that of the place")
    check(
        is_signed(key, files["manifest.json"], base64.b64decode(files["manifest.sig"])),
        "manifest.json is not signed with the key, or was changed",
    )
    manifest = json.loads(files["manifest.json"])
    for name, digest in manifest["files"].items():
        check(name in files, name + " is missing")
        check(hashlib.sha256(files[name]).hexdigest() == digest, name + " was changed")
    for name in files:
        check(name in manifest["files"] or name in HEAD, name + " does not belong to the pack")
    for item in manifest["items"]:
        named = [item["file"]] if item.get("file") else [f"items/{number}.txt" for number in item.get("kept", [])]
        for name in named:
            check(name in files, name + " is missing")
    verify_log(files, key, checkpoints)
    return manifest


def verify_log(files: Mapping[str, bytes], key: bytes, checkpoints: Sequence[str]) -> None:
    """That the entries of the audit log stand in one chain, which the checkpoint ends."""
    entries: list[dict[str, Any]]
    entries, chain = [
        [json.loads(line) for line in files[name].splitlines()] for name in ("audit.jsonl", "chain.jsonl")
    ]
    for one in entries:
        if "entry" not in one:
            continue  # that it is there is said, and not its words: they name people
        told = bytes.fromhex(one["previous"]) + one["number"].to_bytes(8, "big") + one["entry"].encode()
        check(hashlib.sha256(told).hexdigest() == one["digest"], f"entry {one['number']} of the log was changed")
    notes = [files[name].decode() for name in sorted(files) if name.startswith("checkpoint") and files[name]]
    ends = dict(noted(note, key) for note in notes)
    for one, after in pairwise(chain):
        follows = after["number"] == one["number"] + 1 and after["previous"] == one["digest"]
        apart = after["number"] > one["number"] + 1 and one["number"] in ends
        check(follows or apart, f"entry {one['number'] + 1} of the log is missing, or was changed")
    stands = {one["number"]: one for one in chain}
    for one in entries:
        link = {name: one[name] for name in ("number", "previous", "digest")}
        check(stands.get(one["number"]) == link, f"entry {one['number']} is not the one of the log")
    check(not chain or chain[-1]["number"] in ends, "the chain ends before what the checkpoint signs")
    for at, vouched in [*ends.items(), *(noted(note, key) for note in checkpoints)]:
        check(
            at not in stands or stands[at]["digest"] == vouched,
            f"entry {at} of the log is not the one that a checkpoint signs",
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packs", nargs="+", type=Path, metavar="PACK.zip")
    parser.add_argument("--key", type=Path, help="file with the key of the place, kept from before")
    parser.add_argument(
        "--checkpoint", type=Path, action="append", default=[], help="file with a checkpoint, kept from before"
    )
    args = parser.parse_args()
    known = key_of(args.key.read_text(encoding="utf-8")) if args.key else None
    checkpoints = [file.read_text(encoding="utf-8") for file in args.checkpoint]
    wrong = 0
    for pack in args.packs:
        try:
            tell(pack, verify(pack, known, checkpoints))
        except (Wrong, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
            print(f"{pack}: NOT as it was made: {error}")
            wrong = 1
    return wrong


def tell(pack: Path, manifest: Mapping[str, Any]) -> None:
    print(f"{pack}: as {manifest['place']} made it at {manifest['made_at']}")
    for item in manifest["items"]:
        named = item.get("url") or f"{item['id']} of {item['author']}"
        print(f"  {item['kind']} {named}: {item['action'] or item.get('account_action') or 'not decided'}")


if __name__ == "__main__":
    sys.exit(main())
