kql --dump ast 'T | where a > 1'
