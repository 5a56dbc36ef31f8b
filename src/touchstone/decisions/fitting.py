"""Fitting a scorecard: classes, weights of evidence, logistic regression, points (needs scikit-learn).

Numbers are cut at quantiles, names too rare to say anything share a class; each class is worth its
smoothed log-odds against the whole, and the regression weighs the characteristics (Siddiqi, Credit Risk
Scorecards, 2006). Refused applications are not guessed at. The sheet is written from predictions for
rows that the folds had not seen.
"""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from touchstone.decisions.scorecard import Scorecard, protected_among, read_scorecard
from touchstone.decisions.validation import auc, deciles, gini, ks, psi, shares
from touchstone.kernel.refusal import refuse

_QUANTILES, _SMOOTHING, _LEAST_SHARE = 4, 30.0, 0.03
_BASE_POINTS, _BASE_ODDS, _DOUBLING = 600, 20.0, 40.0
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows with a known ending.

    Attributes:
        columns: name -> values as written, in the order of the rows.
        bad: whether each row went bad.
        sha256: of the file.
    """

    columns: Mapping[str, tuple[str, ...]]
    bad: tuple[bool, ...]
    sha256: str

    def only(self, rows: Sequence[int]) -> Sample:
        """The same of some rows."""
        columns = {name: tuple(held[row] for row in rows) for name, held in self.columns.items()}
        return Sample(columns, tuple(self.bad[row] for row in rows), self.sha256)

    def row(self, number: int) -> dict[str, str]:
        """One row: column -> value."""
        return {name: held[number] for name, held in self.columns.items()}

    def rows(self) -> list[dict[str, str]]:
        """Every row."""
        return [self.row(number) for number in range(len(self.bad))]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A card as data for its file, as read back, and the chance of going bad by its points.

    Attributes:
        rival_auc: of a plain logistic regression over the same columns and folds, names one-hot.
    """

    data: dict[str, Any]
    card: Scorecard
    rival_auc: float


def read_sample(path: Path, target: str, bad: str, without: Sequence[str] = ()) -> Sample:
    """Rows of a CSV file with a header.

    Raises:
        Refusal: ``scorecard.file``, ``scorecard.no_column``, ``scorecard.one_sided``,
            ``scorecard.protected``.
    """
    try:
        content = path.read_bytes()
        rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines(), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise refuse(
            "scorecard.file", f"样本文件无法读取：{error}", f"The sample cannot be read: {error}"
        ) from None
    names = list(rows[0]) if rows else []
    for name in (target, *without):
        if name not in names:
            raise refuse(
                "scorecard.no_column", f"样本中没有列 {name}", f"The sample has no column {name}"
            )
    used = [name for name in names if name and name != target and name not in without]
    if found := protected_among(used):
        listed = ", ".join(found)
        raise refuse(
            "scorecard.protected",
            f"受保护特征不得用于评分：{listed}",
            f"Nobody may be scored by protected attributes: {listed}",
            remedy_zh="用 --without 排除这些列",
            remedy_en="Leave these columns out with --without",
        )
    outcome = tuple(row[target] == bad for row in rows)
    if not 0 < sum(outcome) < len(outcome) or len(outcome) < 10 * FOLDS:
        raise refuse(
            "scorecard.one_sided",
            "样本过少或只有一种结果",
            "The sample is too small or knows one ending only",
        )
    columns = {name: tuple(row[name] or "" for row in rows) for name in used}
    return Sample(columns, outcome, hashlib.sha256(content).hexdigest())


