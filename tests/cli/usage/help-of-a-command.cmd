kql --help
