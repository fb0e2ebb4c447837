"""Reference values of the classification metrics, computed by scikit-learn.

Writes test/fixtures/metrics/sklearn.json: predictions with the values that scikit-learn gives for them. Where
scikit-learn substitutes a number for an undefined value, the fixture holds null (see worker/src/metrics).

    pip install scikit-learn==1.9.1 numpy==2.4.6
    python scripts/reference/sklearn_metrics.py            # writes the fixture
    python scripts/reference/sklearn_metrics.py --check    # exit code 1 if it differs from the committed one
"""

import json
import math
import pathlib
import sys
import warnings

import numpy as np
import sklearn
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

FIXTURE = pathlib.Path(__file__).parents[2] / "test/fixtures/metrics/sklearn.json"
SEED = 20240917


def number(value):
    """A float for JSON; NaN, scikit-learn's word for undefined, becomes None."""
    return None if math.isnan(value) else float(value)


def precision(truth, called, positive):
    return number(sk.precision_score(truth, called, pos_label=positive, zero_division=np.nan))


def recall(truth, called, positive):
    return number(sk.recall_score(truth, called, pos_label=positive, zero_division=np.nan))


def binary_expected(truth, scores, threshold):
    called = (scores >= threshold).astype(int)
    both = len(set(truth.tolist())) == 2
    return {
        "auc": number(sk.roc_auc_score(truth, scores)) if both else None,
        "auprc": number(sk.average_precision_score(truth, scores)) if truth.any() else None,
        "accuracy": number(sk.accuracy_score(truth, called)),
        "balancedAccuracy": number(sk.balanced_accuracy_score(truth, called)) if both else None,
        "f1": number(sk.f1_score(truth, called, zero_division=np.nan)),
        "sensitivity": recall(truth, called, 1),
        "specificity": recall(truth, called, 0),
        "ppv": precision(truth, called, 1),
        "npv": precision(truth, called, 0),
        "kappa": number(sk.cohen_kappa_score(truth, called, labels=[0, 1])),
        "quadraticKappa": number(sk.cohen_kappa_score(truth, called, labels=[0, 1], weights="quadratic")),
        "logLoss": number(sk.log_loss(truth, scores, labels=[0, 1])),
        "brier": number(np.mean((truth - scores) ** 2) if not both else sk.brier_score_loss(truth, scores)),
    }


def youden(truth, scores):
    """The largest J over all thresholds of scikit-learn's ROC curve; None with one class."""
    if len(set(truth.tolist())) < 2:
        return None
    false_rate, true_rate, _ = sk.roc_curve(truth, scores, drop_intermediate=False)
    return float(np.max(true_rate - false_rate))


def largest_threshold(truth, scores, wanted):
    """The largest threshold of scikit-learn's ROC curve with a sensitivity of `wanted` or more."""
    if not truth.any():
        return None
    with_positive = truth if (truth == 0).any() else np.append(truth, 0)
    padded = scores if (truth == 0).any() else np.append(scores, 0.0)
    _, true_rate, thresholds = sk.roc_curve(with_positive, padded, drop_intermediate=False)
    return float(thresholds[true_rate >= wanted].max())


def calibration(truth, scores):
    """[predicted, observed] per bin of ten that holds a bag; None with one class."""
    if len(set(truth.tolist())) < 2:
        return None
    observed, predicted = calibration_curve(truth, scores, n_bins=10, strategy="uniform")
    return [[float(p), float(o)] for p, o in zip(predicted, observed)]


def binary_case(name, truth, scores, threshold=0.5):
    truth, scores = np.asarray(truth), np.asarray(scores, dtype=np.float64)
    return {
        "name": name,
        "labels": truth.tolist(),
        "probabilities": scores.tolist(),
        "threshold": threshold,
        "expected": binary_expected(truth, scores, threshold),
        "youden": youden(truth, scores),
        "calibration": calibration(truth, scores),
        "thresholdAtSensitivity": {str(s): largest_threshold(truth, scores, s) for s in (0.5, 0.9, 0.95, 1.0)},
    }


