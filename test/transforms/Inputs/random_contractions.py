"""Prints a module whose @main computes chains of random contractions of whole numbers.

Operands have repeated dimensions, constants and windows (x + dx); some are contractions
themselves, so that there is something to merge, to sum early and to order.
"""
import random
import sys

TYPES = {"sum_product": "i32", "min_plus": "i64", "max_plus": "i32", "or_and": "i1",
         "max_min": "i32"}


class Program:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lines = []
        self.count = 0

    def name(self):
        self.count += 1
        return f"%v{self.count}"

    def tensor(self, shape, element):
        """Small numbers that depend on every position."""
        name, dims = self.name(), range(len(shape))
        body = [f"%h0 = arith.constant {self.random.randrange(7)} : index"]
        for d in dims:
            body += [f"%i{d} = ein.index {d}",
                     f"%m{d} = arith.constant {self.random.choice([3, 5, 11, 13])} : index",
                     f"%p{d} = arith.muli %i{d}, %m{d} : index",
                     f"%h{d + 1} = arith.addi %h{d}, %p{d} : index"]
        body += [f"%n = arith.constant {2 if element == 'i1' else 7} : index",
                 f"%r = arith.remui %h{len(shape)}, %n : index",
                 f"%e = arith.index_cast %r : index to {element}", f"ein.yield %e : {element}"]
        letters = "".join("ijklmn"[d] for d in dims)
        self.lines.append(f'{name} = ein.map "->{letters}" () : () -> {type_of(shape, element)} {{')
        self.lines += ["  " + line for line in body] + ["}"]
        return name

    def contract(self, semiring, depth):
        """One contraction and the shape of its result."""
        random, element = self.random, TYPES[semiring]
        extents = [random.randint(1, 4) for _ in range(random.randint(1, 5))]
        operands, alone = [], set()
        for _ in range(random.randint(1, 4)):
            if depth > 0 and random.random() < 0.5:
                value, shape = self.contract(semiring, depth - 1)
                positions = [self.position_within(extents, size, alone) for size in shape]
            else:
                positions, shape = [], []
                for _ in range(random.randint(0, 3)):
                    text, size = self.position(extents, alone)
                    positions.append(text)
                    shape.append(size)
                value = self.tensor(shape, element)
            operands.append((value, positions, shape))
        for dim in set(range(len(extents))) - alone:
            shape = [extents[dim]]
            operands.append((self.tensor(shape, element), [f"d{dim}"], shape))
        kept = [d for d in range(len(extents)) if random.random() < 0.4]
        random.shuffle(kept)
        dims = ", ".join(f"d{d}" for d in range(len(extents)))
        maps = [p for _, p, _ in operands] + [[f"d{d}" for d in kept]]
        text = ", ".join(f"affine_map<({dims}) -> ({', '.join(p)})>" for p in maps)
        name, shape = self.name(), [extents[d] for d in kept]
        values = ", ".join(v for v, _, _ in operands)
        types = ", ".join(type_of(s, element) for _, _, s in operands)
        self.lines.append(f"{name} = ein.contract maps [{text}] {semiring} ({values}) : "
                          f"({types}) -> {type_of(shape, element)}")
        return name, shape

    def position(self, extents, alone):
        """A position and the extent that an operand needs for it."""
        a, b = (self.random.randrange(len(extents)) for _ in range(2))
        kind = self.random.random()
        if kind < 0.75:
            alone.add(a)
            return f"d{a}", extents[a]
        if kind < 0.85:
            return "1", self.random.randint(2, 3)
        return f"d{a} + d{b}", extents[a] + extents[b] - 1

    def position_within(self, extents, size, alone):
        """A position inside a given extent."""
        fitting = [d for d, extent in enumerate(extents) if extent == size]
        if fitting and self.random.random() < 0.9:
            dim = self.random.choice(fitting)
            alone.add(dim)
            return f"d{dim}"
        return str(self.random.randrange(size))


def type_of(shape, element):
    return "tensor<" + "".join(f"{s}x" for s in shape) + element + ">"


def main(seed, count):
    program, results = Program(seed), []
    for number in range(count):
        semiring = list(TYPES)[number % len(TYPES)]
        name, shape = program.contract(semiring, depth=2)
        results.append((name, type_of(shape, TYPES[semiring])))
    types = ", ".join(t for _, t in results)
    print(f"func.func @main() -> ({types}) {{")
    print("\n".join("  " + line for line in program.lines))
    print(f"  return {', '.join(n for n, _ in results)} : {types}\n}}")


main(int(sys.argv[1]), int(sys.argv[2]))
