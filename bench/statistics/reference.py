"""
Random cases with what scipy, statsmodels and scikit-learn make of them, for bench/statistics.ts.

    python reference.py <file> <cases of each kind>

Writes a line of JSON for each case: its kind, its inputs, and the expected numbers.
"""

import json
import sys
import warnings

import numpy as np
from scipy import stats
from sklearn import metrics
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

rng = np.random.default_rng(2026)
warnings.filterwarnings("ignore")


def flips():
    fixed, broken = (int(n) for n in rng.integers(0, rng.choice([5, 50, 2000]), 2))
    p = 1.0 if fixed + broken == 0 else mcnemar([[0, fixed], [broken, 0]], exact=True).pvalue
    return {"fixed": fixed, "broken": broken}, [min(1.0, p)]


def share():
    count = int(rng.integers(1, 2000))
    hits = int(rng.integers(0, count + 1))
    low, high = proportion_confint(hits, count, method="wilson")
    limit = float(rng.uniform(0.01, 0.99))
    return {"hits": hits, "count": count, "limit": limit}, [low, high, stats.binom.cdf(hits, count, limit)]


def distributions():
    freedom = int(rng.integers(1, 500))
    t, share = float(rng.normal(0, 3)), float(rng.uniform(1e-6, 0.4))
    expected = [stats.t.sf(t, freedom), stats.t.isf(share, freedom), stats.norm.ppf(share)]
    return {"freedom": freedom, "t": t, "share": share}, expected


def corrected():
    p = [float(x) for x in rng.uniform(0, 0.3, int(rng.integers(1, 12)))]
    return {"p": p}, list(multipletests(p, method="holm")[1])


def classes():
    count, kinds = int(rng.integers(20, 300)), int(rng.integers(2, 6))
    labels = np.concatenate([np.arange(kinds), rng.integers(0, kinds, count - kinds)])
    # Few different numbers, so that there are ties.
    weights = rng.integers(1, rng.choice([4, 1000]), (count, kinds)).astype(float)
    weights[np.arange(count), labels] += weights.mean()
    shares = weights / weights.sum(1, keepdims=True)
    named = shares.argmax(1)
    truth = np.eye(kinds)[labels]
    asked = range(kinds)
    if kinds == 2:
        asked = [0 if (labels == 0).sum() < (labels == 1).sum() else 1]
    auroc = np.mean([metrics.roc_auc_score(truth[:, k], shares[:, k]) for k in asked])
    precision = np.mean([metrics.average_precision_score(truth[:, k], shares[:, k]) for k in asked])
    def recall(k, least):
        precisions, recalls, _ = metrics.precision_recall_curve(truth[:, k], shares[:, k])
        return recalls[precisions >= least].max()

    expected = [
        metrics.accuracy_score(labels, named),
        metrics.balanced_accuracy_score(labels, named),
        metrics.f1_score(labels, named, average="macro", labels=range(kinds), zero_division=0),
        auroc,
        precision,
        metrics.log_loss(labels, shares, labels=range(kinds)),
        ((shares - truth) ** 2).sum(1).mean(),
        np.mean([recall(k, 0.8) for k in asked]),
    ]
    return {"labels": labels.tolist(), "shares": shares.tolist()}, expected


def delong():
    """The variance of the difference of two areas, by the definition of DeLong et al. (1988)."""
    count = int(rng.integers(30, 200))
    labels = np.concatenate([[1, 1, 0, 0], rng.integers(0, 2, count - 4)])
    if labels.sum() > count / 2:
        labels = 1 - labels
    # Few different probabilities, so that there are ties.
    both = np.round(1 / (1 + np.exp(-(rng.normal(size=(2, count)) + labels))), 2)
    positive, negative = both[:, labels == 1], both[:, labels == 0]
    over = np.array([(p[:, None] > n).astype(float) + 0.5 * (p[:, None] == n) for p, n in zip(positive, negative)])
    area = over.mean((1, 2))
    by_positive, by_negative = over.mean(2), over.mean(1)
    # Divided by the number of each side, not by one less, as an influence is.
    variance = (np.diff(by_positive, axis=0).var() / by_positive.shape[1]
                + np.diff(by_negative, axis=0).var() / by_negative.shape[1])
    return {"labels": labels.tolist(), "scores": both.tolist()}, [area[1] - area[0], variance]


def values():
    count = int(rng.integers(5, 300))
    truth = rng.normal(0, rng.choice([0.001, 1, 1e6]), count)
    value = truth + rng.normal(0, truth.std(), count)
    expected = [
        metrics.mean_absolute_error(truth, value),
        metrics.mean_squared_error(truth, value) ** 0.5,
        metrics.r2_score(truth, value),
    ]
    return {"truth": truth.tolist(), "value": value.tolist()}, expected


with open(sys.argv[1], "w") as file:
    for make in (flips, share, distributions, corrected, classes, delong, values):
        for _ in range(int(sys.argv[2])):
            given, expected = make()
            line = {"kind": make.__name__, "given": given, "expected": [float(x) for x in expected]}
            file.write(json.dumps(line) + "\n")
