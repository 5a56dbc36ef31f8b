"""``touchstone scorecard``: fit a card to a sample offline, and score somebody by a card."""

from __future__ import annotations

import json
from argparse import Namespace, _SubParsersAction
from pathlib import Path
from typing import Any

from touchstone.cli.output import emit
from touchstone.kernel.refusal import refuse


def register(words: _SubParsersAction[Any]) -> None:
    """Add the words of this part."""
    card = words.add_parser("scorecard", help="fit a scorecard offline; score by one")
    acts = card.add_subparsers(dest="act", required=True)
    fit = acts.add_parser("fit", help="points, cut-offs and validation sheet from a CSV sample")
    fit.add_argument("sample", type=Path, metavar="FILE.csv")
    fit.add_argument("--target", required=True, help="the column that tells how it ended")
    fit.add_argument("--bad", required=True, help="its value where it ended badly")
    fit.add_argument("--id", required=True, help="id of the card")
    fit.add_argument("--without", action="append", default=[], metavar="COLUMN")
    fit.add_argument("--seed", type=int, default=0, help="draws the folds")
    fit.add_argument("--out", type=Path, metavar="CARD.yaml", help="where the card is written")
    fit.set_defaults(run=_fit)
    score = acts.add_parser("score", help="points, reasons and grade of one applicant")
    score.add_argument("card", type=Path, metavar="CARD.yaml")
    score.add_argument("--input", type=Path, required=True, help="JSON: {characteristic: value}")
    score.set_defaults(run=_score)
    for word in (fit, score):
        word.add_argument("--json", action="store_true")


def _fit(args: Namespace) -> int:
    from ruamel.yaml import YAML

    from touchstone.decisions.fitting import fit, read_sample

    sample = read_sample(args.sample, args.target, args.bad, args.without)
    fitted = fit(sample, args.id, seed=args.seed)
    if args.out:
        writer = YAML()
        writer.width = 100
        with args.out.open("w", encoding="utf-8") as file:
            writer.dump(fitted.data, file)
    sheet = fitted.data["validation"]
    lines = [
        f"{sheet['rows']} rows, {sheet['bad']} bad / 样本 {sheet['rows']} 行，其中坏样本 {sheet['bad']}",
        f"AUC {sheet['auc']}  Gini {sheet['gini']}  KS {sheet['ks']}  PSI {sheet['psi']}",
        f"plain regression / 普通回归 AUC {sheet['plain_regression_auc']}",
    ]
    emit(args, {"card": str(args.out) if args.out else None, "validation": sheet}, lines)
    return 0


def _score(args: Namespace) -> int:
    from touchstone.decisions.scorecard import Scorecard, read_scorecard
    from touchstone.kernel.problem import Problem
    from touchstone.packs.source import load_yaml

    data = load_yaml(args.card.read_bytes(), args.card.name)
    try:
        card = data if isinstance(data, Problem) else read_scorecard(data, args.card.name)
        inputs = json.loads(args.input.read_text(encoding="utf-8"))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise refuse(
            "scorecard.unreadable", f"无法读取：{error}", f"It cannot be read: {error}"
        ) from None
    if not isinstance(card, Scorecard):
        first = card if isinstance(card, Problem) else card[0]
        raise refuse("scorecard.unreadable", first.text_zh, first.text_en)
    if not isinstance(inputs, dict):
        raise refuse("scorecard.unreadable", "输入须为一个对象", "The input must be an object")
    score = card.score(inputs)
    parts = [
        {"characteristic": part.characteristic, "points": part.points, "lost": part.lost}
        for part in score.parts
    ]
    reasons = [part.characteristic for part in score.reasons]
    data = {"points": score.points, "grade": score.grade, "parts": parts, "reasons": reasons}
    emit(args, data, [f"{score.points} · {score.grade}", *reasons])
    return 0
