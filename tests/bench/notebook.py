# SPDX-License-Identifier: Apache-2.0
"""What the notebook does, by its own means: pandas and scikit-learn on an exported CSV file.

    notebook.py FILE          the hunt: read, filter, encode, forest, top ten, three follow-up questions
    notebook.py --forest N    only a forest over N codes of a Zipf-like column: fit, score, flag; prints seconds
"""

import sys
import time

import numpy as np
import pandas as pd
from sklearn.ensemble import IsolationForest
from sklearn.preprocessing import LabelEncoder

IPV4 = r"^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$"
NAME = "InitiatingProcessFileName"


def forest(codes):
    model = IsolationForest(n_estimators=100, contamination=0.01, random_state=42)
    flags = model.fit_predict(codes)
    return flags, model.decision_function(codes)


def hunt(path):
    events = pd.read_csv(path, keep_default_na=False, low_memory=False)
    events["Timestamp"] = pd.to_datetime(events["Timestamp"])
    recent = events[events["Timestamp"] >= events["Timestamp"].max() - pd.Timedelta(days=1)]
    rows = recent[recent["RemoteIP"].str.match(IPV4)].copy()
    codes = LabelEncoder().fit_transform(rows[NAME]).reshape(-1, 1)
    rows["Anomaly"], rows["Anomaly_Score"] = forest(codes)
    flagged = rows[rows["Anomaly"] == -1].sort_values("Anomaly_Score", kind="stable")
    suspects = flagged[NAME].unique()[:50]
    of_suspects = recent[recent[NAME].isin(suspects)]
    started = recent[recent["InitiatingProcessParentFileName"].isin(suspects)]
    in_temp = of_suspects[of_suspects["InitiatingProcessFolderPath"].str.contains("temp", case=False, regex=False)]
    shells = started[started[NAME].str.contains("cmd|powershell", case=False)]
    print(flagged.head(10)[["Timestamp", NAME, "RemoteIP", "Anomaly_Score"]].to_string())
    print(of_suspects.groupby("InitiatingProcessParentFileName").size().sort_values().head(10).to_string())
    print(len(rows), "rows,", len(flagged), "flagged,", len(in_temp), "from temporary folders,", len(shells), "shells")


def only_forest(n):
    rng = np.random.default_rng(42)
    codes = (np.power(500.0, rng.random(n)) - 1).astype(np.int64).reshape(-1, 1)
    start = time.perf_counter()
    flags, _ = forest(codes)
    print(f"{time.perf_counter() - start:.4f}", file=sys.stdout)
    print(int((flags == -1).sum()), "flagged", file=sys.stderr)


if __name__ == "__main__":
    if sys.argv[1] == "--forest":
        only_forest(int(sys.argv[2]))
    else:
        hunt(sys.argv[1])
