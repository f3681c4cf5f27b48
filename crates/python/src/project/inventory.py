# Says in one line of JSON what is installed: by distribution its version, its wheel's tags, and what can be imported.
import json
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.metadata import distributions

SUFFIXES = sorted(EXTENSION_SUFFIXES, key=len, reverse=True)
found = []
for one in distributions():
    tags = [line[5:] for line in (one.read_text("WHEEL") or "").splitlines() if line.startswith("Tag: ")]
    modules, extensions = set(), set()
    for path in one.files or []:
        parts = path.parts
        if ".." in parts or parts[0].endswith((".dist-info", ".data", ".libs")) or parts[0] == "__pycache__":
            continue
        suffix = next((suffix for suffix in SUFFIXES if parts[-1].endswith(suffix)), None)
        top = parts[0]
        if suffix is not None:
            names = list(parts[:-1]) + [parts[-1][: -len(suffix)]]
            if all(name.isidentifier() for name in names):
                extensions.add(".".join(names))
            top = names[0]
        elif len(parts) == 1:
            top = top[:-3] if top.endswith(".py") else ""
        elif not parts[-1].endswith(".py"):
            continue
        if top.isidentifier():
            modules.add(top)
    public = {name for name in modules if not name.startswith("_")}
    found.append({
        "name": one.metadata["Name"],
        "version": one.version,
        "tags": tags,
        "modules": sorted(public or modules),
        "extensions": sorted(extensions),
    })
print(json.dumps(found))
