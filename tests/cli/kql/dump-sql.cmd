kql --dump sql 'print a = 1 | extend b = a + 1'
