"""Runs that travel and are run together: of one step, under one lease."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from uuid import UUID

from outbox.pipelines import Step

BATCH_SIZE: Final = 100
BEGIN_SECONDS: Final = 5.0
"""A batch begins no further run after so long, and gives back what it has not begun: a slow step
keeps a worker from others for no longer than this and the run in hand."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to begin one run."""

    run_id: int
    lease_id: UUID
    step: str
    is_alone: bool = False
    """It took its process with it before, and may do so again."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The right to begin some runs of one step, in this order."""

    step: str
    lease_id: UUID
    run_ids: tuple[int, ...]


def gather_batches(claims: Iterable[Claim]) -> list[Batch]:
    """The claims, in their order, in as few batches as may be."""
    batches = []
    groups = groupby(claims, lambda claim: (claim.step, claim.lease_id, claim.is_alone))
    for (step, lease_id, is_alone), group in groups:
        ids = [claim.run_id for claim in group]
        size = 1 if is_alone else BATCH_SIZE
        batches += [
            Batch(step, lease_id, tuple(ids[start : start + size]))
            for start in range(0, len(ids), size)
        ]
    return batches


def seconds_to_begin(run_count: int) -> float:
    """What a batch may take beyond the time of one run."""
    return BEGIN_SECONDS if run_count > 1 else 0.0


def lease_seconds(step: Step, run_count: int) -> float:
    """How long a begun batch may take; its lease is renewed for no longer."""
    return seconds_to_begin(run_count) + step.lease_seconds
