# How the compiler is linked with MLIR and LLVM.
#
#   tlc_link_shared(NAME)   with libMLIR.so and libLLVM.so: a quick link, a small file, and
#                           25 ms of every start to relocate what these two hold
#   tlc_link_static(NAME)   with their archives: 110 MB, starts at once
#   tlc_link(NAME)          as BUILD_SHARED_LIBS says
#
# Only what is linked in the end (a program, libtlc) chooses. Our own archives name no library of
# LLVM: both kinds in one process would have two copies of every type id and every option.

# GNU ld takes ten times as long for the archives.
find_program(TLC_LLD ld.lld HINTS ${LLVM_TOOLS_BINARY_DIR} NO_DEFAULT_PATH)
if(TLC_LLD)
  set(TLC_LLD_OPTIONS -fuse-ld=lld -B${LLVM_TOOLS_BINARY_DIR})
  add_link_options(${TLC_LLD_OPTIONS})
elseif(TLC_STATIC_TLC OR NOT BUILD_SHARED_LIBS)
  message(FATAL_ERROR "linking tlc statically needs lld: install lld-${LLVM_VERSION_MAJOR} "
                      "or configure with -DTLC_STATIC_TLC=OFF")
endif()

# The targets that LLVM exports for its archives depend on its shared library, so the files are
# named here. The linker takes from them what is used, in any order.
file(GLOB TLC_LLVM_ARCHIVES ${LLVM_LIBRARY_DIR}/libMLIR*.a ${LLVM_LIBRARY_DIR}/libLLVM*.a)
list(FILTER TLC_LLVM_ARCHIVES EXCLUDE REGEX "libMLIR(CAPI|.*Test|.*Python)")
set(TLC_LLVM_SYSTEM_LIBRARIES ZLIB::ZLIB zstd ${CMAKE_DL_LIBS} Threads::Threads m)

function(tlc_link_shared name)
  target_link_libraries(${name} PRIVATE MLIR LLVM)
endfunction()

# Code at fixed addresses needs no relocation when the program starts.
function(tlc_link_static name)
  target_link_libraries(${name} PRIVATE ${TLC_LLVM_ARCHIVES} ${TLC_LLVM_SYSTEM_LIBRARIES})
  get_target_property(type ${name} TYPE)
  if(type STREQUAL EXECUTABLE)
    target_link_options(${name} PRIVATE -no-pie -static-libstdc++ -static-libgcc
                        LINKER:--gc-sections LINKER:--as-needed)
  else() # libtlc.a: the program that uses it is linked so
    target_link_options(${name} INTERFACE ${TLC_LLD_OPTIONS}
                        LINKER:--gc-sections LINKER:--as-needed)
  endif()
endfunction()

function(tlc_link name)
  if(BUILD_SHARED_LIBS)
    tlc_link_shared(${name})
  else()
    tlc_link_static(${name})
  endif()
endfunction()
