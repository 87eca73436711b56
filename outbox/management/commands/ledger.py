"""Looks at the ledger, checks it, and does steps again."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from outbox.models import StepStatus
from outbox.pipelines import load_pipeline
from outbox.planning import ledger_position
from outbox.replaying import ALL_RESTING, replay_runs
from outbox.verifying import ledger_status, verify_ledger


class Command(BaseCommand):
    help = "The ledger of changes: its state, its soundness, and steps to do again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("status", help="Where the ledger and each step stand, as JSON.")
        actions.add_parser(
            "verify", help="Fails unless there is no gap, no duplicate, and each step is done."
        )
        replay = actions.add_parser("replay", help="Makes steps due again; the relay runs them.")
        replay.add_argument("--step", action="append", help="Only this step; may be repeated.")
        replay.add_argument("--from", type=int, dest="first", help="First sequence number.")
        replay.add_argument("--to", type=int, dest="last", help="Last one; the head if left out.")
        which = replay.add_mutually_exclusive_group()
        which.add_argument("--dead", action="store_true", help="Only what is dead.")
        which.add_argument(
            "--unfinished", action="store_true", help="Only what is dead or waits for a next try."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        actions = {"status": self._status, "verify": self._verify, "replay": self._replay}
        actions[options["action"]](options)

    def _status(self, _options: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(ledger_status(load_pipeline()), indent=2, sort_keys=True))

    def _verify(self, _options: dict[str, Any]) -> None:
        findings = verify_ledger(load_pipeline())
        for finding in findings:
            self.stderr.write(f"{finding.code}: {finding.count} {finding.detail}")
        if findings:
            raise CommandError("The ledger is not whole.")
        self.stdout.write(f"{ledger_position()} events, no gap, no duplicate, each step done.")

    def _replay(self, options: dict[str, Any]) -> None:
        pipeline = load_pipeline()
        steps = options["step"] or list(pipeline.steps)
        if unknown := set(steps) - set(pipeline.steps):
            raise CommandError(f"No such step: {', '.join(sorted(unknown))}.")
        statuses: tuple[StepStatus, ...] = ALL_RESTING
        if options["dead"]:
            statuses = (StepStatus.DEAD,)
        elif options["unfinished"]:
            statuses = (StepStatus.DEAD, StepStatus.WAITING)
        elif options["first"] is None:
            raise CommandError("Say what to do again: --from, --dead or --unfinished.")
        count = replay_runs(
            pipeline=pipeline,
            steps=steps,
            first=options["first"] or 1,
            last=options["last"] or ledger_position(),
            statuses=statuses,
        )
        self.stdout.write(f"{count} steps are due again.")
