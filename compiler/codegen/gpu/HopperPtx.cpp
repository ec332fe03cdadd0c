//===- HopperPtx.cpp - Hopper's instructions as inline PTX ----------------===//

#include "compiler/codegen/gpu/HopperPtx.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace tlc::codegen {

namespace LLVM = mlir::LLVM;
using llvm::Twine;

Value HopperPtx::emit(Type type, const Twine &text, StringRef constraints, ValueRange operands) {
  std::string all = constraints.str();
  all += all.empty() ? "~{memory}" : ",~{memory}";
  auto op = LLVM::InlineAsmOp::create(
      builder, loc, type ? mlir::TypeRange(type) : mlir::TypeRange(), operands, text.str(), all,
      /*has_side_effects=*/true, /*is_align_stack=*/false, LLVM::TailCallKind::None,
      LLVM::AsmDialectAttr(), mlir::ArrayAttr());
  return type ? op->getResult(0) : Value();
}

void HopperPtx::emit(const Twine &text, StringRef constraints, ValueRange operands) {
  emit(Type(), text, constraints, operands);
}

/// An instruction that reads and writes registers: `tied` are operands $0, $1, ... of the text.
SmallVector<Value> HopperPtx::emitTied(StringRef text, ValueRange tied, StringRef constraints,
                                       ValueRange operands) {
  std::string all;
  for (size_t i = 0; i < tied.size(); ++i)
    all += i ? ",=f" : "=f";
  for (size_t i = 0; i < tied.size(); ++i)
    all += "," + std::to_string(i);
  SmallVector<Value> given(tied);
  llvm::append_range(given, operands);
  SmallVector<Type> types(tied.size(), builder.getF32Type());
  Type type = LLVM::LLVMStructType::getLiteral(builder.getContext(), types);
  Value results = emit(type, text, all + constraints.str(), given);
  SmallVector<Value> values;
  for (int64_t i = 0; i < int64_t(tied.size()); ++i)
    values.push_back(LLVM::ExtractValueOp::create(builder, loc, results, i));
  return values;
}

//===----------------------------------------------------------------------===//
// Barriers
//===----------------------------------------------------------------------===//

void HopperPtx::initBarrier(Value barrier, int64_t arrivals) {
  emit("mbarrier.init.shared::cta.b64 [$0], " + Twine(arrivals) + ";", "r", barrier);
}

void HopperPtx::fenceBarriers() { emit("fence.mbarrier_init.release.cluster;"); }

void HopperPtx::expectBytes(Value barrier, int64_t bytes) {
  emit("mbarrier.arrive.expect_tx.shared::cta.b64 _, [$0], " + Twine(bytes) + ";", "r", barrier);
}

void HopperPtx::arrive(Value barrier) {
  emit("mbarrier.arrive.shared::cta.b64 _, [$0];", "r", barrier);
}

void HopperPtx::arriveInCluster(Value barrier) {
  emit("mbarrier.arrive.release.cluster.shared::cluster.b64 _, [$0];", "r", barrier);
}

void HopperPtx::wait(Value barrier, Value parity) {
  emit("{\n\t.reg .pred done;\n"
       "WAIT:\n\tmbarrier.try_wait.parity.shared::cta.b64 done, [$0], $1;\n"
       "\t@!done bra WAIT;\n\t}",
       "r,r", {barrier, parity});
}

//===----------------------------------------------------------------------===//
// Blocks and warps
//===----------------------------------------------------------------------===//

void HopperPtx::syncWarps(Value number, int64_t threads) {
  emit("bar.sync $0, " + Twine(threads) + ";", "r", number);
}

void HopperPtx::syncCluster() {
  emit("barrier.cluster.arrive.release;\n\tbarrier.cluster.wait.acquire;");
}

Value HopperPtx::mapToBlock(Value address, Value block) {
  return emit(builder.getI32Type(), "mapa.shared::cluster.u32 $0, $1, $2;", "=r,r,r",
              {address, block});
}

Value HopperPtx::blockInCluster() {
  return emit(builder.getI32Type(), "mov.u32 $0, %cluster_ctarank;", "=r", {});
}

void HopperPtx::giveRegisters(int64_t count) {
  emit("setmaxnreg.dec.sync.aligned.u32 " + Twine(count) + ";");
}

void HopperPtx::takeRegisters(int64_t count) {
  emit("setmaxnreg.inc.sync.aligned.u32 " + Twine(count) + ";");
}

