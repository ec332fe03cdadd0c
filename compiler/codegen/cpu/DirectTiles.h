//===- DirectTiles.h - exact tiles along one dimension --------------------===//
//
// A dimension of 21 elements in tiles of two vectors of 8 lanes:
//
//   1 x [8, 8]     the whole tile
//   1 x [4, 1]     what is left, in the fewest vectors of powers of two
//
// The last vector of a rest may reach back over elements that are computed already. Rows, which
// have no lanes, are spread evenly: 16 rows in tiles of at most 6 are 6, 5 and 5.
//
//===----------------------------------------------------------------------===//

#ifndef TLC_COMPILER_CODEGEN_CPU_DIRECTTILES_H
#define TLC_COMPILER_CODEGEN_CPU_DIRECTTILES_H

#include "dialects/Mlir.h"

namespace tlc::codegen {

/// `lanes` elements from `start` on, counted from the start of the tile.
struct TilePiece {
  int64_t start;
  unsigned lanes;
};

/// `count` equal tiles of `size` elements, the first of them at `start`.
struct Tiles {
  int64_t start, count, size;
  SmallVector<TilePiece> pieces;
};

/// The vectors of `rest` elements that have `before` others in front of them.
SmallVector<TilePiece> piecesOf(int64_t rest, int64_t before, unsigned lanes);

/// All tiles along `extent` >= 1 elements, for tiles of at most `count` vectors of `lanes`.
SmallVector<Tiles> tilesOf(int64_t extent, unsigned count, unsigned lanes);

} // namespace tlc::codegen

#endif // TLC_COMPILER_CODEGEN_CPU_DIRECTTILES_H
