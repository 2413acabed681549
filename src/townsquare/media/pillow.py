"""The few calls of Pillow whose types it ties to numpy, which is not installed here, with the types that we need."""

from functools import cache
from typing import Any, Literal, Protocol

from PIL import Image, ImageCms

Size = tuple[int, int]


class _Pixels(Protocol):
    def resize(
        self,
        size: Size,
        resample: int | None = None,
        box: tuple[float, float, float, float] | None = None,
        reducing_gap: float | None = None,
    ) -> Image.Image: ...

    def point(self, lut: list[int]) -> Image.Image: ...


class _Profiles(Protocol):
    def createProfile(self, colorSpace: Literal["sRGB"]) -> Any: ...


def resized(image: _Pixels, size: Size, box: tuple[float, float, float, float] | None = None) -> Image.Image:
    """The box of the picture (all of it, when not given) at a size, by Lanczos' filter."""
    return image.resize(size, Image.Resampling.LANCZOS, box, reducing_gap=3.0)


def averaged(image: _Pixels, size: Size) -> Image.Image:
    """At a small size, each pixel the average of those that it stands for."""
    return image.resize(size, Image.Resampling.BOX)


def mapped(image: _Pixels, values: list[int]) -> Image.Image:
    """With each value of each band replaced by `values` at its index."""
    return image.point(values)


@cache
def srgb() -> ImageCms.ImageCmsProfile:
    return _srgb_by(ImageCms)


def _srgb_by(profiles: _Profiles) -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(profiles.createProfile("sRGB"))
