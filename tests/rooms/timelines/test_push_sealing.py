"""A push is encrypted exactly as the standard and the draft before it say."""

import base64

from cryptography.hazmat.primitives.asymmetric import ec

from townsquare.timelines.push_sealing import seal_draft, seal_standard


def plain(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


TEXT = b"When I grow up, I want to be a watermelon"
SECRET = plain("BTBZMqHH6r4Tts7J_aSIgg")
SALT = plain("DGv6ra1nlYgDCS1FRnbzlw")
RECEIVER = plain("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
OWN = ec.derive_private_key(int.from_bytes(plain("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), ec.SECP256R1())
STANDARD = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_y"
    "l95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
"""The message of RFC 8291, appendix A."""
DRAFT = "4qwOLFm_mNy0vf1A8f3Bm6B5UD15y3aV_xZy14pixUhcPTIoZKHzq5i3dZ6PzqSMxBI_-VDUZ4jW04M"
"""The same by the draft, as http_ece 1.2.1 encrypts it."""


def test_the_example_of_the_standard() -> None:
    sealed = seal_standard(TEXT, RECEIVER, SECRET, OWN, SALT)
    assert sealed.body == plain(STANDARD)
    assert sealed.headers == {"content-encoding": "aes128gcm"}


def test_the_same_by_the_draft() -> None:
    sealed = seal_draft(TEXT, RECEIVER, SECRET, OWN, SALT)
    assert sealed.body == plain(DRAFT)
    assert sealed.headers == {"content-encoding": "aesgcm", "encryption": "salt=DGv6ra1nlYgDCS1FRnbzlw"}
    assert sealed.crypto_key == (
        "dh=BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
    )
