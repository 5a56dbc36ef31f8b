"""Run by the crash test in a process of its own: cases begun and completed without end."""

from __future__ import annotations

import os
import sys

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "touchstone.config.settings")
    django.setup()

    from touchstone.journal.unit_of_work import ActContext
    from touchstone.kernel.chance import SystemChance
    from touchstone.kernel.time import SystemClock
    from touchstone.process.actions.cases import start_case
    from touchstone.process.actions.tasks import complete_task

    yes = {"opinion": "approve", "remark": "同意"}
    while True:
        ann, bob, cat = (
            ActContext(person, SystemClock(), SystemChance()) for person in ("ann", "bob", "cat")
        )
        case = start_case(ann, "approval", unit="o1", values=yes)
        for number, actor in enumerate((ann, bob, cat), start=1):
            complete_task(actor, f"{case}.w{number}", yes)
        sys.stdout.write(f"{case}\n")
        sys.stdout.flush()
