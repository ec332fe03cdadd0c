"""Computes tensor expressions with PyTorch when told to; Torch.h has the conversation.

usage: torch_peer.py FILE-DESCRIPTOR
"""
import json
import os
import sys
import time

try:
    import numpy
    import torch
    import torch.nn.functional as F
except ImportError:
    sys.exit(1)

memory = os.fdopen(int(sys.argv[1]), "r+b", buffering=0)
# NumPy's type, and what PyTorch shall see in its place.
TYPES = {"f32": (numpy.float32, None), "f64": (numpy.float64, None), "f16": (numpy.float16, None),
         "bf16": (numpy.int16, torch.bfloat16), "i8": (numpy.int8, None), "i32": (numpy.int32, None),
         "c64": (numpy.complex64, None)}


def tensor(values, kind):
    seen = TYPES[kind][1]
    result = torch.from_numpy(values)
    # A copy in memory that PyTorch has allocated, as a user's tensors are.
    return (result.view(seen) if seen else result).clone()


def read_operands(tensors):
    memory.seek(0)
    operands = {}
    for name, (kind, shape) in tensors.items():
        count = int(numpy.prod(shape, dtype=numpy.int64))
        values = numpy.fromfile(memory, TYPES[kind][0], count).reshape(shape)
        operands[name] = tensor(values, kind)
    return operands


def answer(text):
    print(text, flush=True)


def main():
    sys.stdin.readline()
    answer(f"PyTorch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}")
    compute = result = None
    clock = time.thread_time
    for line in sys.stdin:
        line = line.strip()
        if line.startswith("{"):
            order = json.loads(line)
            compute = result = None
            torch.set_num_threads(order["threads"])
            clock = time.perf_counter if order["threads"] > 1 else time.thread_time
            kind, shape = order["out"]
            scope = {"torch": torch, "F": F, **read_operands(order["tensors"])}
            scope["out"] = tensor(numpy.zeros(shape, TYPES[kind][0]), kind)
            compute = eval("lambda: " + order["code"], scope)
            answer("ready")
        elif line == "fetch":
            memory.seek(0)
            memory.truncate(0)
            if result.dtype == torch.bfloat16:
                result = result.view(torch.int16)
            result.contiguous().numpy().tofile(memory)
            answer("fetched")
        else:
            start = clock()
            for _ in range(int(line)):
                result = compute()
            answer(clock() - start)


with torch.no_grad():
    main()
