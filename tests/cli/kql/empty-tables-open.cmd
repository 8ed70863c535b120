# an open table has the columns that a query names, by their suffix; Device* reaches known tables
kql --format csv --empty-tables 'AzureDiagnostics | where own_s == "a" | project own_s, own_d | getschema'
kql --format csv --empty-tables 'union withsource=T Device* | summarize n = count() by T'
