"""Prints a module whose @main contracts tensors of small integers in many shapes.

    contractions.py ELEMENT [SEMIRING [RESULT]] [--rare] [--few]

Each case is an equation with the extents of its indices; the operands' elements depend on all
positions and lie between -4 and 4, so that sums are exact in any order. With --rare, some few of them are -0,
an infinity or no number. With --few, there are nine of the cases.
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


# What a rare element is, by a number of which it is a multiple.
RARE = [(61, "-0.0"), (499, "inf"), (1511, "-inf"), (2503, "nan")]
BITS = {"f32": {"inf": "0x7F800000", "-inf": "0xFF800000", "nan": "0x7FC00000"},
        "f64": {"inf": "0x7FF0000000000000", "-inf": "0xFFF0000000000000",
                "nan": "0x7FF8000000000000"}}


def element_of(element, rare, last):
    """From the integer %d to the element %v."""
    if element == "i1":
        return ["    %c3 = arith.constant 3 : i32", "    %v = arith.cmpi eq, %d, %c3 : i32"]
    if element == "i8":
        return ["    %v = arith.trunci %d : i32 to i8"]
    if element == "i32":
        return ["    %zero = arith.constant 0 : i32", "    %v = arith.addi %d, %zero : i32"]
    if element == "i64":
        return ["    %v = arith.extsi %d : i32 to i64"]
    if element.startswith("complex"):
        part = element[8:-1]
        return [f"    %re = arith.sitofp %d : i32 to {part}",
                "    %c2 = arith.constant 2 : i32", "    %e = arith.subi %c2, %d : i32",
                f"    %im = arith.sitofp %e : i32 to {part}",
                f"    %v = complex.create %re, %im : {element}"]
    if not rare:
        return [f"    %v = arith.sitofp %d : i32 to {element}"]
    lines = [f"    %v0 = arith.sitofp %d : i32 to {element}", "    %none = arith.constant 7 : index"]
    for number, (multiple, value) in enumerate(RARE):
        target = "%v" if number + 1 == len(RARE) else f"%v{number + 1}"
        lines += [f"    %m{number} = arith.constant {multiple} : index",
                  f"    %x{number} = arith.remui {last}, %m{number} : index",
                  f"    %t{number} = arith.cmpi eq, %x{number}, %none : index",
                  f"    %w{number} = arith.constant {BITS[element].get(value, value)} : {element}",
                  f"    {target} = arith.select %t{number}, %w{number}, %v{number} : {element}"]
    return lines


def operand(name, extents, element, seed, rare):
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
              *element_of(element, rare, f"%s{len(extents)}"),
              f"    ein.yield %v : {element}",
              "  }"]
    return lines


def main():
    arguments = [a for a in sys.argv[1:] if a not in ("--rare", "--few")]
    element = arguments[0]
    semiring = arguments[1] if len(arguments) > 1 else "sum_product"
    result_element = arguments[2] if len(arguments) > 2 else element
    rare = "--rare" in sys.argv
    body, results, types = [], [], []
    for number, (equation, extents) in enumerate(CASES[::3] if "--few" in sys.argv else CASES):
        inputs, output = equation.split("->")
        names, operand_types = [], []
        for position, labels in enumerate(inputs.split(",")):
            name = f"%x{number}_{position}"
            shape = [extents[label] for label in labels]
            body += operand(name, shape, element, 3 * number + position, rare)
            names.append(name)
            operand_types.append(tensor(shape, element))
        result_type = tensor([extents[label] for label in output], result_element)
        body.append(f'  %result{number} = ein.contract "{equation}" {semiring} ({", ".join(names)}) '
                    f': ({", ".join(operand_types)}) -> {result_type}')
        results.append(f"%result{number}")
        types.append(result_type)
    print(f"func.func @main() -> ({', '.join(types)}) {{")
    print("\n".join(body))
    print(f"  return {', '.join(results)} : {', '.join(types)}")
    print("}")


main()
