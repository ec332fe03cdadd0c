"""mma.sync, ldmatrix and cp.async in kernels of one warp, against NumPy: where the manual says that an
element of a fragment is, and what a copy leaves behind."""
import os
import sys

import numpy as np

from driver import Device, DriverError, cuda

HEAD = ".version 7.8\n.target sm_80\n.address_size 64\n"
rng = np.random.default_rng(1)


def kernel(body, parameters):
    return (HEAD + ".visible .entry k(" + ", ".join(".param .u64 p%d" % i for i in range(parameters))
            + ") {\n.reg .b32 %r<40>; .reg .f32 %f<20>; .reg .b64 %rd<20>; .reg .f64 %fd<10>;\n"
            ".shared .align 128 .b8 tile[2048];\nmov.u32 %r0, %tid.x;\n"
            + "\n".join("ld.param.u64 %%rd%d, [p%d];" % (i, i) for i in range(parameters))
            + "\n" + body + "\nret;\n}\n")


def run(text, arrays):
    device = Device()
    device.run(device.load(text), "k", (1,), (32,), arrays)


def words(register, pointer, count, size, verb, kind):
    """Loads or stores `count` registers of each lane."""
    lines = ["mad.wide.u32 %%rd10, %%r0, %d, %%rd%d;" % (count * size, pointer)]
    for i in range(count):
        place, name = "[%%rd10+%d]" % (size * i), register + str(i)
        lines.append("%s.global.%s %s;" % (verb, kind, ", ".join(
            [name, place] if verb == "ld" else [place, name])))
    return "\n".join(lines)


def listed(register, first, count):
    return "{" + ",".join("%s%d" % (register, first + i) for i in range(count)) + "}"


def fragments(matrix, per):
    """The registers of a 16 x 8 per matrix of factors: [lane][register][element]."""
    result = np.zeros((32, 4, per), matrix.dtype)
    for lane in range(32):
        for i in range(4):
            row, column = lane // 4 + 8 * (i % 2), per * (lane % 4) + 4 * per * (i // 2)
            result[lane, i] = matrix[row, column:column + per]
    return result


