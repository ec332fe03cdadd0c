# How this project declares its targets. Three functions:
#
#   tlc_add_library(NAME [MLIR] [OBJECT] SOURCES a.cpp ... DEPENDS Other ...)
#   tlc_add_dialect(FOLDER Stem namespace)      TableGen of <Stem>{Dialect,Attrs,Ops}.td
#   tlc_add_passes(FOLDER Group)                TableGen of Passes.td
#
# Include paths start at the repository's root ("dialects/ein/EinOps.h"), so that an
# include line names the layer it reaches into. Only targets marked MLIR see LLVM's
# headers: the front end, the planner and the runtime cannot include them by accident.

set(TLC_WARNINGS -Wall -Wextra -Wpedantic -Wno-unused-parameter -Wno-missing-field-initializers)
if(TLC_SANITIZE)
  set(TLC_SANITIZE_FLAGS -fsanitize=${TLC_SANITIZE} -fno-sanitize-recover=undefined
      -fno-omit-frame-pointer)
endif()

set(TLC_PUBLIC_INCLUDES ${PROJECT_SOURCE_DIR}/compiler/support/include
    ${PROJECT_SOURCE_DIR}/compiler/api/include)

function(tlc_target_defaults name)
  target_compile_options(${name} PRIVATE ${TLC_WARNINGS} ${TLC_SANITIZE_FLAGS})
  target_link_options(${name} PUBLIC ${TLC_SANITIZE_FLAGS})
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                            $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}>
                                            "$<BUILD_INTERFACE:${TLC_PUBLIC_INCLUDES}>")
endfunction()

# LLVM's headers are system headers: their warnings are not ours. MLIR tells types and traits
# apart by the addresses of variables in inline functions. The dynamic linker makes these one with
# those inside libMLIR only if they are visible: hidden, an operation of ours would have no trait
# that libMLIR knows (such as being a terminator).
function(tlc_use_mlir name)
  set_target_properties(${name} PROPERTIES CXX_VISIBILITY_PRESET default
                                           VISIBILITY_INLINES_HIDDEN OFF)
  target_include_directories(${name} SYSTEM PUBLIC ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  get_target_property(type ${name} TYPE)
  # Programs are compiled with -fPIE, which the precompiled headers are not.
  if(TLC_PCH AND NOT name STREQUAL TlcMlirPch AND NOT type STREQUAL EXECUTABLE)
    target_precompile_headers(${name} REUSE_FROM TlcMlirPch)
  endif()
endfunction()

function(tlc_add_library name)
  cmake_parse_arguments(ARG "MLIR;OBJECT" "" "SOURCES;DEPENDS" ${ARGN})
  if(ARG_OBJECT)
    add_library(${name} OBJECT ${ARG_SOURCES})
  else()
    add_library(${name} STATIC ${ARG_SOURCES})
    # A static libtlc is used with the archives that it is made of.
    if(NOT BUILD_SHARED_LIBS)
      install(TARGETS ${name} EXPORT tlcTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
    endif()
  endif()
  tlc_target_defaults(${name})
  set_target_properties(${name} PROPERTIES UNITY_BUILD ${TLC_UNITY} UNITY_BUILD_BATCH_SIZE 4)
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>)
  target_link_libraries(${name} PUBLIC ${ARG_DEPENDS})
  if(ARG_MLIR)
    tlc_use_mlir(${name})
    if(TARGET TlcTableGen)
      add_dependencies(${name} TlcTableGen)
    endif()
  endif()
endfunction()

# Every generated header is a dependency of every MLIR library, through one target.
function(tlc_tablegen name)
  add_public_tablegen_target(${name})
  if(NOT TARGET TlcTableGen)
    add_custom_target(TlcTableGen)
  endif()
  add_dependencies(TlcTableGen ${name})
endfunction()

macro(tlc_mlir_tablegen_setup)
  set(LLVM_TARGET_DEFINITIONS_INCLUDES ${PROJECT_SOURCE_DIR})
  include_directories(SYSTEM ${MLIR_INCLUDE_DIRS})
  include_directories(${PROJECT_SOURCE_DIR})
endmacro()
