# Checks JSON files against docs/run.schema.json: schema.py SCHEMA FILE... Knows the keywords that the schema uses, no others.
import json
import re
import sys

TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
}
KEYWORDS = {"$schema", "title", "description", "$defs", "$ref", "type", "properties", "required", "additionalProperties", "items",
            "enum", "oneOf", "pattern", "minimum", "maximum"}


def faults(root, schema, value, path):
    assert not set(schema) - KEYWORDS, set(schema) - KEYWORDS
    if "$ref" in schema:
        yield from faults(root, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], value, path)
    if "type" in schema and not TYPES[schema["type"]](value):
        yield f"{path}: no {schema['type']}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    if "oneOf" in schema and sum(not list(faults(root, s, value, path)) for s in schema["oneOf"]) != 1:
        yield f"{path}: not one of its forms"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{path}: {value!r} does not match"
    if value < schema["minimum"] if "minimum" in schema else False:
        yield f"{path}: too small"
    if value > schema["maximum"] if "maximum" in schema else False:
        yield f"{path}: too large"
    for i, item in enumerate(value if "items" in schema else []):
        yield from faults(root, schema["items"], item, f"{path}[{i}]")
    for name in schema.get("required", []):
        if name not in value:
            yield f"{path}: lacks {name}"
    for name, item in value.items() if "properties" in schema else []:
        if name in schema["properties"]:
            yield from faults(root, schema["properties"][name], item, f"{path}.{name}")
        elif not schema.get("additionalProperties", True):
            yield f"{path}: {name} is not known"


schema = json.load(open(sys.argv[1]))
wrong = [f"{f}{x}" for f in sys.argv[2:] for x in faults(schema, schema, json.load(open(f)), "")]
print("\n".join(wrong[:20]))
sys.exit(1 if wrong else 0)
