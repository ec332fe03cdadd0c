"""Recomputes the family's relations with Boolean matrices."""
import json
import sys

import numpy as np

people = ["Alice", "Bob", "Beth", "Charlie", "Carol", "Cedric", "Dan"]


def matrix(*pairs):
    result = np.zeros((len(people), len(people)), bool)
    for a, b in pairs:
        result[people.index(a), people.index(b)] = True
    return result


parent = matrix(("Alice", "Bob"), ("Alice", "Beth"), ("Bob", "Charlie"), ("Bob", "Carol"),
                ("Beth", "Cedric"), ("Charlie", "Dan"))
sister = matrix(("Beth", "Bob"), ("Carol", "Charlie"))
ancestor = parent
for _ in people:
    ancestor = ancestor | (ancestor @ parent)
distinct = ~np.eye(len(people), dtype=bool)
grandparent_pairs = np.einsum("px,qy,gp,gq,pq->xy", parent, parent, parent, parent, distinct) > 0

answers = {answer["query"]: answer for answer in json.load(open(sys.argv[1]))}
rows = {query: {tuple(row) for row in answer["rows"]} for query, answer in answers.items()
        if "rows" in answer}
assert rows["Ancestor(Alice, x)"] == {(p,) for p in people if ancestor[0, people.index(p)]}
assert rows["Aunt(x, y)"] == {(people[x], people[y]) for x, y in np.argwhere(sister @ parent)}
cedric = grandparent_pairs[people.index("Cedric")]
assert rows["Cousin(Cedric, x)"] == {(p,) for p in people if cedric[people.index(p)]}
assert answers["Ancestor(Dan, Alice)"]["holds"] is False
assert answers["Children"]["values"] == parent.sum(axis=1).tolist()
