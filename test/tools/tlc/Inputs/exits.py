"""usage: exits.py CODE COMMAND...  Fails if the command ends with another code, or says nothing on
stderr although it failed."""

import subprocess
import sys

done = subprocess.run(sys.argv[2:], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
if done.returncode != int(sys.argv[1]) or (done.returncode and not done.stderr.strip()):
    sys.exit(f"{sys.argv[2:]}: exit code {done.returncode}, expected {sys.argv[1]}\n"
             f"{done.stderr.decode()}")
