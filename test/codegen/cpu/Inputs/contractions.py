"""Prints a module whose @main contracts tensors of small integers in many shapes.

Each case is an equation with the extents of its indices; the operands' elements depend on all
positions and lie between -4 and 4, so that sums are exact in any order.
"""
import sys

CASES = [
    # Large enough not to stay in the cache: whole tiles and tails of rows, columns and sums.
    ("ij,jk->ik", dict(i=70, j=300, k=101)),
    ("ij,jk->ik", dict(i=6, j=4000, k=16)),
    ("ij,jk->ik", dict(i=13, j=1500, k=50)),
    # Few rows of whole vectors: the other matrix is read in place, in several chunks and tiles.
    ("ij,jk->ik", dict(i=9, j=130, k=80)),
    ("bij,bjk->bik", dict(b=2, i=16, j=65, k=208)),
    # Either operand transposed, and the result.
    ("ji,jk->ik", dict(i=33, j=60, k=34)),
    ("ij,kj->ik", dict(i=33, j=60, k=34)),
    ("ji,kj->ki", dict(i=33, j=60, k=34)),
    # Groups of dimensions, in any order; rows that cross the end of an inner dimension.
    ("aeif,fje->aij", dict(a=5, e=7, i=6, f=9, j=40)),
    ("bjai,aik->kbj", dict(a=6, b=7, i=9, j=5, k=24)),
    ("abcd,dcef->abef", dict(a=4, b=9, c=5, d=6, e=3, f=24)),
    ("dbea,cdfe->abcf", dict(a=7, b=5, c=6, d=4, e=9, f=8)),
    # Runs of the result that tiles cross, in the middle of vectors and elsewhere.
    ("dega,gfbc->abcdef", dict(a=3, b=2, c=3, d=2, e=7, f=20, g=5)),
    ("dega,gfbc->abcdef", dict(a=3, b=2, c=3, d=2, e=7, f=18, g=5)),
    # Neighbours in the operand that are none in the result.
    ("deca,be->abcd", dict(a=20, b=7, c=6, d=5, e=19)),
    ("deca,be->abcd", dict(a=9, b=40, c=3, d=11, e=7)),
    # The same, by squares: runs that are no multiple of a vector, several runs in a block, and
    # several blocks.
    ("deca,be->abcd", dict(a=36, b=3, c=5, d=16, e=7)),
    ("efbad,cf->abcde", dict(a=3, b=2, c=4, d=20, e=32, f=3)),
    ("dca,bd->abc", dict(a=48, b=2, c=16, d=400)),
    # Neighbours among the rows, which are chosen for the tile though another dimension is as long.
    ("bda,dc->abc", dict(a=33, b=33, c=12, d=5)),
    # Batches: few, many, inner and outer.
    ("bij,bjk->bik", dict(b=2, i=20, j=1500, k=24)),
    ("bij,bjk->bik", dict(b=12, i=20, j=24, k=24)),
    ("ibj,jbk->ibk", dict(b=3, i=20, j=30, k=24)),
    # Diagonals, and an index of one operand that is repeated.
    ("iij,jk->ik", dict(i=20, j=24, k=40)),
    # A matrix and a vector, by rows and by columns, with and without a batch.
    ("ij,j->i", dict(i=37, j=301)),
    ("ij,i->j", dict(i=37, j=2100)),
    ("bij,bj->bi", dict(b=3, i=21, j=130)),
    ("j,jki->ik", dict(i=19, j=90, k=5)),
    # Products of small matrices, with a last dimension of the batch.
    ("bij,bjk->bik", dict(b=5, i=7, j=3, k=13)),
    ("ijb,jkb->ikb", dict(b=21, i=5, j=3, k=4)),
    # Nothing to sum over, and extents of one.
    ("ij,jk->ik", dict(i=140, j=1, k=300)),
    ("aij,jbk->aibk", dict(a=1, i=40, j=30, b=1, k=20)),
]


def tensor(extents, element):
    return "tensor<" + "".join(f"{e}x" for e in extents) + element + ">"


def operand(name, extents, element, seed):
    lines = [f'  {name} = ein.map "->{"abcdefgh"[:len(extents)]}" () : () -> {tensor(extents, element)} {{',
             f"    %s0 = arith.constant {seed} : index"]
    for d in range(len(extents)):
        lines += [f"    %i{d} = ein.index {d}",
                  f"    %f{d} = arith.constant {2 * d + 3 + seed} : index",
                  f"    %p{d} = arith.muli %i{d}, %f{d} : index",
                  f"    %q{d} = arith.muli %p{d}, %i{d} : index",
                  f"    %r{d} = arith.addi %q{d}, %i{d} : index",
                  f"    %s{d + 1} = arith.addi %s{d}, %r{d} : index"]
    lines += ["    %c9 = arith.constant 9 : index",
              f"    %m = arith.remui %s{len(extents)}, %c9 : index",
              "    %n = arith.index_cast %m : index to i32",
              "    %c4 = arith.constant 4 : i32",
              "    %d = arith.subi %n, %c4 : i32",
              f"    %v = arith.sitofp %d : i32 to {element}",
              f"    ein.yield %v : {element}",
              "  }"]
    return lines


def main():
    element = sys.argv[1]
    body, results, types = [], [], []
    for number, (equation, extents) in enumerate(CASES):
        inputs, output = equation.split("->")
        names, operand_types = [], []
        for position, labels in enumerate(inputs.split(",")):
            name = f"%x{number}_{position}"
            shape = [extents[label] for label in labels]
            body += operand(name, shape, element, 3 * number + position)
            names.append(name)
            operand_types.append(tensor(shape, element))
        result_type = tensor([extents[label] for label in output], element)
        body.append(f'  %result{number} = ein.contract "{equation}" sum_product ({", ".join(names)}) '
                    f': ({", ".join(operand_types)}) -> {result_type}')
        results.append(f"%result{number}")
        types.append(result_type)
    print(f"func.func @main() -> ({', '.join(types)}) {{")
    print("\n".join(body))
    print(f"  return {', '.join(results)} : {', '.join(types)}")
    print("}")


main()
