# find_package(tlc) gives
#   tlc::tlc             the JIT: tlc/tlc.h
#   tlc::runtime         what compiled objects call: tlrt/tlrt.h
#   tlc::runtime_static  the same, to link into a program
include(CMakeFindDependencyMacro)
find_dependency(ZLIB)
find_dependency(Threads)
find_dependency(fmt)
include(${CMAKE_CURRENT_LIST_DIR}/tlcTargets.cmake)
