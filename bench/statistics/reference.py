"""
Random cases with what scipy, statsmodels and scikit-learn make of them, for bench/statistics.ts and for the tests.

    python reference.py <file> <cases of each kind> [largest number of examples]

Writes a line of JSON for each case: its kind, its inputs, and the expected numbers by the names that
tests/fixtures/statistics/kinds.ts has. The cases of the tests:

    python bench/statistics/reference.py tests/fixtures/statistics/cases.jsonl 5 30
"""

import json
import sys
import warnings

import numpy as np
from scipy import optimize, special, stats
from sklearn import covariance as shrinking
from sklearn import metrics
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

rng = np.random.default_rng(2026)
warnings.filterwarnings("ignore")
largest = int(sys.argv[3]) if len(sys.argv) > 3 else 300


def flips():
    fixed, broken = (int(n) for n in rng.integers(0, rng.choice([5, 50, 2000]), 2))
    count = fixed + broken + int(rng.integers(1, 500))
    p = 1.0 if fixed + broken == 0 else mcnemar([[0, fixed], [broken, 0]], exact=True).pvalue
    score = 0.0 if fixed == broken else abs(fixed - broken) / np.sqrt(fixed + broken)
    critical = 1.021 * stats.norm.ppf(0.975)
    if unconditional(count, critical) > 0.05:
        # The tail is a staircase; the step is where it falls to the level.
        inside = lambda at: 0.5 - (unconditional(count, at) > 0.05)
        critical = optimize.brentq(inside, critical, np.sqrt(count) + 1, xtol=1e-10)
    return {"fixed": fixed, "broken": broken, "count": count}, {
        "McNemar, exact – statsmodels": min(1.0, p),
        "equal models, exact unconditional p-value – scipy": unconditional(count, score),
        "difference of accuracy, interval – Tango’s definition in scipy": tango(
            fixed, broken, count, critical
        ),
    }


def unconditional(count, score):
    """Suissa and Shuster: the largest probability of such a score of equal models over the shares of answers that differ."""
    count = min(count, 1000)
    found = np.arange(count + 1)
    fewest = np.floor((found + (score - 1e-9) * np.sqrt(found)) / 2)
    tails = np.where(found > 0, np.minimum(1, 2 * stats.binom.sf(fewest, found, 0.5)), 0)
    shares = (np.arange(1, 101) / 100) ** 2
    return max(tails @ stats.binom.pmf(found, count, share) for share in shares)


def tango(fixed, broken, count, critical):
    """Where the score reaches its critical value; the most likely share of broken answers is sought, not computed."""

    def score(difference):
        # Where the likelihood no longer rises with the share of broken answers.
        def slope(down):
            parts = [(fixed, down + difference), (broken, down), (fixed + broken - count, 0.5 - down - difference / 2)]
            return sum(times / chance for times, chance in parts if times)

        low, high = max(0, -difference) + 1e-15, (1 - difference) / 2 - 1e-15
        down = low if slope(low) < 0 else optimize.brentq(slope, low, high, xtol=1e-16)
        variance = count * (2 * down + difference - difference**2)
        return (fixed - broken - count * difference) / np.sqrt(variance)

    found, edge = (fixed - broken) / count, 1 - 1e-9
    return [
        optimize.brentq(lambda at: score(at) - side * critical, *sorted([found, -side * edge]))
        for side in (1, -1)
    ]


def share():
    count = int(rng.integers(1, 2000))
    hits = int(rng.integers(0, count + 1))
    limit = float(rng.uniform(0.01, 0.99))
    return {"hits": hits, "count": count, "limit": limit}, {
        "Wilson – statsmodels": proportion_confint(hits, count, method="wilson"),
        "binomial tail – scipy": stats.binom.cdf(hits, count, limit),
    }


def distributions():
    freedom = int(rng.integers(1, 500))
    t, part = float(rng.normal(0, 3)), float(rng.uniform(1e-6, 0.4))
    return {"freedom": freedom, "t": t, "share": part}, {
        "Student’s t, tail – scipy": stats.t.sf(t, freedom),
        "Student’s t, quantile – scipy": stats.t.isf(part, freedom),
        "normal quantile – scipy": stats.norm.ppf(part),
        "normal, both tails – scipy": 2 * stats.norm.sf(abs(t)),
    }


