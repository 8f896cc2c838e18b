"""
The checks of one table by other tools, for bench/tables.ts.

    python peers.py duckdb|great-expectations|evidently|evidently-tests <sales.csv>

Great Expectations: 34 expectations (columns, gaps, ranges, sets, uniqueness, duplicates). Evidently: DataDrift between the
two halves. DuckDB: statistics of all columns and exact duplicates, as the floor of what reading takes.
"""

import sys

NUMBERS = ["price", "amount", "weight", "distance", "age", "visits", "rating", "discount", "delay", "load"]
CATEGORIES = ["region", "channel", "product", "level", "weather", "store"]


def with_duckdb(path):
    import duckdb

    connection = duckdb.connect(config={"threads": 2})
    connection.sql(f"create table sales as from read_csv('{path}')")
    connection.sql("summarize sales").fetchall()
    return connection.sql(
        "select count(*) from (select *, count(*) copies from sales group by all having copies > 1)"
    ).fetchall()


def with_great_expectations(path):
    import great_expectations as gx
    import great_expectations.expectations as gxe
    import pandas as pd

    table = pd.read_csv(path)
    checks = [gxe.ExpectTableColumnsToMatchOrderedList(column_list=list(table.columns))]
    checks += [gxe.ExpectColumnValuesToNotBeNull(column=one, mostly=0.95) for one in NUMBERS + CATEGORIES]
    checks += [gxe.ExpectColumnValuesToBeBetween(column=one, min_value=-2000, max_value=2000) for one in NUMBERS]
    checks += [
        gxe.ExpectColumnValuesToBeInSet(column=one, value_set=sorted(table[one].dropna().unique()))
        for one in CATEGORIES[:5]
    ]
    checks += [
        gxe.ExpectColumnValuesToBeUnique(column="order_id"),
        gxe.ExpectCompoundColumnsToBeUnique(column_list=list(table.columns)),
    ]
    assert len(checks) == 34
    context = gx.get_context(mode="ephemeral")
    batch = (
        context.data_sources.add_pandas("pandas").add_dataframe_asset("sales")
        .add_batch_definition_whole_dataframe("all").get_batch({"dataframe": table})
    )
    return batch.validate(gx.ExpectationSuite(name="sales", expectations=checks)).success


def with_evidently(path):
    import pandas as pd
    from evidently import Report
    from evidently.presets import DataDriftPreset

    table = pd.read_csv(path)
    half = len(table) // 2
    return Report([DataDriftPreset()]).run(table[:half], table[half:]).dict() is not None


def with_evidently_tests(path):
    import pandas as pd
    from evidently import Report
    from evidently.presets import DataSummaryPreset

    table = pd.read_csv(path)
    return Report([DataSummaryPreset()], include_tests=True).run(table, None).dict() is not None


if __name__ == "__main__":
    tool, path = sys.argv[1:]
    tools = {
        "duckdb": with_duckdb,
        "evidently": with_evidently,
        "evidently-tests": with_evidently_tests,
        "great-expectations": with_great_expectations,
    }
    print(tools[tool](path))
