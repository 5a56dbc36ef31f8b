"""``touchstone decide MODEL.dmn --what-if``: a changed model over the decisions journaled in a period."""

from __future__ import annotations

import datetime as dt
import time
from argparse import Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from touchstone.cli.database import ready_database
from touchstone.cli.output import emit
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import at_local, to_microseconds

if TYPE_CHECKING:
    from touchstone.process.rerunning import Rerun

SECONDS = 600


def what_if(args: Namespace) -> int:
    """Print what would have gone otherwise; 1 where the time did not suffice for all of it."""
    from touchstone.decisions.content import TableDecision
    from touchstone.decisions.loading import DecisionModelError
    from touchstone.packs.catalogue import catalogue
    from touchstone.process.deciding import Span
    from touchstone.process.decisions import decisions_of
    from touchstone.process.rerunning import Rerun, go_on
    from touchstone.standard.parameters import parameters

    ready_database()
    path: Path = args.model
    name, version = args.decision or path.stem, catalogue().version
    if not version or name not in decisions_of(version):
        raise refuse(
            "decide.decision",
            f"标准中没有名为“{name}”的决策",
            f"The standard has no decision {name!r}",
            remedy_zh="请用 --decision 指明标准中的决策",
            remedy_en="Name a decision of the standard by --decision",
        )
    try:
        proposed = TableDecision(name, path.read_bytes(), path.name, parameters(version))
    except (OSError, DecisionModelError) as error:
        raise refuse(
            "decide.model", f"模型无法加载：{error}", f"The model cannot be loaded: {error}"
        ) from None
    span = Span(_instant(args.first), _instant(args.last + dt.timedelta(days=1)))
    started = time.monotonic()
    found = go_on(
        name,
        proposed,
        span,
        Rerun(),
        has_time=lambda: time.monotonic() - started < SECONDS,
        amount=args.amount,
    )
    data = {
        "decision": name,
        "model_sha256": proposed.sha256,
        "from": args.first.isoformat(),
        "to": args.last.isoformat(),
        **_told(found),
        "seconds": round(time.monotonic() - started, 3),
    }
    emit(args, data, _lines(data))
    return 0 if found.is_finished else 1


def _instant(day: dt.date) -> int:
    return to_microseconds(at_local(day, dt.time()))


def _told(found: Rerun) -> dict[str, Any]:
    return {
        "asked_again": found.done,
        "otherwise": found.otherwise,
        "same": found.same,
        "undecided": found.undecided,
        "left_out": found.lacked,
        "lacking": dict(found.lacking),
        "amount": None if found.amount is None else str(found.amount),
        "turns": [
            {
                "before": dict(turn.before),
                "after": dict(turn.after),
                "decisions": turn.count,
                "amount": None if turn.amount is None else str(turn.amount),
                "ids": list(turn.ids),
            }
            for turn in found.turns
        ],
        "finished": found.is_finished,
    }


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"{data['decision']}: {data['otherwise']} of {data['asked_again']} decisions would have gone"
        f" otherwise / {data['asked_again']} 次判定中 {data['otherwise']} 次结论不同"
    )
    if data["amount"] is not None:
        yield f"  amount / 金额: {data['amount']}"
    for turn in data["turns"]:
        yield f"  {turn['before']} → {turn['after']}: {turn['decisions']}"
    for name, count in data["lacking"].items():
        yield f"  the journal lacks {name} ({count}) / 日志缺少 {name}（{count}）"
    if not data["finished"]:
        yield "  not finished within the time / 未在限时内完成"
