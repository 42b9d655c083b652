"""Guesses the language a text is written in: an offer that people correct, never a decision."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

SHORTEST = 20  # characters; below that a guess is a coin toss
SURE = 0.9


def guess(text: str, offered: Sequence[str], otherwise: str) -> str:
    """The offered language (BCP 47) a text seems to be in; `otherwise` where that is not sure."""
    if len(text) < SHORTEST:
        return otherwise
    primary = {tag.partition("-")[0]: tag for tag in reversed(offered)}
    language, probability = _identifier(tuple(primary)).classify(text[:4000])
    return primary.get(language, otherwise) if probability >= SURE else otherwise


@lru_cache(maxsize=2)
def _identifier(languages: tuple[str, ...]) -> Any:
    """The model, narrowed down to the site's languages; loaded on first use (0.7 s, 130 MB)."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # its import costs every process 50 MB

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = set(identifier.nb_classes)
    identifier.set_languages([language for language in languages if language in known])
    return identifier
