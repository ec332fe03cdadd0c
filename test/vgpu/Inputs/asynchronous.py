"""Copies of boxes, barriers that count bytes, products of four warps and clusters: what they compute,
and what is reported when a wait, a fence or an arrival is missing. Each case is a kernel's body."""
import os
import re
import subprocess
import sys

HEAD = """.version 8.0
.target sm_90a
.address_size 64
.visible .entry k(.param .align 64 .b8 from[128], .param .align 64 .b8 to[128])
.maxntid 128 .minnctapersm 1 %s
{
.reg .pred %%p<4>; .reg .b32 %%r<9>; .reg .b64 %%rd<9>; .reg .f32 %%f<9>; .reg .b16 %%h<2>;
.shared .align 1024 .b8 box[16384];
.shared .align 8 .b8 bar[16];
mov.u32 %%r0, %%tid.x;
setp.ne.u32 %%p0, %%r0, 0;
mov.b64 %%rd0, from;
cvta.param.u64 %%rd1, %%rd0;
mov.b64 %%rd0, to;
cvta.param.u64 %%rd2, %%rd0;
"""
INIT = "@%p0 bra READY;\nmbarrier.init.shared::cta.b64 [bar], 1;\nfence.mbarrier_init.release.cluster;\n" \
       "READY: bar.sync 0;\n"
LOAD = "@%p0 bra ASKED;\nmbarrier.arrive.expect_tx.shared::cta.b64 _, [bar], 1024;\n" \
       "mov.u32 %r1, box; mov.u32 %r2, bar; mov.u32 %r3, 0; mov.u32 %r4, 2;\n" \
       "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%r1], " \
       "[%rd1, {%r3, %r4}], [%r2];\nASKED:\n"
WAIT = "AGAIN: mbarrier.try_wait.parity.shared::cta.b64 %p1, [bar], 0;\n@!%p1 bra AGAIN;\n"
# Row tid / 16, chunk tid / 2 % 8: every thread turns the sign of four f16.
FLIP = "shl.b32 %r5, %r0, 3; mov.u32 %r1, box; add.u32 %r5, %r5, %r1;\n" \
       "ld.shared.b64 %rd3, [%r5]; xor.b64 %rd3, %rd3, -9223231297218904064; st.shared.b64 [%r5], %rd3;\n"
FENCE = "fence.proxy.async.shared::cta;\nbar.sync 0;\n"
STORE = "@%p0 bra SENT;\nmov.u32 %r1, box; mov.u32 %r3, 0; mov.u32 %r4, 2;\n" \
        "cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%rd2, {%r3, %r4}], [%r1];\n" \
        "cp.async.bulk.commit_group;\ncp.async.bulk.wait_group 0;\nSENT:\n"
GOOD = INIT + LOAD + WAIT + FLIP + FENCE + STORE
# A product whose sums are touched, or which nobody prepares.
MULTIPLY = "wgmma.fence.sync.aligned;\nmov.b64 %rd3, 4611686293305294848; add.s64 %rd3, %rd3, 64;\n" \
           "setp.ne.b32 %p2, 0, 0;\nwgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 " \
           "{%f0, %f1, %f2, %f3}, %rd3, %rd3, %p2, 1, 1, 0, 0;\nwgmma.commit_group.sync.aligned;\n"
PAIR = ".reqnctapercluster 2, 1, 1"
MEET = "barrier.cluster.arrive.release;\nbarrier.cluster.wait.acquire;\n"
REMOTE = "mov.u32 %r6, %cluster_ctarank; xor.b32 %r6, %r6, 1; mov.u32 %r7, bar;\n" \
         "mapa.shared::cluster.u32 %r8, %r7, %r6;\n" \
         "@%p0 bra GONE;\nmbarrier.arrive.release.cluster.shared::cluster.b64 _, [%r8];\nGONE:\n"

