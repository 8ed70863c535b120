kql 'print a = 1 | foo'
