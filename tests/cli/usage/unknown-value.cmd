kql --format xml "print 1"
