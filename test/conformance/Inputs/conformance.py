"""Runs a program of the paper on random inputs and compares every answer with NumPy.

usage: conformance.py FILE.tl [OPTIONS of tlc run]      (in f32 and in f64)

The functions below are the independent computations: one for each program, named after
its file. They get the inputs by name and return the answers by query text.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

import numpy as np


def step(x):
    return (x > 0).astype(float)


def relu(x):
    return np.maximum(x, 0)


def sig(x):
    return 1 / (1 + np.exp(-x))


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def lnorm(x):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)


def p01_perceptron():
    return {"Y": step(np.dot([0.2, 1.9, -0.7, 3], [0, 1, 1, 0]))}


def p02_elementwise(W, X):
    return {"Y": step(W * X)}


def p03_bias(W, X, C):
    return {"Y": step(W @ X + C), "Z": W @ X + C}


def p04_linear_recurrence(W, Start):
    states = [Start]
    for _ in range(6):
        states.append(W @ states[-1])
    return {"X": np.stack(states, 1), "Last": states[6]}


def p05_mlp(W, In):
    layers = [In]
    for i in range(1, W.shape[0]):
        layers.append(sig(W[i] @ layers[-1]))
    return {"X": np.stack(layers)}


def p06_rnn(W, V, U):
    x = np.zeros(W.shape[0])
    for t in range(U.shape[1]):
        x = sig(W @ x + V @ U[:, t])
    return {"Final": x}


def p09_tucker(M, M_1, M_2, C):
    return {"A": np.einsum("ip,jq,kr,pqr->ijk", M, M_1, M_2, C)}


def convolution(Filter, Image):
    padded = np.zeros(np.add(Image.shape, (Filter.shape[0], Filter.shape[1], 0)))
    padded[:Image.shape[0], :Image.shape[1]] = Image
    out = np.zeros(Image.shape[:2])
    for x in range(out.shape[0]):
        for y in range(out.shape[1]):
            window = padded[x:x + Filter.shape[0], y:y + Filter.shape[1]]
            out[x, y] = (window * Filter).sum()
    return relu(out)


def p10_convolution(Filter, Image):
    return {"Features": convolution(Filter, Image)}


def windows(features):
    """Windows of 2 x 2; the last ones may be smaller."""
    rows, columns = -(-features.shape[0] // 2), -(-features.shape[1] // 2)
    return [[features[2 * i:2 * i + 2, 2 * j:2 * j + 2] for j in range(columns)]
            for i in range(rows)]


def pool(features, function):
    return np.array([[function(window) for window in row] for row in windows(features)])


def p11_pooling(Features):
    return {"Pooled": pool(Features, np.sum), "Largest": pool(Features, np.max),
            "Mean": pool(Features, np.mean)}


def p12_convolution_and_pooling(Filter, Image):
    return {"Pooled": pool(convolution(Filter, Image), np.sum)}


def p13_graph_network(Neig, X, W_P, W_Agg, W_Self, W_Out):
    emb = X
    for l in range(3):
        z = relu(emb @ W_P[l].T)
        emb = relu(Neig @ z @ W_Agg[l].T + emb @ W_Self[l].T)
    return {"Node": sig(emb @ W_Out), "Edge": sig(emb @ emb.T), "Graph": sig((emb @ W_Out).sum())}


def p14_attention(X, W_Q, W_K, W_V):
    comp = softmax((X @ W_Q.T) @ (X @ W_K.T).T / 2)
    return {"Comp": comp, "Attn": comp @ (X @ W_V.T)}


def p15_transformer(Text, Emb, Even, Odd, W_Q, W_K, W_V, W_S, W_1, W_2, W_O):
    p = np.arange(Text.shape[0])[:, None]
    d = np.arange(6)[None]
    position = Even * np.sin(p / 10000 ** (d / 6)) + Odd * np.cos(p / 10000 ** ((d - 1) / 6))
    stream = Text @ Emb + position
    for b in range(2):
        heads = []
        for h in range(W_Q.shape[1]):
            scores = (stream @ W_Q[b, h].T) @ (stream @ W_K[b, h].T).T / np.sqrt(3)
            heads.append(softmax(scores) @ (stream @ W_V[b, h].T))
        mid = lnorm(np.concatenate(heads, 1) @ W_S[b].T + stream)
        stream = lnorm(relu(mid @ W_1[b].T) @ W_2[b].T + mid)
    return {"PosEnc": position, "Y": softmax(stream @ W_O.T)}


def p16_kernel_machine(X, A, Label, Bias, Var):
    square = ((X[:, None] - X[None]) ** 2).sum(-1)
    gauss = np.exp(-square / Var)
    return {"Poly": (X @ X.T) ** 3, "Gauss": gauss, "Y": sig(gauss @ (A * Label) + Bias)}


def p17_bayes_net(Rain, Sprinkler, Wet):
    joint = Wet * Sprinkler * Rain
    wet = joint[1].sum(0)
    return {"PWet": joint.sum((1, 2)), "RainIfWet": wet / wet.sum(), "Total": joint.sum()}


def p18_sets(V, Emb):
    score = Emb @ (V @ Emb)
    return {"D": score, "Member": step(score - 0.5)}


def p19_relation_embedding(R, Emb):
    emb = Emb.T @ R @ Emb
    d = Emb @ emb @ Emb.T
    return {"EmbR": emb, "One": d[2, 5], "Row": d[2], "D": d}


def p20_rule_embedding(Sister, Parent, Emb):
    aunt = (Emb.T @ Sister @ Emb) @ (Emb.T @ Parent @ Emb)
    return {"EmbAunt": aunt, "Aunt": step(Emb @ aunt @ Emb.T - 0.5)}


def p21_temperature(Emb):
    sim = Emb @ Emb.T
    return {"Sim": sim, "Warm": sig((sim - 0.5) / 0.25), "Cold": step(sim - 0.5)}


def e4_sum_placement(X, T, Var):
    pairs = X[:, None] * X[None]
    differences = X[:, None] - X[None]
    right = {"Poly": pairs.sum(-1) ** 2, "Gauss": np.exp(-(differences ** 2).sum(-1) / Var),
             "Loss": ((T - X) ** 2).sum()}
    outermost = {"Poly": (pairs ** 2).sum(-1), "Gauss": np.exp(-differences ** 2 / Var).sum(-1),
                 "Loss": ((T - X) ** 2).sum()}
    innermost = {"Poly": pairs.sum(-1) ** 2, "Gauss": np.exp(-differences.sum(-1) ** 2 / Var),
                 "Loss": (T - X).sum() ** 2}
    assert any(not np.allclose(right[name], outermost[name]) for name in right)
    assert any(not np.allclose(right[name], innermost[name]) for name in right)
    for name in ("Poly", "Gauss"):
        assert not np.allclose(right[name], outermost[name])
    for name in ("Gauss", "Loss"):
        assert not np.allclose(right[name], innermost[name])
    return right


PEOPLE = ["Bob", "Charlie", "Dan", "Alice", "Eve"]


def p07_datalog():
    """The closure by brute force over all tuples."""
    parent = {("Bob", "Charlie"), ("Charlie", "Dan")}
    ancestor = {("Alice", "Bob")} | parent
    while True:
        more = {(x, z) for x, y in ancestor for u, z in parent if u == y} - ancestor
        if not more:
            break
        ancestor |= more
    aunt = {(x, z) for x, y in {("Eve", "Charlie")} for u, z in parent if u == y}
    order = PEOPLE.index

    def ordered(pairs):
        return [list(pair) for pair in sorted(pairs, key=lambda p: [order(s) for s in p])]

    return {"Ancestor(Alice, x)": [[y] for x, y in ordered(ancestor) if x == "Alice"],
            "Ancestor(x, y)": ordered(ancestor), "Aunt(x, z)": ordered(aunt),
            "Ancestor(Alice, Charlie)": True, "Ancestor(Dan, Alice)": False}


SHAPES = {
    "p02_elementwise": {"W": (5,), "X": (5,)},
    "p03_bias": {"W": (5,), "X": (5,), "C": ()},
    "p04_linear_recurrence": {"W": (4, 4), "Start": (4,)},
    "p05_mlp": {"W": (4, 5, 5), "In": (5,)},
    "p06_rnn": {"W": (4, 4), "V": (4, 4), "U": (4, 9)},
    "p09_tucker": {"M": (4, 2), "M'": (5, 3), "M''": (3, 2), "C": (2, 3, 2)},
    "p10_convolution": {"Filter": (3, 2, 2), "Image": (9, 8, 2)},
    "p11_pooling": {"Features": (6, 7)},
    "p12_convolution_and_pooling": {"Filter": (3, 3, 2), "Image": (8, 6, 2)},
    "p13_graph_network": {"Neig": (5, 5), "X": (5, 4), "W_P": (3, 4, 4), "W_Agg": (3, 4, 4),
                          "W_Self": (3, 4, 4), "W_Out": (4,)},
    "p14_attention": {"X": (6, 5), "W_Q": (4, 5), "W_K": (4, 5), "W_V": (3, 5)},
    "p15_transformer": {"Text": (5, 7), "Emb": (7, 6), "Even": (6,), "Odd": (6,),
                        "W_Q": (2, 2, 3, 6), "W_K": (2, 2, 3, 6), "W_V": (2, 2, 3, 6),
                        "W_S": (2, 6, 6), "W_1": (2, 8, 6), "W_2": (2, 6, 8), "W_O": (7, 6)},
    "p16_kernel_machine": {"X": (6, 3), "A": (6,), "Label": (6,), "Bias": (), "Var": ()},
    "p17_bayes_net": {"Rain": (2,), "Sprinkler": (2, 2), "Wet": (2, 2, 2)},
    "p18_sets": {"V": (10,), "Emb": (10, 256)},
    "p19_relation_embedding": {"R": (8, 8), "Emb": (8, 32)},
    "p20_rule_embedding": {"Sister": (6, 6), "Parent": (6, 6), "Emb": (6, 512)},
    "p21_temperature": {"Emb": (6, 128)},
    "e4_sum_placement": {"X": (4, 3), "T": (4, 3), "Var": ()},
}
BOOLEAN = {"Neig", "V", "R", "Sister", "Parent"}


def make_input(random, name, shape):
    if name in BOOLEAN:
        return (random.random(shape) < 0.3).astype(float)
    if name == "Text":
        return np.eye(shape[1])[random.integers(0, shape[1], shape[0])]
    if name in ("Even", "Odd"):
        return (np.arange(shape[0]) % 2 == (name == "Odd")).astype(float)
    if name in ("Rain", "Sprinkler", "Wet"):  # distributions over the first index
        values = random.random(shape)
        return values / values.sum(0)
    if name == "Var":
        return np.array(1.7)
    values = random.normal(size=shape)
    if name == "Emb" and shape[-1] > 30:
        values /= np.linalg.norm(values, axis=-1, keepdims=True)
    return values


def compare(query, answer, expected, tolerance):
    if isinstance(expected, bool):
        assert answer["holds"] == expected, (query, answer)
    elif isinstance(expected, list):
        assert answer["rows"] == expected, (query, answer["rows"], expected)
    else:
        expected = np.asarray(expected)
        assert tuple(answer["shape"]) == expected.shape, (query, answer["shape"], expected.shape)
        values = np.array(answer["values"], dtype=float).reshape(expected.shape)
        scale = np.abs(expected).max() if expected.size else 1
        error = np.abs(values - expected).max() if expected.size else 0
        assert error <= tolerance * max(scale, 1e-3), (query, error, values, expected)


def run(path, name, dtype, tolerance):
    random = np.random.default_rng(3)
    inputs = {key: make_input(random, key, shape) for key, shape in SHAPES.get(name, {}).items()}
    with tempfile.TemporaryDirectory() as folder:
        command = ["tlc", "run", path, "--json", "--dtype", dtype] + sys.argv[2:]
        for i, (key, value) in enumerate(inputs.items()):
            inputs[key] = value.astype({"f32": np.float32, "f64": np.float64}[dtype])
            file = os.path.join(folder, f"{i}.npy")
            np.save(file, inputs[key])
            command += ["--set", f"{key}={file}"]
        output = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    arguments = {}
    for key, value in inputs.items():  # primes are not Python: M'' is M_2
        plain = key.rstrip("'")
        primes = len(key) - len(plain)
        arguments[plain + (f"_{primes}" if primes else "")] = value.astype(np.float64)
    expected = globals()[name](**arguments)
    answers = {answer["query"]: answer for answer in json.loads(output)}
    assert set(answers) == set(expected), (set(answers), set(expected))
    for query, value in expected.items():
        compare(query, answers[query], value, tolerance)


def main():
    path = sys.argv[1]
    name = re.sub("-", "_", os.path.splitext(os.path.basename(path))[0])
    run(path, name, "f32", 2e-5)
    run(path, name, "f64", 1e-11)


if __name__ == "__main__":
    main()
