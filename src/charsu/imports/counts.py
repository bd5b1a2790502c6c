"""Counts that come along with products: into the one location that the importer names."""

from collections.abc import Sequence

from charsu.imports import reasons
from charsu.imports.prices import Changes
from charsu.imports.target import Options
from charsu.kernel import NotFound, Tx
from charsu.kernel.intake import Item, RowProblem, problem
from charsu.stock.bulk import PastCount, put_many_counts

ON_HAND_MAX = 10**9

Counts = Sequence[tuple[str, int]]
"""Pieces on hand by SKU."""


def put_counts(
    tx: Tx, counts: Sequence[Counts], options: Options
) -> list[dict[str, tuple[str | None, str | None]]]:
    """Count what a sheet says of each thing, as of now; which counts changed, before and after.

    Without a location nothing is counted. Raises NotFound where there is no such location.
    """
    changes: list[Changes] = [{} for _ in counts]
    if options.location is None:
        return changes
    told = [
        (place, PastCount(sku, options.location, pieces))
        for place, some in enumerate(counts)
        for sku, pieces in some
        if 0 <= pieces <= ON_HAND_MAX
    ]
    done = put_many_counts(tx, [count for _, count in told]) if told else []
    for (place, count), outcome in zip(told, done, strict=True):
        if outcome.effect == "location_unknown":
            raise NotFound("location", options.location)
        if outcome.effect == "changed":
            before = None if outcome.before is None else str(outcome.before)
            name = f"on_hand of {count.sku} @ {count.location}"
            changes[place][name] = (before, str(count.on_hand))
    return changes


def left_out(
    items: Sequence[Item[object]], counts: Sequence[Counts], options: Options
) -> list[tuple[RowProblem, ...]]:
    """What is said of counts that are not taken, by thing.

    Where the importer named no location, the first thing with a count says it for all of these.
    """
    warnings: list[tuple[RowProblem, ...]] = [() for _ in items]
    if options.location is not None:
        return [_impossible(*pair) for pair in zip(items, counts, strict=True)]
    for place, (item, some) in enumerate(zip(items, counts, strict=True)):
        if some:
            count = sum(map(len, counts))
            warnings[place] = (
                problem(reasons.COUNTS_LEFT_OUT, line=item.line, field="on_hand", count=count),
            )
            break
    return warnings


def _impossible(item: Item[object], counts: Counts) -> tuple[RowProblem, ...]:
    return tuple(
        problem(
            reasons.COUNT_IMPOSSIBLE, line=item.line, field="on_hand", sku=sku, on_hand=str(pieces)
        )
        for sku, pieces in counts
        if not 0 <= pieces <= ON_HAND_MAX
    )