def drawn_scores(rng, truth, separation):
    """Probabilities of a model that is right more often the larger `separation` is."""
    logits = rng.normal(0, 1.5, len(truth)) + separation * (2 * truth - 1)
    return 1 / (1 + np.exp(-logits))


def binary_cases(rng):
    balanced = np.arange(120) % 2
    rare = (np.arange(300) % 50 == 7).astype(int)
    return [
        binary_case("balanced", balanced, drawn_scores(rng, balanced, 1.0)),
        binary_case("balanced, low threshold", balanced, drawn_scores(rng, balanced, 0.3), 0.2),
        binary_case("worse than chance", balanced, drawn_scores(rng, balanced, -0.7)),
        binary_case("ties: one decimal", balanced, drawn_scores(rng, balanced, 0.8).round(1)),
        binary_case("ties on the threshold", [0, 1, 1, 0, 1, 0], [0.5, 0.5, 0.5, 0.2, 0.9, 0.7]),
        binary_case("all scores equal", [0, 1, 1, 0, 0], [0.3] * 5, 0.3),
        binary_case("2 % positive", rare, drawn_scores(rng, rare, 1.2), 0.6),
        binary_case("98 % positive", 1 - rare, drawn_scores(rng, 1 - rare, 1.2), 0.6),
        binary_case("two bags, right", [0, 1], [0.1, 0.9]),
        binary_case("two bags, wrong", [1, 0], [0.1, 0.9]),
        binary_case("three bags, tied", [1, 0, 1], [0.4, 0.4, 0.8]),
        binary_case("probabilities 0 and 1", [0, 1, 1, 0, 1], [0.0, 1.0, 0.0, 1.0, 0.5]),
        binary_case("certain and right", [0, 0, 1, 1], [0.0, 0.0, 1.0, 1.0]),
        binary_case("next to 0 and 1", [1, 0, 1, 0], [1e-17, 1 - 1e-16, 1e-300, 0.5]),
        binary_case("nothing called positive", [0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4], 0.9),
        binary_case("nothing called negative", [0, 1, 0, 1], [0.6, 0.7, 0.8, 0.9], 0.5),
        binary_case("only negatives", [0, 0, 0], [0.2, 0.6, 0.4]),
        binary_case("only positives", [1, 1, 1], [0.2, 0.6, 0.4]),
        binary_case("only negatives, called so", [0, 0], [0.2, 0.3]),
        binary_case("one bag", [1], [0.7]),
    ]


def one_vs_rest(truth, called, probabilities, k):
    mine, said, scores = (truth == k).astype(int), (called == k).astype(int), probabilities[:, k]
    both = len(set(mine.tolist())) == 2
    return {
        "auc": number(sk.roc_auc_score(mine, scores)) if both else None,
        "auprc": number(sk.average_precision_score(mine, scores)) if mine.any() else None,
        "f1": number(sk.f1_score(mine, said, zero_division=np.nan)),
        "sensitivity": recall(mine, said, 1),
        "specificity": recall(mine, said, 0),
        "ppv": precision(mine, said, 1),
        "npv": precision(mine, said, 0),
        "support": int(mine.sum()),
    }


def mean_of_defined(rows, name):
    defined = [row[name] for row in rows if row[name] is not None]
    return float(np.mean(defined)) if defined else None


def multiclass_expected(truth, called, probabilities, classes):
    """Scikit-learn's own macro averages where it has them, else the mean over its one-vs-rest values."""
    labels = list(range(classes))
    rows = [one_vs_rest(truth, called, probabilities, k) for k in labels]
    occurring = len(set(truth.tolist()))
    macro = {"labels": labels, "average": "macro", "zero_division": np.nan}
    auc = mean_of_defined(rows, "auc")
    if occurring == classes and classes > 2:
        auc = float(sk.roc_auc_score(truth, probabilities, multi_class="ovr", average="macro", labels=labels))
    values = {
        "auc": auc,
        "auprc": mean_of_defined(rows, "auprc"),
        "accuracy": number(sk.accuracy_score(truth, called)),
        "balancedAccuracy": number(sk.balanced_accuracy_score(truth, called)) if occurring > 1 else None,
        "f1": number(sk.f1_score(truth, called, **macro)),
        "sensitivity": number(sk.recall_score(truth, called, **macro)),
        "specificity": mean_of_defined(rows, "specificity"),
        "ppv": number(sk.precision_score(truth, called, **macro)),
        "npv": mean_of_defined(rows, "npv"),
        "kappa": number(sk.cohen_kappa_score(truth, called, labels=labels)),
        "quadraticKappa": number(sk.cohen_kappa_score(truth, called, labels=labels, weights="quadratic")),
        "logLoss": number(sk.log_loss(truth, probabilities, labels=labels)),
        "brier": number(sk.brier_score_loss(truth, probabilities, labels=labels)),
    }
    return values, rows


