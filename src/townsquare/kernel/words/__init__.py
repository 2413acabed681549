"""What people read, in their own language.

A sentence is marked where it is written, in English: `N_("…")` where it is a constant, `Words("…", num=5)` where it has
values in it, `{{ _("…") }}` in templates. It is translated where it is shown, by the Tongue of whoever reads it.
"""

from townsquare.kernel.words.catalogues import PSEUDO, SOURCE, TONGUES, best_tongue, read_catalogues, tongue
from townsquare.kernel.words.marks import N_, Words
from townsquare.kernel.words.tongue import Tongue

__all__ = ["N_", "PSEUDO", "SOURCE", "TONGUES", "Tongue", "Words", "best_tongue", "read_catalogues", "tongue"]
