"""In which language a page is, and how its templates come to say so.

A template is compiled once for each language that is asked for, with the sentences that stand in it already translated:
to show a page in German costs nothing that a page in English does not.
"""

from collections.abc import MutableMapping
from contextvars import ContextVar
from datetime import tzinfo
from typing import Any, Final, cast

import jinja2
from jinja2 import nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from townsquare.kernel.words import N_, SOURCE, Tongue, Words, best_tongue, tongue
from townsquare.kernel.words.pseudo import CLOSE

__all__ = ["N_", "SOURCE", "ZONE", "Speaking", "Tongue", "Words", "accepted", "best_tongue", "tongue"]

ZONE: Final[ContextVar[tzinfo | None]] = ContextVar("zone", default=None)
"""Where the reader of the page is that is being made; None where that is not known."""
_MOST: Final = 20
_ENDS: Final = (".", "!", "?", "…", CLOSE)


class Speaking(jinja2.Environment):
    """Templates in one language. `_`, `ngettext`, `pgettext`, `npgettext` and `{% trans %}` are as in Jinja's own
    extension, with values escaped; a constant is translated while the template is compiled.
    """

    newstyle_gettext = True
    tongue: Tongue

    def speak(self, chosen: Tongue) -> None:
        """Before any template is compiled."""
        self.tongue = chosen
        self.policies["ext.i18n.trimmed"] = True
        cast("dict[str, object]", self.globals).update(
            {
                "_": self._say,
                "gettext": self._say,
                "ngettext": self._plural,
                "pgettext": self._in_context,
                "npgettext": self._plural_in_context,
                _FILL: self._fill,
                "tongue": chosen,
            }
        )
        cast("dict[str, object]", self.filters).update({"sentence": self._sentence})

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The same dict for all templates. Jinja looks through a chain of two, for templates that bring some of their
        own: that takes a tenth of the time of a page, and here none does.
        """
        return self.globals if d is None else super().make_globals(d)

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        return super()._generate(_Folding(self.tongue).visit(source), name, filename, defer_init)

    def _say(self, text: str, /, **values: object) -> Markup:
        """A text that is not known before the page is made: it is escaped."""
        if isinstance(text, Markup):
            return text
        return escape(self.tongue.say(text, **values))

    def sentence(self, text: str) -> str:
        """A text of ours as a whole sentence: what is wrong is written without a full stop, for apps."""
        said = text if isinstance(text, Markup) else self.tongue.say(text)
        return said if not said or said[-1] in _ENDS else said + "."

    def _sentence(self, text: str) -> Markup:
        return escape(self.sentence(text))

    def _plural(self, one: str, many: str, num: int, /, **values: object) -> Markup:
        return self._fill(self.tongue.ngettext(one, many, num), **{"num": num, **values})

    def _in_context(self, context: str, text: str, /, **values: object) -> Markup:
        return self._fill(self.tongue.pgettext(context, text), **values)

    def _plural_in_context(self, context: str, one: str, many: str, num: int, /, **values: object) -> Markup:
        return self._fill(self.tongue.npgettext(context, one, many, num), **{"num": num, **values})

    def _fill(self, template: str, /, **values: object) -> Markup:
        """A translated sentence with its values. Where one reads from right to left, they keep their own direction."""
        shown = {name: escape(self.tongue.value(value)) for name, value in values.items()}
        if self.tongue.direction == "rtl":
            shown = {name: Markup("\u2068{}\u2069").format(value) for name, value in shown.items()}
        return Markup(template % shown)  # noqa: S704 (a sentence of the catalogue, its values escaped)


_FILL: Final = "fill_words"


class _Folding(NodeTransformer):
    """Translates the sentences of a template while it is compiled."""

    def __init__(self, chosen: Tongue) -> None:
        self._tongue = chosen

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        called = node.node.name if isinstance(node.node, nodes.Name) else ""
        words = [one.value for one in node.args if isinstance(one, nodes.Const) and isinstance(one.value, str)]
        match called, words:
            case (("_" | "gettext"), [text]) if not isinstance(text, Markup):
                return self._translated(node, self._tongue.gettext(text))
            case "pgettext", [context, text]:
                return self._translated(node, self._tongue.pgettext(context, text))
            case _:
                return node

    def _translated(self, node: nodes.Call, text: str) -> nodes.Node:
        if not node.kwargs and node.dyn_kwargs is None:
            return nodes.Const(Markup(text % {}), lineno=node.lineno)  # noqa: S704 (a sentence of the catalogue)
        return nodes.Call(
            nodes.Name(_FILL, "load"), [nodes.Const(text)], node.kwargs, None, node.dyn_kwargs, lineno=node.lineno
        )


def accepted(header: str) -> list[str]:
    """The languages of an Accept-Language header (RFC 9110, 12.5.4), the dearest first."""
    wanted: list[tuple[float, str]] = []
    for part in header.split(",")[:_MOST]:
        code, _, weight = part.partition(";")
        wanted.append((_weight(weight), code.strip()))
    return [code for weight, code in sorted(wanted, key=lambda one: -one[0]) if weight > 0 and code not in ("", "*")]


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    try:
        return min(float(value), 1.0) if name == "q" else 1.0
    except ValueError:
        return 0.0
