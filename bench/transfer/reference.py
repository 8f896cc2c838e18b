"""
Logistic regression on a backbone's features, and on pixels, for bench/transfer.ts.

    python reference.py <folder> <photos> <divisions>   reads <folder>/rows-<n>.{f32,json}, prints JSON

It learns from training and validation rows; its strength is chosen among five by cross-validation on these.
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from sklearn.linear_model import LogisticRegressionCV
from sklearn.metrics import accuracy_score, log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

STRENGTHS = [1e-4, 1e-3, 1e-2, 1e-1, 1.0]


def fit_and_measure(values, rows):
    labels = np.array([row["label"] for row in rows])
    test = np.array([row["split"] == "test" for row in rows])
    model = make_pipeline(StandardScaler(), LogisticRegressionCV(Cs=STRENGTHS, max_iter=2000, scoring="neg_log_loss"))
    model.fit(values[~test], labels[~test])
    probabilities = model.predict_proba(values[test])
    predicted = model.classes_[probabilities.argmax(axis=1)]
    return {
        "accuracy": float(accuracy_score(labels[test], predicted)),
        "logLoss": float(log_loss(labels[test], probabilities, labels=list(model.classes_))),
    }


def pixels_of(photos, rows, side=32):
    pictures = []
    for row in rows:
        with Image.open(Path(photos) / row["id"]) as picture:
            square = ImageOps.fit(ImageOps.exif_transpose(picture).convert("RGB"), (side, side))
            pictures.append(np.asarray(square, dtype=np.float32).ravel() / 255)
    return np.stack(pictures)


def main(folder, photos, divisions):
    found = {"logistic regression on the features": [], "logistic regression on 32 × 32 pixels": []}
    for division in range(1, int(divisions) + 1):
        base = Path(folder) / f"rows-{division}"
        rows = json.loads(base.with_suffix(".json").read_text())
        features = np.fromfile(base.with_suffix(".f32"), dtype="<f4").reshape(len(rows), -1)
        found["logistic regression on the features"].append(fit_and_measure(features, rows))
        found["logistic regression on 32 × 32 pixels"].append(fit_and_measure(pixels_of(photos, rows), rows))
    print(json.dumps(found))


main(*sys.argv[1:])
