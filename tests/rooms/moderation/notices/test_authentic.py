"""Whether a message is from the domain that it names: what a mail server of the place says of it, and nothing else."""

from email import message_from_string

import pytest

from townsquare.moderation.notices.authentic import is_authentic

OURS = "mx.town.example"


@pytest.mark.parametrize(
    "results",
    [
        "mx.town.example; dmarc=pass (p=REJECT) header.from=cloud.example",
        "MX.town.example 1; spf=none; dkim=pass header.d=cloud.example header.s=k1",
        "mx.town.example; dkim=pass header.i=@cloud.example header.b=abc; dmarc=none header.from=cloud.example",
        "mx.town.example; spf=pass (domain of abuse@cloud.example; ok) smtp.mailfrom=abuse@cloud.example",
        "mx.town.example;\n dkim=fail header.d=list.example;\n dkim=pass header.d=cloud.example",
    ],
)
def test_one_method_that_passes_for_the_domain_is_enough(results: str) -> None:
    assert authentic(results)
    assert authentic(results, "mail.cloud.example"), "what is below the domain as well"


@pytest.mark.parametrize(
    "results",
    [
        "mx.other.example; dmarc=pass header.from=cloud.example",
        "mx.town.example.evil.example; dmarc=pass header.from=cloud.example",
        "mx.town.example; dmarc=fail header.from=cloud.example; spf=pass smtp.mailfrom=x@cloud.example",
        "mx.town.example; dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=evil.example",
        "mx.town.example; dkim=pass header.d=mail.cloud.example",
        "mx.town.example; dkim=pass header.d=example",
        "mx.town.example; dkim=pass header.d=notcloud.example",
        "mx.town.example; dkim=none header.d=cloud.example",
        'mx.town.example; spf=fail reason="x; dkim=pass header.d=cloud.example" smtp.mailfrom=evil.example',
        "mx.town.example; spf=fail (x; dkim=pass header.d=cloud.example) smtp.mailfrom=evil.example",
        'mx.town.example; spf=fail reason="x smtp.mailfrom=evil.example; dkim=pass header.d=cloud.example',
        "mx.town.example; spf=fail (x smtp.mailfrom=evil.example; dkim=pass header.d=cloud.example",
        "mx.town.example; dkim=pass header.d=evil.example header.i=@cloud.example",
        "mx.town.example; x-own=pass header.from=cloud.example",
        "mx.town.example",
        "",
    ],
)
def test_nothing_else_is(results: str) -> None:
    assert not authentic(results)


def test_without_a_mail_server_of_ours_nothing_is_proven() -> None:
    message = message_from_string(
        "From: a@cloud.example\nAuthentication-Results: ; dmarc=pass header.from=cloud.example"
    )
    assert not is_authentic(message, "cloud.example", "")


def test_a_message_with_two_authors_is_from_nobody() -> None:
    said = "Authentication-Results: mx.town.example; dmarc=pass header.from=cloud.example"
    assert not is_authentic(
        message_from_string(f"From: a@cloud.example\nFrom: b@evil.example\n{said}"), "cloud.example", OURS
    )


def authentic(results: str, domain: str = "cloud.example") -> bool:
    message = message_from_string(f"From: abuse@{domain}\nAuthentication-Results: {results}\n\nLook at this")
    return is_authentic(message, domain, OURS)