# name: (the cluster, the body, what is printed; None: the box is right)
CASES = {
    "good": ("", GOOD, None),
    "no-wait": ("", GOOD.replace(WAIT, ""), "wrong|copies into its shared memory are under way"),
    "no-proxy-fence": ("", GOOD.replace("fence.proxy.async.shared::cta;\n", ""),
                       "thread \\d+ has written to the 1024 bytes at 0x\\w+: fence.proxy.async is missing"),
    "no-init-fence": ("", GOOD.replace("fence.mbarrier_init.release.cluster;\n", ""),
                      "fence.mbarrier_init is missing"),
    "too-many-bytes": ("", GOOD.replace("1024;", "1040;"),
                       "deadlock; block .*: 128 threads wait at line \\d+ \\(mbarrier.try_wait.parity"
                       ".*\\); mbarrier 0x\\w+ is in phase 0 and waits for 0 arrivals and 16 bytes"),
    # Each of 128 arrivals ends a phase of one; an even number of phases is none for a parity.
    "many-arrivals": ("", INIT + "mbarrier.arrive.shared::cta.b64 _, [bar];\n" + WAIT,
                      "deadlock; block .* is in phase 128 and waits for 1 arrivals"),
    "no-barrier": ("", LOAD, "there is no mbarrier at"),
    "no-group": ("", GOOD.replace("cp.async.bulk.commit_group;\n", ""), "are in no group"),
    "no-store-wait": ("", GOOD.replace("cp.async.bulk.wait_group 0;\n", ""),
                      "a block ends while copies from its shared memory are under way"),
    "misaligned": ("", GOOD.replace("mov.u32 %r1, box; mov.u32 %r2, bar;",
                                    "mov.u32 %r1, box+64; mov.u32 %r2, bar;"),
                   "is not a multiple of 128"),
    "touched": ("", MULTIPLY + "add.f32 %f0, %f0, %f0;\n",
                "touches a register of the wgmma at line \\d+, which nobody has waited for"),
    "unfenced": ("", MULTIPLY.replace("wgmma.fence.sync.aligned;\n", ""), "since the last wgmma.fence"),
    "unfinished": ("", MULTIPLY, "a warp ends while its wgmma are under way"),
    "pair": (PAIR, INIT + MEET + REMOTE + WAIT + MEET, "same"),
    "no-meeting": (PAIR, INIT + "barrier.cluster.wait.acquire;\n", "the thread has not arrived"),
    "stranger": (PAIR, "mov.u32 %r7, bar;\nmapa.shared::cluster.u32 %r8, %r7, 2;\n",
                 "the cluster has no block 2"),
    "registers": ("", "setmaxnreg.inc.sync.aligned.u32 256;\n",
                  "deadlock; block .*: 128 threads wait at line \\d+ \\(setmaxnreg.inc.sync"),
}

RUN = """
import sys, numpy as np
from driver import Boxes, Device, DriverError
x = np.arange(10 * 64, dtype=np.float16).reshape(10, 64)
y = np.zeros_like(x)
try:
    device = Device()
    device.run(device.load(sys.argv[1]), "k", (2 if "reqncta" in sys.argv[1] else 1,), (128,),
               [Boxes(x, (64, 8), 3, 6), Boxes(y, (64, 8), 3, 6)])
except DriverError as error:
    print(error)
    sys.exit(1)
print("right" if (y[2:] == -x[2:]).all() and not y[:2].any() else "same" if not y.any() else "wrong")
"""


def main():
    failures = 0
    for name, (cluster, body, expected) in CASES.items():
        text = HEAD % cluster + body + "ret;\n}\n"
        printed = []
        for seed in range(5):
            env = dict(os.environ, VGPU_SEED=str(seed), VGPU_ARCH="90")
            done = subprocess.run([sys.executable, "-c", RUN, text], cwd=sys.path[0], env=env,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            printed.append(done.stdout)
        if expected is None:
            ok = all(each == "right\n" for each in printed)
        elif expected == "same":
            ok = all(each == "same\n" for each in printed)
        else:
            ok = any(re.search(expected, each) for each in printed)
        if not ok:
            failures += 1
            print(name, printed)
    print("%d cases, %d failures" % (len(CASES), failures))


if __name__ == "__main__":
    main()
