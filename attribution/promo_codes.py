"""Promo codes as people say and type them: in any case, with spaces or dashes, in Cyrillic letters that look Latin."""

import unicodedata

_LOOK_ALIKES = str.maketrans("АВЕЁКМНОРСТУХІЅЈ", "ABEEKMHOPCTYXISJ")


def folded(code: str) -> str:
    """The same for every spelling of a code: letters and digits alone. The view `coded_touches` folds alike."""
    kept = "".join(letter for letter in code if unicodedata.category(letter)[0] in "LN")
    return kept.upper().translate(_LOOK_ALIKES)
