kql --batch questions.jsonl
