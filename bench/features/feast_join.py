"""Times a point-in-time join of Feast: python feast_join.py <folder> <offline store>.

Reads rows.parquet (who, asked_at, number) and facts.parquet (who, true_at, a, b, c, d) of the folder, writes
feast.parquet (number, a, b, c, d), and prints JSON: seconds by the clock and of the processor, and the version. The clock runs
from the request to the data frame; starting Python, registering the view and writing are left out.
"""

import json
import sys
import time
from datetime import timedelta
from pathlib import Path

import feast
import pandas
from feast import Entity, FeatureStore, FeatureView, Field, FileSource
from feast.repo_config import RepoConfig
from feast.types import Float64

folder, offline = Path(sys.argv[1]), sys.argv[2]
names = ["a", "b", "c", "d"]
config = RepoConfig(
    project="bench",
    provider="local",
    registry=str(folder / f"registry-{offline}.db"),
    online_store={"type": "sqlite", "path": str(folder / "online.db")},
    offline_store={"type": offline},
    entity_key_serialization_version=3,
)
store = FeatureStore(config=config)
person = Entity(name="person", join_keys=["who"])
source = FileSource(path=str(folder / "facts.parquet"), timestamp_field="true_at")
view = FeatureView(
    name="facts",
    entities=[person],
    ttl=timedelta(days=1),
    schema=[Field(name=name, dtype=Float64) for name in names],
    source=source,
)
store.apply([person, view])
rows = pandas.read_parquet(folder / "rows.parquet").rename(columns={"asked_at": "event_timestamp"})
began, spent = time.perf_counter(), time.process_time()
job = store.get_historical_features(entity_df=rows, features=[f"facts:{name}" for name in names])
joined = job.to_df()
seconds, processor = time.perf_counter() - began, time.process_time() - spent
joined[["number", *names]].to_parquet(folder / "feast.parquet")
print(json.dumps({"seconds": seconds, "processor": processor, "version": feast.__version__}))
