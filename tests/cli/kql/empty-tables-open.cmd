# an open table has the columns that a query names, by their suffix; Device* reaches known tables
kql --format csv --empty-tables 'AzureDiagnostics | where own_s == "a" | project own_s, own_d | getschema'
kql --format csv --empty-tables 'union withsource=T Device* | summarize n = count() by T'
# one table for the whole query; what lies elsewhere is empty too
kql --format csv --empty-tables 'AzureDiagnostics | join kind=inner AzureDiagnostics on own_s | count'
kql --format csv --empty-tables 'externaldata(a:string, b:long)["https://example.org/a.csv"] | where a has "x"'
