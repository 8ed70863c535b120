check --dump @ROOT@/tests/playbook/good/yaml-forms.hunt.yaml