//===----------------------------------------------------------------------===//
// The copy engine
//===----------------------------------------------------------------------===//

/// "{$2, $3}" for two operands from number 2 on.
static std::string group(size_t first, size_t count) {
  std::string text = "{";
  for (size_t i = 0; i < count; ++i)
    text += (i ? ", $" : "$") + std::to_string(first + i);
  return text + "}";
}

void HopperPtx::prefetch(Value map) { emit("prefetch.tensormap [$0];", "l", map); }

void HopperPtx::load(Value to, Value map, ArrayRef<Value> at, Value barrier, Value mask) {
  SmallVector<Value> operands{to, map, barrier};
  std::string constraints = "r,l,r", last;
  for (Value each : at)
    constraints += ",r", operands.push_back(each);
  if (mask) {
    last = ", $" + std::to_string(operands.size());
    constraints += ",h", operands.push_back(mask);
  }
  emit("cp.async.bulk.tensor." + Twine(at.size()) +
           "d.shared::cluster.global.mbarrier::complete_tx::bytes" +
           (mask ? ".multicast::cluster" : "") + " [$0], [$1, " + group(3, at.size()) + "], [$2]" +
           last + ";",
       constraints, operands);
}

void HopperPtx::store(Value map, ArrayRef<Value> at, Value from) {
  SmallVector<Value> operands{map, from};
  std::string constraints = "l,r";
  for (Value each : at)
    constraints += ",r", operands.push_back(each);
  emit("cp.async.bulk.tensor." + Twine(at.size()) + "d.global.shared::cta.bulk_group [$0, " +
           group(2, at.size()) + "], [$1];",
       constraints, operands);
}

void HopperPtx::commitStores() { emit("cp.async.bulk.commit_group;"); }

void HopperPtx::waitForStores(int64_t kept, bool untilRead) {
  emit("cp.async.bulk.wait_group" + Twine(untilRead ? ".read " : " ") + Twine(kept) + ";");
}

void HopperPtx::fenceProxy() { emit("fence.proxy.async.shared::cta;"); }

//===----------------------------------------------------------------------===//
// Matrix units
//===----------------------------------------------------------------------===//

SmallVector<Value> HopperPtx::multiply(const MatrixProduct &product, ValueRange sums, Value left,
                                       Value right, Value accumulates) {
  size_t count = sums.size();
  auto operand = [&](size_t i) { return "$" + std::to_string(2 * count + i); };
  bool isTf32 = product.type == "tf32";
  std::string shape = "m64n" + std::to_string(product.columns) + (isTf32 ? "k8" : "k16");
  std::string text = "{\n\t.reg .pred first, always;\n\t.reg .b64 left, right;\n"
                     "\tsetp.ne.b32 first, " +
                     operand(2) +
                     ", 0;\n\tsetp.ne.b32 always, 1, 0;\n\twgmma.fence.sync.aligned;\n";
  for (int64_t step = 0; step < product.steps; ++step) {
    std::string a = operand(0), b = operand(1);
    if (step > 0) {
      // Addresses in descriptors are in units of 16 bytes.
      text += "\tadd.s64 left, " + a + ", " + std::to_string(step * product.leftStep / 16) +
              ";\n\tadd.s64 right, " + b + ", " + std::to_string(step * product.rightStep / 16) +
              ";\n";
      a = "left", b = "right";
    }
    text += "\twgmma.mma_async.sync.aligned." + shape + ".f32." + product.type.str() + "." +
            product.type.str() + " " + group(0, count) + ", " + a + ", " + b + ", " +
            (step == 0 ? "first" : "always") + ", 1, 1";
    if (!isTf32)
      text += product.transposesLeft ? ", 1" : ", 0",
          text += product.transposesRight ? ", 1" : ", 0";
    text += ";\n";
  }
  text += "\twgmma.commit_group.sync.aligned;\n\t}";
  return emitTied(text, sums, ",l,l,r", {left, right, accumulates});
}

void HopperPtx::waitForProducts(int64_t pending) {
  emit("wgmma.wait_group.sync.aligned " + Twine(pending) + ";");
}

SmallVector<Value> HopperPtx::finishProducts(ValueRange sums) {
  return emitTied("wgmma.wait_group.sync.aligned 0;", sums, "", {});
}

} // namespace tlc::codegen