def accumulators(matrix):
    return np.array([[matrix[lane // 4 + 8 * (i // 2), 2 * (lane % 4) + i % 2] for i in range(4)]
                     for lane in range(32)])


def check_product(name, shape, types, to_bits, per, values, accumulator, tolerance):
    a, b = values((16, 8 * per)), values((8, 8 * per))
    c = values((16, 8)).astype(accumulator)
    a_bits = np.ascontiguousarray(fragments(to_bits(a), per)).reshape(32, -1)
    # The other factor has 8 columns: registers 0 and 2 of a matrix of 16 rows.
    wide = np.concatenate([to_bits(b), to_bits(b)])
    b_bits = np.ascontiguousarray(fragments(wide, per)[:, [0, 2]]).reshape(32, -1)
    c_bits = np.ascontiguousarray(accumulators(c))
    d = np.zeros((32, 4), accumulator)
    reg, kind = ("%f", "f32") if accumulator == np.float32 else ("%r3", "u32")
    loads = words("%r1", 0, 4, 4, "ld", "u32") + words("%r2", 1, 2, 4, "ld", "u32") + words(
        reg, 2, 4, 4, "ld", kind)
    result = ",".join(reg + str(i) for i in range(4))
    body = (loads + "mma.sync.aligned.%s.row.col.%s {%s}, %s, %s, {%s};\n" %
            (shape, types, result, listed("%r", 10, 4), listed("%r", 20, 2), result)
            + words(reg, 3, 4, 4, "st", kind))
    run(kernel(body, 4), [a_bits, b_bits, c_bits, d])
    expected = accumulators(a.astype(np.float64) @ b.T.astype(np.float64) + c)
    assert np.allclose(d, expected, rtol=tolerance, atol=tolerance), name


def bfloat(x):
    return (np.asarray(x, np.float32).view(np.uint32) >> 16).astype(np.uint16)


def small(shape):
    """Numbers that every type has exactly."""
    return rng.integers(-8, 9, shape).astype(np.float32) / 4


def check_doubles():
    a, b, c = rng.normal(size=(8, 4)), rng.normal(size=(8, 4)), rng.normal(size=(8, 8))
    d = np.zeros((32, 2))
    body = (words("%fd1", 0, 1, 8, "ld", "f64") + words("%fd2", 1, 1, 8, "ld", "f64")
            + words("%fd", 2, 2, 8, "ld", "f64").replace("%fd0", "%fd6").replace("%fd1,", "%fd7,")
            + "mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%fd6,%fd7}, {%fd4}, {%fd5}, "
            "{%fd6,%fd7};\n")
    body = body.replace("%fd10", "%fd4").replace("%fd20", "%fd5")
    body += "mad.wide.u32 %rd10, %r0, 16, %rd3; st.global.v2.f64 [%rd10], {%fd6,%fd7};"
    run(kernel(body, 4), [a, b, c, d])
    assert np.allclose(d.reshape(8, 8), a @ b.T + c), "f64"


def check_loads():
    """ldmatrix of rows that lie in any order, straight and transposed."""
    memory = rng.integers(0, 65536, (32, 8)).astype(np.uint16)
    order = rng.permutation(32).astype(np.uint32)
    for trans in ("", ".trans"):
        result = np.zeros((32, 4, 2), np.uint16)
        body = ("mul.lo.u32 %r1, %r0, 16; mov.u32 %r2, tile; add.u32 %r3, %r1, %r2;\n"
                "mad.wide.u32 %rd10, %r0, 16, %rd0; ld.global.v4.u32 {%r4,%r5,%r6,%r7}, [%rd10];\n"
                "st.shared.v4.u32 [%r3], {%r4,%r5,%r6,%r7}; bar.sync 0;\n"
                "mad.wide.u32 %rd10, %r0, 4, %rd1; ld.global.u32 %r8, [%rd10];\n"
                "mad.lo.u32 %r9, %r8, 16, %r2;\n"
                "ldmatrix.sync.aligned.m8n8.x4" + trans + ".shared.b16 {%r10,%r11,%r12,%r13}, [%r9];\n"
                "mad.wide.u32 %rd10, %r0, 16, %rd2; st.global.v4.u32 [%rd10], {%r10,%r11,%r12,%r13};")
        run(kernel(body, 3), [memory, order, result])
        for i in range(4):
            matrix = memory[order[8 * i:8 * i + 8]]
            matrix = matrix.T if trans else matrix
            assert (result[:, i].reshape(8, 8) == matrix).all(), ("ldmatrix" + trans, i)


COPY = ("mul.lo.u32 %r1, %r0, 16; mov.u32 %r2, tile; add.u32 %r3, %r1, %r2;\n"
        "mad.wide.u32 %rd10, %r0, 16, %rd0; mov.u32 %r4, SIZE;\n"
        "cp.async.cg.shared.global [%r3], [%rd10+OFFSET], 16, %r4;\ncp.async.commit_group;\n"
        "WAIT\nld.shared.v4.u32 {%r10,%r11,%r12,%r13}, [%r3];\n"
        "mad.wide.u32 %rd10, %r0, 16, %rd1; st.global.v4.u32 [%rd10], {%r10,%r11,%r12,%r13};")


def copied(size, wait, offset=0):
    memory = rng.integers(1, 256, (32, 16)).astype(np.uint8)
    result = np.zeros((32, 16), np.uint8)
    text = COPY.replace("SIZE", str(size)).replace("WAIT", wait).replace("OFFSET", str(offset))
    run(kernel(text, 2), [memory, result])
    expected = memory.copy()
    expected[:, size:] = 0
    return (result == expected).all()


def check_copies():
    for size in (16, 6, 0):
        assert copied(size, "cp.async.wait_group 0;"), size
        assert copied(size, "cp.async.wait_all;"), size
    assert not copied(16, ""), "a copy that nobody waits for was there"
    assert not copied(16, "cp.async.wait_group 1;"), "the wait was for an older group"
    for size, offset, message in ((16, 8, "ILLEGAL|MISALIGNED"), (17, 0, "FAILED"),
                                  (16, 16, "ILLEGAL")):
        try:
            copied(size, "cp.async.wait_all;", offset)
        except DriverError as error:
            assert any(part in str(error) for part in message.split("|")), str(error)
            cuda.cuDevicePrimaryCtxReset_v2(0)
        else:
            raise AssertionError((size, offset))


def main():
    check_product("bf16", "m16n8k16", "f32.bf16.bf16.f32", bfloat, 2, small, np.float32, 1e-5)
    check_product("f16", "m16n8k16", "f32.f16.f16.f32", lambda x: x.astype(np.float16), 2, small,
                  np.float32, 1e-5)
    # The low bits of a factor count for nothing.
    check_product("tf32", "m16n8k8", "f32.tf32.tf32.f32",
                  lambda x: (x.view(np.uint32) | 0x1FFF), 1, small, np.float32, 1e-5)
    check_product("i8", "m16n8k32", "s32.s8.s8.s32", lambda x: x.astype(np.int8), 4,
                  lambda shape: rng.integers(-128, 128, shape), np.int32, 0)
    check_doubles()
    check_loads()
    # What is wrong on purpose is printed on stderr.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    check_copies()
    print("products, loads and copies are right")


if __name__ == "__main__":
    sys.exit(main())