def fit(sample: Sample, identity: str, *, seed: int = 0) -> Fitted:
    """A card over every column of ``sample``, with its sheet from ``FOLDS`` folds drawn by ``seed``.

    Raises:
        Refusal: ``scorecard.no_library``.
    """
    sklearn = _library()
    unseen, rival = [0.0] * len(sample.bad), [0.0] * len(sample.bad)
    folds = sklearn.model_selection.StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for seen, apart in folds.split([[0]] * len(sample.bad), sample.bad):
        weighed = _weigh(sample.only(seen))
        plain = _plain_regression(sample, seen)
        for row, chance in zip(apart, plain(apart), strict=True):
            unseen[row], rival[row] = weighed.chance(sample.row(row)), chance
    final = _weigh(sample)
    data = _as_content(final, identity)
    data["grades"] = _grades([_read(data).score(row).points for row in sample.rows()])
    card = _read(data)
    classes = [card.score(row).grade for row in sample.rows()]
    data["expected"] = {name: round(share, 4) for name, share in shares(classes).items()}
    points = [-chance for chance in unseen]
    by_class = [final.grade_of(card, chance) for chance in unseen]
    data["validation"] = {
        "sample_sha256": sample.sha256,
        "rows": len(sample.bad),
        "bad": sum(sample.bad),
        "folds": FOLDS,
        "seed": seed,
        "auc": round(auc(points, sample.bad), 4),
        "gini": round(gini(points, sample.bad), 4),
        "ks": round(ks(points, sample.bad), 4),
        "psi": round(psi(shares(classes), shares(by_class)), 4),
        "plain_regression_auc": round(auc([-item for item in rival], sample.bad), 4),
        "deciles": [
            {
                "count": item.count,
                "predicted": round(item.predicted, 4),
                "observed": round(item.observed, 4),
            }
            for item in deciles(points, unseen, sample.bad)
        ],
    }
    return Fitted(data, _read(data), data["validation"]["plain_regression_auc"])


def _read(data: Mapping[str, Any]) -> Scorecard:
    card = read_scorecard(data)
    assert isinstance(card, Scorecard), card
    return card


@dataclass(frozen=True, slots=True)
class _Column:
    """Classes of one column and what each says: log-odds of going bad against the whole."""

    name: str
    cuts: tuple[float, ...] | None
    classes: Mapping[str, int]
    evidence: tuple[float, ...]

    def evidence_of(self, value: str) -> float:
        place = _place(value, self.cuts, self.classes)
        return 0.0 if place is None else self.evidence[place]


@dataclass(frozen=True, slots=True)
class _Weighed:
    columns: tuple[_Column, ...]
    weights: tuple[float, ...]
    constant: float

    def chance(self, row: Mapping[str, str]) -> float:
        """The chance that ``row`` goes bad."""
        odds = self.constant + sum(
            weight * column.evidence_of(row[column.name])
            for column, weight in zip(self.columns, self.weights, strict=True)
        )
        return 1 / (1 + math.exp(-odds))

    def grade_of(self, card: Scorecard, chance: float) -> str:
        """The grade of somebody with this chance of going bad."""
        points = _points_of(math.log(chance / (1 - chance)))
        return next((item.id for item in card.grades if points >= item.least), card.grades[-1].id)


def _library() -> Any:
    try:
        import sklearn.linear_model
        import sklearn.model_selection
        import sklearn.preprocessing
    except ImportError:
        raise refuse(
            "scorecard.no_library",
            "拟合评分卡需要 scikit-learn",
            "Fitting a scorecard needs scikit-learn",
            remedy_zh="安装附加项 scorecard 后再试",
            remedy_en="Install the extra named scorecard and try again",
        ) from None
    return sklearn


def _number(value: str) -> float | None:
    try:
        found = float(value)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _place(value: str, cuts: Sequence[float] | None, classes: Mapping[str, int]) -> int | None:
    if cuts is None:
        return classes.get(value)
    number = _number(value)
    return None if number is None else sum(number > cut for cut in cuts)


def _classes(values: Sequence[str]) -> tuple[tuple[float, ...] | None, dict[str, int]]:
    """Cuts of a column of numbers, or name -> class of a column of names."""
    given = [value for value in values if value]
    numbers = [number for value in given if (number := _number(value)) is not None]
    if given and len(numbers) == len(given):
        ordered = sorted(numbers)
        cuts = {
            ordered[math.ceil(part * len(ordered) / _QUANTILES) - 1]
            for part in range(1, _QUANTILES)
        }
        return tuple(sorted(cut for cut in cuts if cut < ordered[-1])), {}
    counts = {name: given.count(name) for name in sorted(set(given))}
    common = [name for name, count in counts.items() if count >= _LEAST_SHARE * len(given)]
    return None, {name: common.index(name) if name in common else len(common) for name in counts}


def _weigh(sample: Sample) -> _Weighed:
    columns = tuple(_column(name, held, sample.bad) for name, held in sample.columns.items())
    rows = [
        [column.evidence_of(value) for column, value in zip(columns, values, strict=True)]
        for values in zip(*sample.columns.values(), strict=True)
    ]
    model = _library().linear_model.LogisticRegression(max_iter=1000).fit(rows, sample.bad)
    # A class that speaks against somebody may not be turned in his favour by its neighbours.
    weights = tuple(max(float(weight), 0.0) for weight in model.coef_[0])
    return _Weighed(columns, weights, float(model.intercept_[0]))


