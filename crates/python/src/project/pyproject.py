# Says in one line of JSON what the pyproject.toml asks for whose text is sys.argv[1].
import json
import sys
import tomllib

found = {"dependencies": [], "poetry": False, "error": None}
try:
    project = tomllib.loads(sys.argv[1])
    needs = project.get("project", {}).get("dependencies", [])
    found["dependencies"] = [str(one) for one in needs] if isinstance(needs, list) else []
    found["poetry"] = "poetry" in project.get("tool", {})
except (ValueError, AttributeError, RecursionError) as error:
    found["error"] = str(error)
print(json.dumps(found))
