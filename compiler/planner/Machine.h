//===- Machine.h - how long contractions take on a machine ----------------===//
//
// A step of a plan is a batch of b products of an m x k and a k x n matrix. Its time is a sum of
// what grows with the volume, with the surfaces and with the number of the matrices:
//
//   seconds = b * (flop * mnk + operand * (mk + kn) + result * mn + matrix) + step
//             + passes * (bytes that the cache does not hold) / bandwidth
//
// so that large matrices get the full rate 1 / flop, and narrow ones, short sums and small matrices
// less. The five coefficients depend on the type of the elements, and on whether the step is a
// product of matrices, of a matrix and a vector, or sums nothing: the generated code is another one
// in each case. Tensors whose neighbours in memory belong to different matrices of the batch cost
// `scattered * mnk` more.
//
// `tlc tune` measures a machine; what is not measured has the values of one that was.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_PLANNER_MACHINE_H
#define TLC_COMPILER_PLANNER_MACHINE_H

#include "compiler/support/DType.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tlc::planner {

/// Sizes, in elements, of what a step joins and makes.
struct StepSizes {
  double join = 1; ///< of all indices involved
  double lhs = 1, rhs = 1, result = 1;
  double bytes = 0; ///< of the three tensors
};

enum class StepShape { Product, Vector, Elementwise };
inline constexpr size_t numStepShapes = 3;

/// Extents are whole numbers: something is summed if the union is twice the result, and an
/// operand is a vector if the union is the other one.
inline StepShape shapeOf(const StepSizes &sizes) {
  if (sizes.join < 1.5 * sizes.result)
    return StepShape::Elementwise;
  bool hasVector = sizes.join < 1.5 * sizes.lhs || sizes.join < 1.5 * sizes.rhs;
  return hasVector ? StepShape::Vector : StepShape::Product;
}

/// Seconds for each unit of what their names say.
struct ShapeRates {
  double flop = 0; ///< a multiplication and an addition
  double operand = 0, result = 0, matrix = 0;
  double passes = 1; ///< how often what the cache does not hold passes through memory
  double scattered = 0;
};
inline constexpr size_t numShapeRates = sizeof(ShapeRates) / sizeof(double);

/// Types for which the same code is made.
enum class TypeClass { F32, F64, Half, C64, C128, Integer, Semiring };
inline constexpr size_t numTypeClasses = 7;

/// Complex and integer sums of products have a class of their own; other semirings one for all.
TypeClass classOf(DType type, Semiring semiring);

using TypeRates = std::array<ShapeRates, numStepShapes>;

struct MachineModel {
  std::array<TypeRates, numTypeClasses> rates;
  double stepSeconds = 5e-7;    ///< start of one step
  double bytesPerSecond = 20e9; ///< main memory, read and written
  double cacheBytes = 8e6;      ///< that need not come from main memory

  /// A processor core that was measured.
  MachineModel();
  /// A data centre's GPU: starting a kernel costs most, and small steps do not fill it.
  static MachineModel gpu();

  const TypeRates &ratesOf(DType type, Semiring semiring) const {
    return rates[static_cast<size_t>(classOf(type, semiring))];
  }
};

/// Predicted time of a step but for its start.
inline double stepSeconds(const MachineModel &machine, const TypeRates &rates,
                          const StepSizes &sizes, bool isScattered = false) {
  const ShapeRates &shape = rates[static_cast<size_t>(shapeOf(sizes))];
  double matrices = sizes.lhs / sizes.join * (sizes.rhs / sizes.join) * sizes.result;
  double far = sizes.bytes > machine.cacheBytes ? sizes.bytes - machine.cacheBytes : 0;
  double flop = isScattered ? shape.flop + shape.scattered : shape.flop;
  return flop * sizes.join + shape.operand * (sizes.lhs + sizes.rhs) + shape.result * sizes.result +
         shape.matrix * matrices + shape.passes * far / machine.bytesPerSecond;
}

/// As text: a line "tlc-machine 1", then names and numbers.
std::string printMachine(const MachineModel &machine);
/// Nullopt if the text is not what `printMachine` gives, or has numbers that no machine has.
std::optional<MachineModel> parseMachine(std::string_view text);

/// One measured step.
struct Sample {
  TypeClass type = TypeClass::F32;
  StepSizes sizes;
  bool isScattered = false;
  double seconds = 0;
};

/// The model for which the ratios of predicted and measured seconds are closest to 1, starting from
/// `prior`, which it stays close to where samples say little.
MachineModel fitMachine(const std::vector<Sample> &samples, MachineModel prior);

} // namespace tlc::planner

#endif // TLC_COMPILER_PLANNER_MACHINE_H
