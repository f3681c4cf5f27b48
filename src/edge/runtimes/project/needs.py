# Says in one line of JSON which packages the project in the folder sys.argv[1] asks for, and where it says so.
import json
import os
import sys
from importlib.metadata import distributions

folder = sys.argv[1]
found = {"source": None, "requirements": [], "options": [], "notes": []}
OPTIONS = ("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--pre", "--no-index")


def read(path, depth=0):
    if depth > 20:
        found["notes"].append("%s includes too much" % path)
        return
    with open(path, encoding="utf-8-sig", errors="replace") as file:
        text = file.read(1 << 20).replace("\\\n", " ")
    for line in text.splitlines():
        line = (" " + line).split(" #")[0].strip()
        words = line.replace("=", " ", 1).split() if line.startswith("--") else line.split()
        if not words:
            continue
        if words[0] in ("-r", "--requirement") and len(words) > 1:
            other = os.path.join(os.path.dirname(path), words[1])
            try:
                read(other, depth + 1)
            except OSError as error:
                found["notes"].append("%s: %s" % (other, error.strerror))
        elif words[0] in OPTIONS:
            found["options"].append(line)
        elif line.startswith("-") or words[0].startswith((".", "/")):
            found["notes"].append("left out: %s" % line)
        else:
            found["requirements"].append(line.split(" --")[0].strip())


def venv():
    for name in (".venv", "venv", "."):
        root = os.path.join(folder, name)
        if not os.path.isfile(os.path.join(root, "pyvenv.cfg")):
            continue
        lib = os.path.join(root, "lib")
        paths = [os.path.join(lib, python, "site-packages") for python in os.listdir(lib)]
        for one in distributions(path=paths):
            if one.metadata["Name"] not in (None, "pip", "setuptools", "wheel", "uv"):
                found["requirements"].append("%s==%s" % (one.metadata["Name"], one.version))
        return name
    return None


try:
    if os.path.isfile(os.path.join(folder, "requirements.txt")):
        found["source"] = "requirements.txt"
        read(os.path.join(folder, "requirements.txt"))
    elif os.path.isfile(os.path.join(folder, "pyproject.toml")):
        import tomllib

        found["source"] = "pyproject.toml"
        with open(os.path.join(folder, "pyproject.toml"), "rb") as file:
            project = tomllib.load(file)
        needs = project.get("project", {}).get("dependencies", [])
        found["requirements"] = [str(one) for one in needs] if isinstance(needs, list) else []
        if not needs and "poetry" in project.get("tool", {}):
            found["notes"].append("poetry's own table is not read: poetry export makes a requirements.txt")
    else:
        found["source"] = venv()
except (OSError, ValueError) as error:
    found["notes"].append("%s: %s" % (found["source"] or folder, error))
print(json.dumps(found))