def corrected():
    p = [float(x) for x in rng.uniform(0, 0.3, int(rng.integers(2, 12)))]
    return {"p": p}, {"Holm – statsmodels": multipletests(p, method="holm")[1]}


def classes():
    kinds = int(rng.integers(2, 6))
    count = int(rng.integers(20, largest))
    labels = np.concatenate([np.arange(kinds), rng.integers(0, kinds, count - kinds)])
    # Few different numbers, so that there are ties.
    weights = rng.integers(1, rng.choice([4, 1000]), (count, kinds))
    weights[np.arange(count), labels] += int(weights.mean())
    shares = weights / weights.sum(1, keepdims=True)
    named = shares.argmax(1)
    truth = np.eye(kinds)[labels]
    asked = range(kinds)
    if kinds == 2:
        asked = [0 if (labels == 0).sum() < (labels == 1).sum() else 1]

    def recall(k, least):
        precisions, recalls, _ = metrics.precision_recall_curve(truth[:, k], shares[:, k])
        # Without its end, where nothing is named and the precision is said to be 1.
        return max([0, *recalls[:-1][precisions[:-1] >= least]])

    def over(measure):
        return np.mean([measure(k) for k in asked])

    confident, right = shares[np.arange(count), named], named == labels
    bins = np.minimum(9, np.floor(confident * 10))
    gaps = [abs(right[bins == b].sum() - confident[bins == b].sum()) for b in range(10)]
    loss = metrics.log_loss(labels, shares, labels=range(kinds))
    constant = stats.entropy(np.bincount(labels))
    scores = metrics.precision_recall_fscore_support(labels, named, labels=range(kinds), zero_division=0)
    return {"labels": labels.tolist(), "weights": weights.tolist()}, {
        "accuracy – scikit-learn": metrics.accuracy_score(labels, named),
        "balancedAccuracy – scikit-learn": metrics.balanced_accuracy_score(labels, named),
        "macroF1 – scikit-learn": metrics.f1_score(labels, named, average="macro", labels=range(kinds), zero_division=0),
        "auroc – scikit-learn": over(lambda k: metrics.roc_auc_score(truth[:, k], shares[:, k])),
        "averagePrecision – scikit-learn": over(lambda k: metrics.average_precision_score(truth[:, k], shares[:, k])),
        "recallAtPrecision80 – scikit-learn": over(lambda k: recall(k, 0.8)),
        "recallAtPrecision95 – scikit-learn": over(lambda k: recall(k, 0.95)),
        "logLoss – scikit-learn": loss,
        "logLossSkill – scipy": 1 - loss / constant,
        "brier – numpy": ((shares - truth) ** 2).sum(1).mean(),
        "calibrationError – numpy": sum(gaps) / count,
        "precision, recall and F1 of each class – scikit-learn": np.concatenate(scores[:3]),
        "confusion – scikit-learn": metrics.confusion_matrix(labels, named, labels=range(kinds)).ravel(),
    }