def multiclass_case(name, truth, probabilities):
    truth, probabilities = np.asarray(truth), np.asarray(probabilities, dtype=np.float64)
    classes = probabilities.shape[1]
    called = probabilities.argmax(axis=1)
    values, rows = multiclass_expected(truth, called, probabilities, classes)
    return {
        "name": name,
        "labels": truth.tolist(),
        "probabilities": probabilities.tolist(),
        "expected": values,
        "classes": rows,
        "confusion": sk.confusion_matrix(truth, called, labels=list(range(classes))).tolist(),
    }


def drawn_rows(rng, truth, classes, separation):
    logits = rng.normal(0, 1, (len(truth), classes)) + separation * np.eye(classes)[truth]
    parts = np.exp(logits - logits.max(axis=1, keepdims=True))
    return parts / parts.sum(axis=1, keepdims=True)


def multiclass_cases(rng):
    cases = []
    for classes in (2, 3, 4, 5, 6):
        truth = rng.integers(0, classes, 60)
        cases.append(multiclass_case(f"{classes} classes", truth, drawn_rows(rng, truth, classes, 1.2)))
    skewed = np.minimum(rng.geometric(0.6, 80) - 1, 3)
    cases.append(multiclass_case("4 classes, skewed", skewed, drawn_rows(rng, skewed, 4, 1.0)))
    quarters = np.array([[0.25, 0.25, 0.5], [0.5, 0.5, 0.0], [0.25, 0.5, 0.25], [0.5, 0.25, 0.25]] * 5)
    cases.append(multiclass_case("3 classes, ties", np.arange(20) % 3, quarters))
    missing = np.array([0, 3, 3, 0, 2, 2, 0, 3, 2, 0])
    cases.append(multiclass_case("5 classes, two without bags", missing, drawn_rows(rng, missing, 5, 0.5)))
    cases.append(multiclass_case("never called", [0, 1, 2, 0], [[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.5, 0.2, 0.3], [0.9, 0.1, 0]]))
    cases.append(multiclass_case("certain", [0, 1, 2], [[1, 0, 0], [0, 1, 0], [0, 1, 0]]))
    cases.append(multiclass_case("one class only", [1, 1], [[0.2, 0.5, 0.3], [0.1, 0.8, 0.1]]))
    return cases


def fixture():
    rng = np.random.default_rng(SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # undefined values are handled above
        return {
            "source": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}, sklearn_metrics.py",
            "binary": binary_cases(rng),
            "multiclass": multiclass_cases(rng),
        }


def text_of(value):
    """One line per case: diffs name the case that changed."""
    lines = [json.dumps(value["source"])]
    for kind in ("binary", "multiclass"):
        lines.append("[\n" + ",\n".join(json.dumps(case) for case in value[kind]) + "\n]")
    return '{{\n"source": {},\n"binary": {},\n"multiclass": {}\n}}\n'.format(*lines)


if __name__ == "__main__":
    text = text_of(fixture())
    if "--check" in sys.argv:
        sys.exit(0 if FIXTURE.read_text() == text else f"{FIXTURE} differs from what scikit-learn gives now")
    FIXTURE.parent.mkdir(parents=True, exist_ok=True)
    FIXTURE.write_text(text)
    print(f"{FIXTURE}: {len(text)} bytes")
