kql --formt csv "print 1"
