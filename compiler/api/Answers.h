//===- Answers.h - what queries print [Q1] --------------------------------===//

#ifndef TLC_COMPILER_API_ANSWERS_H
#define TLC_COMPILER_API_ANSWERS_H

#include "compiler/frontend/Program.h"
#include "tlc/tlc.h"

#include <functional>
#include <string>

namespace tlc {

/// The answers of all queries in the order of the program; `value` finds a computed tensor by name.
std::string printAnswers(const program::Program &program,
                         const std::function<Tensor(const std::string &)> &value, bool json);

} // namespace tlc

#endif // TLC_COMPILER_API_ANSWERS_H
