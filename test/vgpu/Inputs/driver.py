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
        cells, arrays = [], []
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                address = ctypes.c_uint64()
                check(cuda.cuMemAlloc_v2(ctypes.byref(address), ctypes.c_size_t(argument.nbytes)))
                check(cuda.cuMemcpyHtoDAsync_v2(address, argument.ctypes.data_as(ctypes.c_void_p),
                                                ctypes.c_size_t(argument.nbytes), None))
                arrays.append((address, argument))
                cells.append(address)
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
