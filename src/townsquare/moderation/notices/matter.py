"""What a notice is said to be about: the policy of it, which sets its deadline. A pure rule.

What is most urgent is known by its words in a dozen languages in which hosts and authorities write, the rest in English
and German. A word too many makes a person look sooner than they would have to, no more.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

UNKNOWN: Final = "illegal"
"""The policy of what nothing else fits."""

_BY_WORDS: Final[Sequence[tuple[str, re.Pattern[str]]]] = [
    (code, re.compile("|".join(words), re.IGNORECASE))
    for code, words in (
        (
            "child-safety",
            (
                r"\bcs[ae]m\b|child (sexual|porn|abuse)|sexual abuse of (a )?(child|minor)",
                r"kinderporn|kindesmissbrauch|missbrauch von kind",
                r"p[ée]do-?porno|abus sexuels? (sur|d)\W+(des |les )?(enfant|mineur)",
                r"pornograf[íi]a infantil|abuso sexual (infantil|de (menor|ni[ñn]|crian))",
                r"abus\w+ sessual\w+ (su|di) minor",
                r"seksueel misbruik van kind|pornografi\w+ dzieci|wykorzystywani\w+ seksualn\w+ (dzieci|małoletni)",
                r"детск\w+ порн|дитяч\w+ порн|児童ポルノ|児童性的",
            ),
        ),
        ("terrorism", (r"\bterror[iy]|терр?ори|テロ|2021/784|\bTCO\b",)),
        (
            "intimate-image",
            (
                r"\bncii\b|non-?consensual|intimate (image|picture)|take it down|revenge porn",
                r"intime (bild|aufnahm|foto|video)|rachepor|images? intimes?|im[áa]gen\w* [íi]ntim|immagin\w+ intim",
                r"intieme (beeld|foto|video)|wraakporno|intymn\w+ (zdj|nagra)|(zdj\w+|nagra\w+) intymn",
                r"リベンジポルノ|интимн",
            ),
        ),
        (
            "violent-threat",
            (
                r"\bviol[eê]n|\bthreat|\bkill(ing)?\b|incit(es|ing|ement)|gewalt|drohung|bedroh|\bmorddroh",
                r"\bmenac(e|er|es|ent|ant)\b|\bamenaza|\bamea[çc]a|\bminacc|\bgeweld|\bbedreig|gr[oó]źb|przemoc",
                r"殺害|脅迫|暴力|殺す|угроз|загроз|насил|şiddet|tehdit",
            ),
        ),
        ("copyright", (r"copyright|\bdmca\b|infring|trademark|urheberrecht|markenrecht|droits? d.auteur",)),
        ("fraud", (r"phishing|\bfraud|\bscam|malware|betrug",)),
        ("hate", (r"\bhate\b|hateful|racis|antisemit|volksverhetz|\bhass\b",)),
        ("private-data", (r"\bdox|personal data|privacy|\bgdpr\b|\bdsgvo\b|private daten",)),
        ("harassment", (r"harass|stalking|bel(ä|ae)stig",)),
        ("impersonation", (r"impersonat|identit(y|ä)ts?.{0,3}theft|identitätsdiebstahl",)),
        ("spam", (r"\bspam\b|unsolicited",)),
    )
]
_BY_TYPE: Final[Mapping[str, str]] = {
    "csam": "child-safety", "csem": "child-safety", "child_abuse": "child-safety", "childabuse": "child-safety",
    "phishing": "fraud", "fraud": "fraud", "malware": "fraud", "copyright": "copyright", "trademark": "copyright",
    "ugc_platform": "copyright", "brand_infringement": "copyright", "spam": "spam", "bulk_messaging": "spam",
    "exposed_data": "private-data", "virus": "fraud", "harassment": "harassment", "p2p": "copyright",
    "cyberlocker": "copyright", "link_site": "copyright", "usenet": "copyright",
}  # fmt: skip
"""What ARF and XARF call the matter; XARF has no word for threats, so where none fits the text is asked."""


def policy_of(kind: str, text: str) -> str:
    """Which it is said to be: by what ARF or XARF calls it, else by the words of the text."""
    by_type = _BY_TYPE.get(kind.lower().replace("-", "_"))
    return by_type or next((code for code, words in _BY_WORDS if words.search(text)), UNKNOWN)
