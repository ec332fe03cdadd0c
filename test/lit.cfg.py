# Tests are files under test/ and examples/ with RUN lines. `%python` has NumPy.
import ctypes
import os
import shutil
import subprocess

import lit.formats

config.name = f"tlc {config.suite}"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".tl", ".test"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.join(config.source_dir, config.suite)
config.test_exec_root = os.path.join(config.build_dir, config.suite)

config.environment["PATH"] = os.pathsep.join(
    [os.path.join(config.build_dir, "bin"), config.llvm_tools_dir, os.environ["PATH"]])
# The tests must not depend on the terminal they run in.
config.environment["NO_COLOR"] = "1"
# Nor read or write what belongs to the user.
config.environment["XDG_CACHE_HOME"] = os.path.join(config.build_dir, config.suite, "cache")
if config.shared:
    config.available_features.add("shared-libs")
if config.sanitize:
    config.available_features.add("asan")
    # Leaks inside the shared LLVM are not ours.
    config.environment["ASAN_OPTIONS"] = "detect_leaks=0"
try:
    version = subprocess.run(["clang-format", "--version"], stdout=subprocess.PIPE).stdout
    if b"version 14." in version:
        config.available_features.add("clang-format-14")
except OSError:
    pass

ptxas = shutil.which("ptxas") or shutil.which("ptxas", path="/usr/local/cuda/bin")
if ptxas:
    config.available_features.add("ptxas")
    config.substitutions.append(("%ptxas", ptxas))



def has_gpu():
    try:
        cuda = ctypes.CDLL("libcuda.so.1")
        count = ctypes.c_int(0)
        return cuda.cuInit(0) == 0 and cuda.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0
    except OSError:
        return False


# Tests on a real GPU; without one, lit counts them as unsupported.
if has_gpu():
    config.available_features.add("gpu")

config.substitutions.append(("%python", "/usr/bin/python3"))
config.substitutions.append(("%source", config.source_dir))
config.substitutions.append(("%build", config.build_dir))
config.substitutions.append(("%vgpu", f"{config.build_dir}/lib/libtlvgpu.so"))
config.substitutions.append(("%cc", config.c_compiler))
config.substitutions.append(("%cxx", config.cxx_compiler))
# Ends the command line that compiles a C or C++ program with the runtime in it.
config.substitutions.append(("%link_tlrt", " ".join(
    ([f"-fsanitize={config.sanitize}"] if config.sanitize else []) +
    [f"-I{config.source_dir}/runtime/include", f"{config.build_dir}/lib/libtlrt.a",
     "-lz", "-lm", "-lpthread"])))
