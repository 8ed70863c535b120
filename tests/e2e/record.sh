#!/usr/bin/env bash
# The record says who, where, with what; it names variables, never their values, and no home folder.
. "$(dirname "$0")/lib"
have python3 || skip "python3 is not installed"

mkdir -p home-of-alice/hunts/data && cd home-of-alice/hunts || exit 1
export HOME=$work/home-of-alice HUNT_TENANT=tenant-value-1 HUNT_TOKEN=token-value-2
printf 'x\n1\n' >data/T.csv
cat >x.hunt.yaml <<'YAML'
huntbook: 1
id: test-case
name: x
cells:
  - {id: env, type: env, require: [HUNT_TENANT], one_of: [[HUNT_NOT_SET], [HUNT_TOKEN]]}
  - {id: source_, type: connect, tables: {T: [x]}}
  - {id: rows_, type: kql, query: T}
  - {id: none, type: kql, query: 'T | where x > 5'}
  - {id: after, type: kql, query: none, on_empty: skip}
YAML
"$hb" run "$PWD/x.hunt.yaml" --data "$PWD/data" -o out --analyst 'Ann Analyst' >report 2>talk || { cat talk; fail "run"; }
run=$(dirname "$(cat report)")
for secret in "$work" tenant-value-1 token-value-2; do
    ! grep -rlF -- "$secret" "$run" >found || { cat found; fail "'$secret' is in the run"; }
done
python3 - "$run/run.json" "$(id -un)" "$(uname -n)" <<'PY' || fail "the record"
import json, re, sys
r = json.load(open(sys.argv[1]))
cells = {c["id"]: c for c in r["cells"]}
assert r["huntbook_record"] == 3
assert r["analyst"] == "Ann Analyst" and r["user"] == sys.argv[2] and r["host"] == sys.argv[3]
assert r["environment"] == ["HUNT_TENANT", "HUNT_TOKEN"], r["environment"]
assert r["command_line"].startswith("huntbook run ~/hunts/x.hunt.yaml --data ~/hunts/data -o out"), r["command_line"]
assert r["cwd"] == "~/hunts" and r["source"]["path"] == "~/hunts/data", (r["cwd"], r["source"])
assert {v["name"] for v in r["versions"]} >= {"huntbook", "DuckDB", "cJSON", "libyaml", "OpenSSL", "gnuplot"}, r["versions"]
table = r["source"]["tables"][0]
assert re.fullmatch("[0-9a-f]{64}", table["files"][0]["sha256"]) and table["files"][0]["path"] == "~/hunts/data/T.csv"
assert cells["after"]["status"] == "skipped" and "on_empty" in cells["after"]["reason"]
for c in ("rows_", "none"):
    assert cells[c]["query"] and cells[c]["query_sent"] and cells[c]["started"] and cells[c]["duration_us"] > 0
PY
# ~ is found again: from another folder, and by another person who has the same tree.
(cd / && "$hb" replay "$work/home-of-alice/hunts/$run" >"$work/said" 2>&1) || { cat "$work/said"; fail "replay"; }
mv "$work/home-of-alice" "$work/home-of-bob"
(cd / && HOME=$work/home-of-bob "$hb" replay "$work/home-of-bob/hunts/$run" >"$work/said" 2>&1) || { cat "$work/said"; fail "replay by another"; }
exit 0
