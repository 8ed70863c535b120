kql --data data 'T | where Name has "b" | project Name, N'
