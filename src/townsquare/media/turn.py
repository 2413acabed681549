"""Frames as they are meant to be seen: upright, with square pixels, in the colours of ordinary screens."""

from fractions import Fraction
from typing import Final

from av.filter.graph import Graph
from av.video.frame import VideoFrame

from townsquare.media.film import Size, size_for
from townsquare.media.pixels import fitted

TURNS: Final = {90: ("transpose=cclock",), -90: ("transpose=clock",), 180: ("hflip", "vflip"), -180: ("hflip", "vflip")}
"""What does the turn that a film asks for, in degrees against the clock."""
BT2020: Final = 9
HDR: Final = (16, 18)
"""Transfer by SMPTE ST 2084 (PQ) and ARIB STD-B67 (HLG). These are numbers of ITU-T H.273."""
TO_SDR: Final = ":out_primaries=bt709:out_transfer=bt709:intent=perceptual"


class Upright:
    """Turns the frames of one film. All come out in the size that the first one leads to.

    `aspect` is that of a pixel; `most_pixels` bounds the size further than it is for films.
    """

    def __init__(self, aspect: Fraction, most_pixels: int | None = None) -> None:
        self._aspect = aspect
        self._most = most_pixels
        self._size: Size | None = None
        self._shape: object = None
        self._graph = Graph()

    def turned(self, frame: VideoFrame) -> VideoFrame:
        """The frame, ready to be encoded."""
        shape = (frame.width, frame.height, frame.format.name, frame.rotation, frame.colorspace, frame.color_range)
        if shape != self._shape:
            self._graph, self._shape = self._built(frame), shape
        self._graph.vpush(frame)
        return self._graph.vpull()

    def _built(self, frame: VideoFrame) -> Graph:
        turns = TURNS.get(round(frame.rotation / 90) * 90, ())
        seen = self._seen(frame, sideways=len(turns) == 1)
        self._size = self._size or seen
        size = f"{self._size[0]}:{self._size[1]}"
        scale = f"scale={size}:out_color_matrix=bt709:out_range=tv{TO_SDR if _is_wide(frame) else ''}"
        if seen == self._size:
            return _graph(frame, [*turns, scale, "setsar=1", "format=yuv420p"])
        inside = f"{scale}:force_original_aspect_ratio=decrease:force_divisible_by=2"
        return _graph(frame, [*turns, inside, f"pad={size}:(ow-iw)/2:(oh-ih)/2", "setsar=1", "format=yuv420p"])

    def _seen(self, frame: VideoFrame, *, sideways: bool) -> Size:
        """The size in which the frame is to be seen. The film's other frames may have another."""
        width, height = size_for((frame.width, frame.height), self._aspect)
        if self._most is not None:
            width, height = fitted((width, height), self._most)
        return (height, width) if sideways else (width, height)


def _is_wide(frame: VideoFrame) -> bool:
    """Whether it has colours that an ordinary screen cannot show, as films of newer phones have."""
    return frame.color_trc in HDR or frame.color_primaries == BT2020


def _graph(frame: VideoFrame, steps: list[str]) -> Graph:
    graph = Graph()
    source = f"video_size={frame.width}x{frame.height}:pix_fmt={frame.format.name}:time_base=1/90000"
    colours = f"colorspace={frame.colorspace}:range={frame.color_range}"
    nodes = [graph.add("buffer", f"{source}:{colours}")]
    for step in steps:
        name, _, arguments = step.partition("=")
        nodes.append(graph.add(name, arguments or None))
    graph.link_nodes(*nodes, graph.add("buffersink")).configure()
    return graph
