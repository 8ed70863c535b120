kql --empty-tables 'SigninLogs | count'