def delong():
    """The variance of the difference of two areas, by the definition of DeLong et al. (1988)."""
    count = int(rng.integers(15, max(20, largest * 2 // 3)))
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
    return {"labels": labels.tolist(), "scores": both.tolist()}, {
        "difference of AUROC – numpy": area[1] - area[0],
        "its variance – DeLong’s definition in numpy": variance,
    }


def values():
    count = int(rng.integers(5, largest))
    truth = rng.normal(0, rng.choice([0.001, 1, 1e6]), count)
    value = truth + rng.normal(0, truth.std(), count)
    return {"truth": truth.tolist(), "value": value.tolist()}, {
        "mae – scikit-learn": metrics.mean_absolute_error(truth, value),
        "rmse – scikit-learn": metrics.mean_squared_error(truth, value) ** 0.5,
        "r2 – scikit-learn": metrics.r2_score(truth, value),
        "maeSkill – scikit-learn": metrics.d2_absolute_error_score(truth, value),
    }


def refusal():
    """Few different scores, so that there are ties."""
    inliers = np.round(rng.normal(1, 1, int(rng.integers(1, largest))), 1)
    outliers = np.round(rng.normal(0, 1, int(rng.integers(1, largest))), 1)
    truth = np.repeat([1, 0], [len(inliers), len(outliers)])
    scores = np.concatenate([inliers, outliers])
    passing, accepted, _ = metrics.roc_curve(truth, scores, drop_intermediate=False)
    return {"inliers": inliers.tolist(), "outliers": outliers.tolist()}, {
        "outOfDistributionAuroc – scikit-learn": metrics.roc_auc_score(truth, scores),
        "outOfDistributionFpr95 – scikit-learn": passing[accepted >= 0.95].min(),
    }


def stability():
    bins = int(rng.integers(2, 15))
    reference, live = (rng.multinomial(n, rng.dirichlet(np.full(bins, 3))) for n in rng.integers(50, 5000, 2))
    reference[0] += 1
    # Half an example more counts in every bin on both sides.
    expected, found = ((n + 0.5) / (n + 0.5).sum() for n in (reference, live))
    alarms = float(rng.uniform(0.005, 0.1))
    bound = stats.chi2.isf(alarms, bins - 1) * (1 / max(1, live.sum()) + 1 / reference.sum())
    return {"reference": reference.tolist(), "live": live.tolist(), "limit": alarms}, {
        "stability index – scipy": stats.entropy(found, expected) + stats.entropy(expected, found),
        "its bound by chance – scipy": bound,
    }


def temperature():
    kinds, count = int(rng.integers(2, 5)), int(rng.integers(10, max(12, largest // 2)))
    logits = np.round(rng.normal(0, 2, (count, kinds)), 3)
    truths = np.where(rng.random(count) < 0.6, logits.argmax(1), rng.integers(0, kinds, count))
    doubt = 1 / (count + 2)
    target = np.full((count, kinds), doubt / (kinds - 1))
    target[np.arange(count), truths] = 1 - doubt

    def loss(log_temperature):
        return -(target * special.log_softmax(logits / np.exp(log_temperature), axis=1)).sum()

    best = optimize.minimize_scalar(loss, bounds=np.log([0.05, 20]), method="bounded", options={"xatol": 1e-9})
    return {"logits": logits.tolist(), "truths": truths.tolist()}, {
        "temperature, logarithm – scipy": best.x,
    }


def covariance():
    size = int(rng.integers(2, 5))
    rows = rng.normal(size=(int(rng.integers(5, max(8, largest // 5))), size)) @ rng.normal(size=(size, size))
    rows = np.round(rows, 3)
    return {"rows": rows.tolist()}, {
        "Ledoit and Wolf’s covariance – scikit-learn": shrinking.ledoit_wolf(rows, assume_centered=True)[0].ravel(),
    }


def skewed():
    """An interval of the mean of so many differences that nothing is resampled; they follow from two numbers."""
    count, power = int(rng.integers(2001, 4000)), int(rng.integers(1, 6))
    differences = ((np.arange(count) * 7919) % count / count) ** power - float(1 / (power + 1))
    error = differences.std(ddof=1) / np.sqrt(count)
    skew = stats.skew(differences)
    a, b = skew / (3 * np.sqrt(count)), skew / (6 * np.sqrt(count))
    z = stats.norm.ppf(0.975)
    # Hall's transformation, which the interval follows where it reaches further than the normal one.
    statistics = [optimize.brentq(lambda t: t + a * t**2 + a**2 * t**3 / 3 + b - end, -20, 20, xtol=1e-14) for end in (z, -z)]
    ends = [max(z, statistics[0]), min(-z, statistics[1])]
    return {"count": count, "power": power}, {
        "mean difference, interval – Hall’s definition in scipy": [differences.mean() - error * end for end in ends],
    }


kinds = [flips, share, distributions, corrected, classes, delong, values, refusal, stability, temperature, covariance, skewed]
with open(sys.argv[1], "w") as file:
    for make in kinds:
        for _ in range(int(sys.argv[2])):
            given, expected = make()
            numbers = {name: np.atleast_1d(np.asarray(found, dtype=float)).tolist() for name, found in expected.items()}
            line = {"kind": make.__name__, "given": given, "expected": numbers}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
