from PIL import Image, ImageDraw

from townsquare.media.blurhash import blurhash


def test_it_is_what_the_reference_implementation_gives() -> None:
    """Values of woltapp's C code (by its Python wrapper) for the same 32 x 32 pixels."""
    image = Image.merge("RGB", [Image.linear_gradient("L").resize((32, 32), Image.Resampling.NEAREST)] * 3)
    ImageDraw.Draw(image).rectangle((4, 6, 20, 25), "#c03060")
    assert blurhash(image) == "UrJjJUw0O=Xl00oLR*R*g$S}rsnjIUR*t7of"
    assert blurhash(Image.new("RGB", (32, 32), "#3377aa")) == "U35@pGt:fQt:t:flfQflfQfQfQfQt:flfQfl"


def test_its_size_and_shape_do_not_matter() -> None:
    for size in [(1, 1), (3, 900), (900, 3), (640, 360)]:
        assert len(blurhash(Image.new("RGB", size, "orange"))) == 36


def test_transparent_parts_count_as_white() -> None:
    assert blurhash(Image.new("RGBA", (40, 40), (0, 0, 0, 0))) == blurhash(Image.new("L", (40, 40), 255))
