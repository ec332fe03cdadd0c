"""The files of the project, for the checks in this folder.

Usage of each check: CHECK.py SOURCE-FOLDER; it prints what is wrong, one line each, and "clean"
if nothing is.
"""
import os
import subprocess
import sys

SOURCE = os.path.realpath(sys.argv[1])
CODE = (".cpp", ".h", ".c", ".td", ".def", ".py", ".cmake", ".txt")


def files(*endings):
    """Paths of the files under version control, or of all if there is none."""
    listed = subprocess.run(["git", "-C", SOURCE, "ls-files", "-z"], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL)
    if listed.returncode == 0:
        paths = listed.stdout.decode().split("\0")[:-1]
    else:
        paths = []
        for folder, folders, names in os.walk(SOURCE):
            folders[:] = [name for name in folders if name not in (".git", "build")]
            paths += [os.path.relpath(os.path.join(folder, name), SOURCE) for name in names]
    return sorted(path for path in paths
                  if path.endswith(endings) and os.path.isfile(os.path.join(SOURCE, path)))


def read(path):
    with open(os.path.join(SOURCE, path), errors="replace") as file:
        return file.read()


def finish(problems):
    for problem in problems:
        print(problem)
    print("clean" if not problems else f"{len(problems)} problems")
    sys.exit(1 if problems else 0)
