"""The CUDA driver through ctypes: what a test needs to launch a kernel of a PTX file.

The library is $TLRT_LIBCUDA, so that the same tests run on vgpu and on a real device."""
import ctypes
import os

import numpy as np

cuda = ctypes.CDLL(os.environ.get("TLRT_LIBCUDA", "libcuda.so.1"))


class DriverError(Exception):
    pass


def check(status):
    if status:
        name = ctypes.c_char_p()
        cuda.cuGetErrorName(status, ctypes.byref(name))
        raise DriverError((name.value or b"error %d" % status).decode())


class Boxes:
    """A tensor map of an array, as a kernel's argument: the box and the swizzle (0: none, 3: rows of
    128 bytes), the contiguous dimension first, and the number of the type (CUtensorMapDataType)."""

    def __init__(self, array, box, swizzle=0, number=9):
        self.array, self.box, self.swizzle, self.number = array, box, swizzle, number

    def encode(self, address):
        """The 128 bytes, at a multiple of 64."""
        rank = self.array.ndim
        extents = (ctypes.c_uint64 * rank)(*self.array.shape[::-1])
        strides = (ctypes.c_uint64 * rank)(*self.array.strides[::-1][1:])
        sides, steps = (ctypes.c_uint32 * rank)(*self.box), (ctypes.c_uint32 * rank)(*[1] * rank)
        room = ctypes.create_string_buffer(192)
        start = -ctypes.addressof(room) % 64
        cell = (ctypes.c_char * 128).from_buffer(room, start)
        check(cuda.cuTensorMapEncodeTiled(ctypes.byref(cell), self.number, rank, address, extents,
                                          strides, sides, steps, 0, self.swizzle, 2, 0))
        return cell


class Device:
    def __init__(self):
        check(cuda.cuInit(0))
        device, context = ctypes.c_int(), ctypes.c_void_p()
        check(cuda.cuDeviceGet(ctypes.byref(device), 0))
        check(cuda.cuDevicePrimaryCtxRetain(ctypes.byref(context), device))
        check(cuda.cuCtxSetCurrent(context))

    def load(self, text):
        """The module of a PTX text."""
        module, log = ctypes.c_void_p(), ctypes.create_string_buffer(4096)
        options = (ctypes.c_int * 2)(5, 6)
        values = (ctypes.c_void_p * 2)(ctypes.addressof(log), 4096)
        status = cuda.cuModuleLoadDataEx(ctypes.byref(module), text.encode() + b"\0", 2, options,
                                         values)
        if status:
            raise DriverError(log.value.decode())
        return module

    def run(self, module, kernel, grid, block, arguments, shared=0):
        """Launches and waits. Arrays go to the device and come back; other arguments are NumPy's
        scalars."""
        function = ctypes.c_void_p()
        check(cuda.cuModuleGetFunction(ctypes.byref(function), module, kernel.encode()))
        if shared > 48 * 1024:
            check(cuda.cuFuncSetAttribute(function, 8, shared))
        cells, arrays = [], []
        for argument in arguments:
            if isinstance(argument, (np.ndarray, Boxes)):
                array = argument.array if isinstance(argument, Boxes) else argument
                address = ctypes.c_uint64()
                check(cuda.cuMemAlloc_v2(ctypes.byref(address), ctypes.c_size_t(array.nbytes)))
                check(cuda.cuMemcpyHtoDAsync_v2(address, array.ctypes.data_as(ctypes.c_void_p),
                                                ctypes.c_size_t(array.nbytes), None))
                arrays.append((address, array))
                cells.append(argument.encode(address) if isinstance(argument, Boxes) else address)
            else:
                cells.append(ctypes.create_string_buffer(argument.tobytes(), argument.nbytes))
        pointers = (ctypes.c_void_p * max(1, len(cells)))(*[ctypes.addressof(c) for c in cells])
        check(cuda.cuLaunchKernel(function, *triple(grid), *triple(block), shared, None, pointers,
                                  None))
        check(cuda.cuStreamSynchronize(None))
        for address, array in arrays:
            check(cuda.cuMemcpyDtoHAsync_v2(array.ctypes.data_as(ctypes.c_void_p), address,
                                            ctypes.c_size_t(array.nbytes), None))
            check(cuda.cuMemFree_v2(address))


def triple(extents):
    return tuple(extents) + (1,) * (3 - len(extents))
