check no-such-file.hunt.yaml
