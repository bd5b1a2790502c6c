"""From a typed text to ranked entries: understanding the words, then asking until one answers."""

from collections.abc import Sequence

from msgspec import Struct

from charsu.catalog.search.candidates import CANDIDATES_MAX, Scope, candidates
from charsu.catalog.search.question import (
    TERMS_MAX,
    Question,
    Term,
    forgiving,
    ladder,
    strict,
    terms_of,
)
from charsu.catalog.search.vocabulary import Known, halves, look_up, meant
from charsu.catalog.search.words import words_of
from charsu.kernel import Tx

EVERYTHING = Question("", "")


FEW = 10  # answers; with fewer, words that were typed wrongly into other words are tried too


class Answered(Struct, frozen=True):
    """Entries that answer, the best first, with the questions that they answer."""

    questions: tuple[Question, ...]
    numbers: list[int]


def understood(tx: Tx, text: str) -> list[Term]:
    """The terms of a typed text; of words that nothing begins with, what they may have meant."""
    words = words_of(text)[:TERMS_MAX]
    if not words:
        return []
    knowledge = look_up(tx, words)
    strange = [word for word in words if not knowledge.words[word].beginning]
    names = dict(knowledge.names)
    for word, parts in halves(tx, strange).items():
        names[word] = [*names.get(word, ()), *parts]
    return terms_of(words, knowledge.words, names, meant(tx, strange))


def answer(tx: Tx, terms: Sequence[Term], scope: Scope) -> Answered:
    """The entries for what was typed; where they are few, for what may have been meant.

    The strict question first. If it has no answer, the first of the ladder that has any; if it
    has few and some word stands nowhere as it was typed, the forgiving one's after its own.
    """
    if not terms:
        return asked(tx, [EVERYTHING], terms, scope)
    answered = asked(tx, [strict(terms)], terms, scope)
    if answered.numbers and not _wants_more(answered, terms):
        return answered
    doubted = _doubted(tx, terms)
    if answered.numbers:
        return asked(tx, [*answered.questions, forgiving(doubted)], terms, scope)
    for question in ladder(doubted):
        answered = asked(tx, [question], terms, scope)
        if answered.numbers:
            break
    return answered


def asked(tx: Tx, questions: Sequence[Question], terms: Sequence[Term], scope: Scope) -> Answered:
    """The entries for these questions, those of the first one first."""
    words = sum(len(term.words) for term in terms)
    share = min((_share(term, scope) for term in terms), default=1.0)
    numbers: dict[int, None] = {}
    for question in questions:
        numbers |= dict.fromkeys(candidates(tx, question, scope, asked=words, share=share))
    return Answered(tuple(questions), list(numbers)[:CANDIDATES_MAX])


def _wants_more(answered: Answered, terms: Sequence[Term]) -> bool:
    strange = any(not term.known.exactly for term in terms)
    return strange and len(answered.numbers) < FEW


def _doubted(tx: Tx, terms: Sequence[Term]) -> list[Term]:
    """The terms again, with what words that do exist may have meant as well."""
    doubtful = [term.words[0] for term in terms if len(term.words) == 1 and not term.meant]
    found = meant(tx, doubtful)
    return [
        Term(t.words, t.known, t.is_last, t.synonyms, t.meant or tuple(found.get(t.words[0], ())))
        for t in terms
    ]


def _share(term: Term, scope: Scope) -> float:
    if len(term.words) > 1 or term.synonyms or term.known == Known(0, 0):
        return 0.0  # nobody has counted; taken for narrow
    return min(1.0, term.known.beginning / scope.entries) if scope.entries else 0.0
