"""Which folder may include which: the arrows of the architecture point down only."""
import re

from tree import files, finish, read

BELOW_API = ["pipelines", "lower", "conversion", "transforms", "codegen", "planner", "analysis",
             "reference", "frontend"]
PASSES = ["planner", "analysis"]

# Folder: the folders it may include besides itself, dialects/Mlir.h and the public headers
# below it.
ALLOWED = {
    "tools": ["api", "dialects", "support"] + BELOW_API,
    "test": ["api", "dialects", "support", "runtime"] + BELOW_API,
    "api": ["dialects", "support"] + BELOW_API,
    "pipelines": ["lower", "conversion", "transforms", "codegen", "dialects", "support"] + PASSES,
    "lower": ["frontend", "dialects", "support"],
    "conversion": ["dialects", "support"] + PASSES,
    "transforms": ["dialects", "support"] + PASSES,
    "codegen": ["dialects", "support"] + PASSES,
    "reference": ["dialects", "support"],
    "analysis": ["dialects", "support"],
    "planner": ["support"],
    "frontend": ["support"],
    "support": [],
    "dialects": [],
    "runtime": [],
}
# Who may include the runtime's C header.
RUNTIME_USERS = {"runtime", "api", "codegen", "tools", "test", "bench"}
# The firewalls: no MLIR and no LLVM here.
WITHOUT_MLIR = {"frontend", "planner", "support", "runtime"}
INCLUDE = re.compile(r'^\s*#?\s*include\s*["<]([^">]+)[">]', re.MULTILINE)


def layer(path):
    parts = path.split("/")
    if parts[0] == "compiler" and len(parts) > 1:
        return parts[1]
    return {"tlc": "public", "tlrt": "runtime-public"}.get(parts[0], parts[0])


def isPublic(path):
    return "/include/" in path


def problem(path, included):
    """What is wrong with an include line, or None."""
    here, there = layer(path), layer(included)
    foreign = included.startswith(("mlir/", "mlir-c/", "llvm/", "llvm-c/"))
    if foreign and here in WITHOUT_MLIR:
        return f"'{here}' must not know MLIR or LLVM"
    if foreign and isPublic(path):
        return "a public header must not know MLIR or LLVM"
    if isPublic(path) and (there in ALLOWED or there in ("fmt", "CLI")) and here != "runtime":
        return "a public header includes public headers and the standard library only"
    if here == "runtime" and (there == "public" or included.startswith("fmt/")):
        return "the runtime depends on the C library and zlib only"
    if there == "runtime-public" or included.startswith("runtime/include/"):
        return None if here in RUNTIME_USERS else f"'{here}' must not know the runtime"
    if here not in ALLOWED or there not in ALLOWED or here == there:
        return None
    if there not in ALLOWED[here]:
        return f"'{here}' must not include '{there}'"
    return None


def main():
    problems = []
    for path in files(".cpp", ".h", ".c", ".td", ".def"):
        for included in INCLUDE.findall(read(path)):
            wrong = problem(path, included)
            if wrong:
                problems.append(f"{path}: includes {included}: {wrong}")
    # The check itself has to see what it looks for.
    assert problem("compiler/frontend/Parser.cpp", "mlir/IR/Value.h")
    assert problem("compiler/planner/Tree.cpp", "llvm/ADT/SmallVector.h")
    assert problem("runtime/core/Context.cpp", "llvm/ADT/SmallVector.h")
    assert problem("compiler/api/include/tlc/tlc.h", "mlir/IR/Value.h")
    assert problem("dialects/ein/EinOps.cpp", "compiler/support/Source.h")
    assert problem("compiler/transforms/A.cpp", "compiler/frontend/Ast.h")
    assert not problem("compiler/lower/A.cpp", "compiler/frontend/Ast.h")
    finish(problems)


main()
