kql 'Missing | take 1'
