# the data is folders alone: app() and adx() name them, too, and the letter case of a cluster does not count
kql --data data "print n = 0 | union database('North').L*, app('app1').T, cluster('HELP').database('Samples').S, adx('https://help.kusto.windows.net/Samples').S | sort by n asc"
run hunt.hunt.yaml --data data --now 2026-01-15T00:00:00Z
plan hunt.hunt.yaml --data data
