"""What parts a picture's file consists of, read by the formats' own structure, to prove that only pixels are in it."""

import struct

PARTS_OF_PIXELS = {
    "image/jpeg": {"JFIF", "DQT", "SOF", "DHT", "SOS", "DRI"},
    "image/png": {"IHDR", "PLTE", "tRNS", "IDAT", "IEND", "acTL", "fcTL", "fdAT"},
    "image/webp": {"VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF"},
    "image/gif": {"picture", "timing", "NETSCAPE2.0"},
}


def parts(data: bytes, content_type: str) -> set[str]:
    """The names of all parts; what stands after the end counts as the part "trailing"."""
    return {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp, "image/gif": _gif}[content_type](data)


def _jpeg(data: bytes) -> set[str]:
    names, at = set[str](), 2
    while data[at + 1] != 0xD9:
        marker, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        names.add(_jpeg_name(marker, data[at + 4 : at + 8]))
        at += 2 + size
        if marker == 0xDA:
            while data[at] != 0xFF or data[at + 1] == 0 or 0xD0 <= data[at + 1] <= 0xD7:
                at += 1
    return names | ({"trailing"} if at + 2 < len(data) else set())


def _jpeg_name(marker: int, start: bytes) -> str:
    names = {0xDB: "DQT", 0xC0: "SOF", 0xC1: "SOF", 0xC2: "SOF", 0xC4: "DHT", 0xDA: "SOS", 0xDD: "DRI", 0xFE: "COM"}
    if marker == 0xE0 and start == b"JFIF":
        return "JFIF"
    return names.get(marker, f"{marker:02X}")


def _png(data: bytes) -> set[str]:
    names, at = set[str](), 8
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        names.add(name.decode())
        at += 12 + size
        if name == b"IEND":
            break
    return names | ({"trailing"} if at < len(data) else set())


def _webp(data: bytes) -> set[str]:
    end = 8 + int.from_bytes(data[4:8], "little")
    names, at = set[str](), 12
    while at < end:
        name, size = data[at : at + 4].decode(), int.from_bytes(data[at + 4 : at + 8], "little")
        names.add(name)
        at += 24 if name == "ANMF" else 8 + size + size % 2
    return names | ({"trailing"} if end < len(data) else set())


def _gif(data: bytes) -> set[str]:
    names, at = set[str](), 13 + _table(data[10])
    while data[at] != 0x3B:
        if data[at] == 0x2C:
            names.add("picture")
            at += 11 + _table(data[at + 9])
        else:
            name = data[at + 3 : at + 14].decode() if data[at + 1] == 0xFF else f"{data[at + 1]:02X}"
            names.add("timing" if name == "F9" else name)
            at += 2
        while data[at]:
            at += data[at] + 1
        at += 1
    return names | ({"trailing"} if at + 1 < len(data) else set())


def _table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0
