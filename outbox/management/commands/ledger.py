"""Looks at the ledger, checks it, and does steps again."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from core.interface import utc_now
from outbox.broker_state import read_broker
from outbox.health import read_operations
from outbox.models import StepStatus
from outbox.pipelines import load_pipeline
from outbox.planning import ledger_position
from outbox.replaying import ALL_RESTING, replay_runs
from outbox.retention import LedgerRemoval, ledger_start, plan_ledger_removal, thin_ledger
from outbox.status_text import status_text
from outbox.verifying import ledger_status, verify_ledger

_MAX_DAYS: Final = 36_500


def whole_days(text: str) -> int:
    """A number of days, at least one."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= _MAX_DAYS):
        raise ArgumentTypeError(f"write a whole number of days, from 1 to {_MAX_DAYS}")
    return int(text)


class Command(BaseCommand):
    help = "The ledger of changes: its state, its soundness, and steps to do again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        status = actions.add_parser(
            "status", help="Where the ledger and each step stand, and what to do."
        )
        status.add_argument("--json", action="store_true", help="For programs.")
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
        thin = actions.add_parser(
            "thin", help="Removes old events that each step is done with; says first which."
        )
        thin.add_argument(
            "--keep-days",
            type=whole_days,
            help="How many days to keep. Otherwise LEDGER_RETENTION_DAYS.",
        )
        thin.add_argument("--yes", action="store_true", help="Do it.")

    def handle(self, *_args: Any, **options: Any) -> None:
        actions = {
            "status": self._status,
            "verify": self._verify,
            "replay": self._replay,
            "thin": self._thin,
        }
        actions[options["action"]](options)

    def _status(self, options: dict[str, Any]) -> None:
        pipeline = load_pipeline()
        if not options["json"]:
            self.stdout.write(status_text(pipeline))
            return
        # A process's first peek knows nothing, and this one has no second.
        found = ledger_status(pipeline) | {"operations": read_operations(read_broker())}
        self.stdout.write(json.dumps(found, indent=2, sort_keys=True))

    def _verify(self, _options: dict[str, Any]) -> None:
        findings = verify_ledger(load_pipeline())
        for finding in findings:
            self.stderr.write(f"{finding.code}: {finding.count} {finding.detail}")
        if findings:
            raise CommandError("The ledger is not whole.")
        start = ledger_start()
        removed = f", {start} of them removed" if start else ""
        self.stdout.write(
            f"{ledger_position()} events{removed}, no gap, no duplicate, each step done."
        )

    def _thin(self, options: dict[str, Any]) -> None:
        days = options["keep_days"] or settings.LEDGER_RETENTION_DAYS
        if not days:
            raise CommandError("Everything is kept. Say --keep-days, or set LEDGER_RETENTION_DAYS.")
        before, pipeline = utc_now() - timedelta(days=days), load_pipeline()
        plan = plan_ledger_removal(before, pipeline)
        self.stdout.write(_said(plan, before))
        if not options["yes"]:
            self.stdout.write("Nothing was removed. Add --yes to remove it.")
            return
        with tqdm(total=plan.events, unit="event", desc="Removing", leave=False) as bar:
            removal = thin_ledger(before, pipeline, bar.update)
        self.stdout.write(
            self.style.SUCCESS(
                f"{removal.events:,} events removed; the ledger begins at {removal.last + 1}."
            )
        )

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


def _said(plan: LedgerRemoval, before: datetime) -> str:
    """The plan in words."""
    if plan.events:
        what = (
            f"Events {plan.first} to {plan.last} are to be removed: {plan.events:,} with"
            f" {plan.runs:,} runs of steps. Mirrors that are further behind must start again."
        )
    else:
        what = f"No event is to be removed that is older than {before.date()}."
    return f"{what} {plan.held_by}" if plan.held_by else what
