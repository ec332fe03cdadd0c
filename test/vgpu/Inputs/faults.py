"""What a kernel must not do is reported with its place. Each case is a kernel of one thread or of
a block, and the text that vgpu prints for it."""
import re
import subprocess
import sys

HEAD = ".version 7.8\n.target sm_80\n.address_size 64\n"
# name: (body after the declarations, threads, what is printed)
CASES = {
    "outside": ("ld.global.u32 %r1, [%rd1+4096];", 1,
                "line 8: ld.global.u32: 4 bytes at .*, which is 4080 bytes past the end of the "
                "allocation of 16 bytes"),
    "half": ("ld.global.u64 %rd2, [%rd1+16];", 1, "which is 0 bytes past the end"),
    "misaligned": ("st.global.u32 [%rd1+2], %r1;", 1,
                   "line 8: st.global.u32: .* in global memory is not a multiple of 4"),
    "vector": ("ld.global.v4.u32 {%r1,%r2,%r3,%r4}, [%rd1+8];", 1, "is not a multiple of 16"),
    "shared": ("ld.shared.u32 %r1, [buffer+64];", 1, "are outside of shared memory, which are 64"),
    "deadlock": ("mov.u32 %r1, %tid.x; setp.lt.u32 %p1, %r1, 32; @%p1 bar.sync 1, 64;", 32,
                 "deadlock; block \\(0,0,0\\): 32 threads wait at line 8 \\(bar.sync\\)"),
    "shuffle": ("mov.u32 %r1, %tid.x; setp.eq.u32 %p1, %r1, 5; @%p1 exit; "
                "shfl.sync.bfly.b32 %r2|%p2, %r1, 1, 31, -1;", 32,
                "shfl.sync.bfly.b32: waits for lane 5, which has exited|deadlock; block"),
    "trap": ("trap;", 1, "trap: the kernel gives up"),
    "endless": ("again: bra again;", 1, "the limit of instructions is reached"),
    "unknown": ("frobnicate.u32 %r1, %r2;", 1, "line 8: 'frobnicate.u32' is not supported"),
    "word": ("add.odd.s32 %r1, %r2, %r3;", 1, "'add.odd.s32' is not supported"),
    "nowhere": ("bra nowhere;", 1, "there is no variable or label 'nowhere'"),
}

RUN = """
import sys, numpy as np
from driver import Device, DriverError
try:
    device = Device()
    device.run(device.load(sys.argv[1]), "k", (1,), (int(sys.argv[2]),), [np.zeros(4, np.int32)])
except DriverError as error:
    print(error)
    sys.exit(1)
"""

for name, (body, threads, expected) in CASES.items():
    text = (HEAD + ".visible .entry k(.param .u64 x) {\n"
            ".reg .pred %p<3>; .reg .b32 %r<5>; .reg .b64 %rd<3>;\n"
            ".shared .align 4 .b8 buffer[64];\nld.param.u64 %rd1, [x];\n" + body + "\nret;\n}\n")
    done = subprocess.run([sys.executable, "-c", RUN, text, str(threads)], cwd=sys.path[0],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 1 and re.search(expected, done.stdout), (name, done.stdout)
print(len(CASES), "faults are reported")
