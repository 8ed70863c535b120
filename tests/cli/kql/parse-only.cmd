kql --parse --batch questions.jsonl