def _column(name: str, values: Sequence[str], bad: Sequence[bool]) -> _Column:
    cuts, classes = _classes(values)
    size = len(cuts) + 1 if cuts is not None else max(classes.values(), default=-1) + 1
    counts, ills = [0] * size, [0] * size
    for value, is_bad in zip(values, bad, strict=True):
        place = _place(value, cuts, classes)
        if place is not None:
            counts[place] += 1
            ills[place] += is_bad
    share = sum(bad) / len(bad)
    evidence = []
    for count, ill in zip(counts, ills, strict=True):
        rate = (ill + _SMOOTHING * share) / (count + _SMOOTHING)
        evidence.append(math.log(rate / (1 - rate)) - math.log(share / (1 - share)))
    return _Column(name, cuts, classes, tuple(evidence))


def _plain_regression(sample: Sample, seen: Sequence[int]) -> Any:
    """What any textbook would try first: numbers standardised, names one-hot."""
    sklearn = _library()
    numeric = [name for name, held in sample.columns.items() if _classes(held)[0] is not None]
    named = [name for name in sample.columns if name not in numeric]
    scale = sklearn.preprocessing.StandardScaler()
    hot = sklearn.preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False)

    def table(rows: Sequence[int], *, fit: bool) -> list[list[float]]:
        numbers = [[_number(sample.columns[name][row]) or 0.0 for name in numeric] for row in rows]
        names = [[sample.columns[name][row] for name in named] for row in rows]
        parts = []
        for work, held in ((scale, numbers), (hot, names)):
            if held[0]:
                parts.append((work.fit_transform if fit else work.transform)(held))
        return [
            [float(cell) for part in line for cell in part] for line in zip(*parts, strict=True)
        ]

    model = sklearn.linear_model.LogisticRegression(max_iter=1000)
    model.fit(table(seen, fit=True), [sample.bad[row] for row in seen])
    return lambda rows: [float(item[1]) for item in model.predict_proba(table(rows, fit=False))]


def _points_of(log_odds_bad: float) -> int:
    """Points of somebody: the base at the base odds, more by each doubling of good against bad."""
    factor = _DOUBLING / math.log(2)
    return round(_BASE_POINTS - factor * (log_odds_bad + math.log(_BASE_ODDS)))


def _as_content(weighed: _Weighed, identity: str) -> dict[str, Any]:
    factor = _DOUBLING / math.log(2)
    characteristics = []
    for column, weight in zip(weighed.columns, weighed.weights, strict=True):
        worth = [round(-factor * weight * item) for item in column.evidence]
        if not any(worth):
            continue
        characteristics.append(
            {
                "id": column.name,
                "title": _both(column.name.replace("_", " ")),
                "kind": "name" if column.cuts is None else "number",
                "bins": _bins(column, worth),
                "missing": 0,
            }
        )
    return {
        "id": identity,
        "title": _both(identity.replace("_", " ")),
        "base": _points_of(weighed.constant),
        "characteristics": characteristics,
        "grades": [{"id": "A", "title": _both("A"), "least": 0}],
    }


def _both(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def _bins(column: _Column, worth: Sequence[int]) -> list[dict[str, Any]]:
    if column.cuts is None:
        found: list[dict[str, Any]] = []
        for place, points in enumerate(worth):
            names = sorted(name for name, held in column.classes.items() if held == place)
            if names:
                found.append({"values": names, "points": points, "label": _both(" / ".join(names))})
        return found
    ends = [_plain(cut) for cut in column.cuts]
    labels = [f"<= {end}" for end in ends] + [f"> {ends[-1]}" if ends else "any"]
    return [
        {**({"up_to": end} if end else {}), "points": points, "label": _both(label)}
        for end, points, label in zip([*ends, None], worth, labels, strict=True)
    ]


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(number)


def _grades(points: Sequence[int]) -> list[dict[str, Any]]:
    """Five grades of a fifth each to begin with; an institution sets its own cut-offs."""
    ordered = sorted(points, reverse=True)
    found: list[dict[str, Any]] = []
    for place, name in enumerate("ABCDE"):
        least = ordered[min((place + 1) * len(ordered) // 5, len(ordered)) - 1]
        if not found or least < found[-1]["least"]:
            found.append({"id": name, "title": _both(name), "least": least})
    return found
