"""Search as people type: folding, words, the index, and how a typed text is answered."""

from charsu.catalog.search.fold import fold
from charsu.catalog.search.words import words_of

__all__ = ["fold", "words_of"]
