"""usage: check_explain.py FILE...  Explains each program and checks the JSON against a schema."""

import json
import subprocess
import sys

NUMBER, TEXT, FLAG = (int, float), (str,), (bool,)
PAIRS = [[int]]
COSTS = {"flops": NUMBER, "muls": NUMBER, "largest": NUMBER, "peak_bytes": NUMBER,
         "seconds": NUMBER}
STEP = {"lhs": (int,), "rhs": (int,), "flops": NUMBER, "result_size": NUMBER,
        "live_bytes": NUMBER, "seconds": NUMBER}
CONTRACTION = {**COSTS, "equation": TEXT, "path": PAIRS, "linear_path": PAIRS, "optimal": FLAG,
               "method": TEXT, "left_to_right": COSTS, "greedy": COSTS, "slices": NUMBER,
               "slice_overhead": NUMBER, "sliced": [(int,)], "steps": [STEP]}
LOW_RANK = {"tensor": TEXT, "eps": NUMBER, "form": TEXT}
# What is there if the tensor is read by contractions, if it became factors, and if it did not.
LOW_RANK_OPTIONAL = {"dense_elements": NUMBER, "dense_flops": NUMBER, "dense_seconds": NUMBER,
                     "seconds": NUMBER, "elements": NUMBER, "flops": NUMBER, "error": NUMBER,
                     "largest_error": NUMBER, "factors": [TEXT], "ranks": [(int,)], "reason": TEXT}
EXPLANATION = {**COSTS, "equations": [TEXT], "contractions": [CONTRACTION]}
# There if there is one contraction.
OPTIONAL = {"path": PAIRS, "linear_path": PAIRS}


def check(value, schema, where, optional={}):
    """A tuple is one of some types, a list an array of its only element, a dict an object."""
    if schema is int:
        schema = (int,)
    if isinstance(schema, tuple):
        fits = isinstance(value, schema) and (schema == FLAG or not isinstance(value, bool))
        if not fits:
            sys.exit(f"{where}: {value!r} is not of the types {schema}")
    elif isinstance(schema, list):
        if not isinstance(value, list):
            sys.exit(f"{where}: {value!r} is not an array")
        for number, element in enumerate(value):
            check(element, schema[0], f"{where}[{number}]")
    else:
        if set(value) - set(optional) != set(schema):
            sys.exit(f"{where}: fields {sorted(value)}, expected {sorted(schema)}")
        for key, element in value.items():
            check(element, {**schema, **optional}[key], f"{where}.{key}")


def check_sense(explanation, where):
    """What a schema cannot say: sums, counts, and that the plan is no worse than others."""
    contractions = explanation["contractions"]
    for key in COSTS:
        combine = max if key in ("largest", "peak_bytes") else sum
        expected = combine([c[key] for c in contractions] + [0])
        if abs(explanation[key] - expected) > 1e-6 * expected:
            sys.exit(f"{where}.{key}: {explanation[key]}, expected {expected}")
    for contraction in contractions:
        if len(contraction["steps"]) != max(1, len(contraction["path"])):
            sys.exit(f"{where}: {contraction['path']} has other steps than the table")
        for other in ("left_to_right", "greedy"):
            if contraction["seconds"] > 1.2 * contraction[other]["seconds"]:
                sys.exit(f"{where}: {contraction['equation']} is slower than {other}")


for path in sys.argv[1:]:
    done = subprocess.run(["tlc", "explain", path, "--json"], stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit(f"{path}: exit code {done.returncode}")
    explanation = json.loads(done.stdout)
    for number, tensor in enumerate(explanation.pop("low_rank")):
        check(tensor, LOW_RANK, f"{path}.low_rank[{number}]", LOW_RANK_OPTIONAL)
    check(explanation, EXPLANATION, path, OPTIONAL)
    check_sense(explanation, path)
print(f"{len(sys.argv) - 1} programs are explained")
