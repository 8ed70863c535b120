# folders of the data are databases; a cell that reads some depends on what they hold
run hunt.hunt.yaml --data data --now 2026-01-15T00:00:00Z
run hunt.hunt.yaml --data data --now 2026-01-15T00:00:00Z
