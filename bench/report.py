"""Makes tables (cpu.md) and a plot (cpu.svg) of what tlc-bench has measured.

usage: report.py RESULTS.json FOLDER

Ratios are times of the best peer by times of tlc: more than 1 is faster than every peer. The
limit of a case is the least time that the machine, as measured in the same run, could take.
"""
import json
import math
import os
import statistics
import sys

TITLES = {
    "gemm": "Square products",
    "tccg": "Contractions of TCCG's benchmark",
    "batched": "Batches of small products",
    "skinny": "Skinny products, and matrices with vectors",
    "memory": "Limited by memory, 256 MB",
    "attention": "Attention",
    "types": "Other types and semirings",
}
COLOURS = ["#c0392b", "#2471a3", "#229954", "#b9770e", "#7d3c98", "#566573", "#17a589"]


class Row:
    """A case with the median times of tlc and its peers."""

    def __init__(self, result):
        self.__dict__.update(result)
        medians = {name: times[0] for name, times in self.seconds.items()}
        self.ours = medians.pop("tlc")
        self.peers = medians
        self.limit = self.limit_seconds / self.ours
        # What tlc takes for another product is no peer.
        peers = {name: time for name, time in medians.items() if not name.startswith("tlc ")}
        self.best = min(peers, key=peers.get) if peers else None
        self.ratio = medians[self.best] / self.ours if medians else None

    def speed(self, seconds):
        work = self.read_bytes + self.written_bytes if self.group == "memory" else self.flops
        return 1e-9 * work / seconds


def geometric_mean(values):
    return math.exp(statistics.fmean(map(math.log, values)))


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def summary(rows):
    """One line for each type and number of threads."""
    lines = []
    for kind in dict.fromkeys(row.type for row in rows):
        for threads in (1, 2):
            some = [row for row in rows if row.type == kind and row.threads == threads]
            if not some:
                continue
            text = f"{kind}, {threads} thread{'s' * (threads > 1)}: "
            limits = [row.limit for row in some]
            text += (f"{100 * statistics.median(limits):.0f} % of the limit in the median, "
                     f"{100 * min(limits):.0f} % at least")
            ratios = [row.ratio for row in some if row.ratio]
            if ratios:
                text += (f"; {geometric_mean(ratios):.2f} times the best peer in the geometric mean, "
                         f"{min(ratios):.2f} at least")
            lines.append(f"- {text}")
    return lines


def scaling(rows):
    """How much faster two threads are, where both were measured."""
    times = {(row.type, row.size, row.name, row.threads): row.ours for row in rows}
    lines = []
    for (kind, size, name, threads), seconds in times.items():
        if threads == 2 and (kind, size, name, 1) in times:
            lines.append((kind, size, name, f"{times[kind, size, name, 1] / seconds:.2f}"))
    return table(["type", "size", "what", "one thread's time / two threads'"], lines) if lines else []


def group_section(group, rows):
    unit = "GB/s" if group == "memory" else "GFLOP/s"
    names = list(dict.fromkeys(name for row in rows for name in row.peers))
    header = ["type", "threads", "size", "what", "tlc", "of the limit"] + names + ["tlc / best peer"]
    body = []
    for row in rows:
        speeds = [f"{row.speed(row.peers[name]):.1f}" if name in row.peers else "" for name in names]
        body.append([row.type, str(row.threads), row.size, f"`{row.name}`",
                     f"{row.speed(row.ours):.1f}", f"{100 * row.limit:.0f} %", *speeds,
                     f"{row.ratio:.2f}" if row.ratio else ""])
    lines = [f"## {TITLES[group]}, {unit}", "", *summary(rows), "", *table(header, body), ""]
    if group in ("gemm", "attention"):
        two = scaling(rows)
        lines += [*two, ""] if two else []
    return lines


def machine_section(results):
    machine, peers = results["machine"], results["peers"]
    peaks, speeds = machine["fma_peak_gflops"], machine["bandwidth_gb_s"]
    lines = [f"# tlc {machine['tlc']} on {machine['cpu']}", "",
             f"Load at the end: {machine['load']:.1f} processes. Medians of turns, on one thread by "
             "its processor time, on two by the clock.", ""]
    rows = [[f"fused multiply-adds, {kind}",
             f"{one:.1f} GFLOP/s" + (f" on one core, {two:.1f} on two" if two else "")]
            for kind, (one, two) in peaks.items()]
    rows += [[f"memory, {name}", f"{speed:.1f} GB/s"] for name, speed in speeds.items()]
    rows += [[name, text] for name, text in peers.items()]
    return lines + table(["limit or peer", ""], rows) + [""]


def figures_section(figures):
    if not figures:
        return []
    rows = [[what, f"{value:.1f} {unit}"] for what, (value, unit) in figures.items()]
    return ["## Compiling, and memory", "", *table(["what", "median"], rows), ""]


def panel(rows, title, x, y, width, height):
    """A plot of the fraction of the limit against the size, a line for each contender."""
    sizes = sorted({int(row.size) for row in rows})
    names = list(dict.fromkeys(name for row in rows for name in ["tlc", *row.peers]))
    low, high = math.log2(sizes[0]), math.log2(sizes[-1])

    def place(size, fraction):
        across = (math.log2(size) - low) / (high - low or 1)
        return x + across * width, y + height * (1 - min(fraction, 1.0))

    parts = [f'<text x="{x}" y="{y - 10}" font-weight="bold">{title}</text>']
    for percent in range(0, 101, 20):
        line = y + height * (1 - percent / 100)
        parts.append(f'<line x1="{x}" x2="{x + width}" y1="{line:.1f}" y2="{line:.1f}" stroke="#ddd"/>'
                     f'<text x="{x - 6}" y="{line + 4:.1f}" text-anchor="end">{percent} %</text>')
    for size in sizes:
        across, _ = place(size, 0)
        parts.append(f'<text x="{across:.1f}" y="{y + height + 14}" text-anchor="end" '
                     f'transform="rotate(-40 {across:.1f} {y + height + 14})">{size}</text>')
    for colour, name in zip(COLOURS, names):
        points = []
        for size in sizes:
            fractions = [row.limit_seconds / row.seconds[name][0] for row in rows
                         if int(row.size) == size and name in row.seconds]
            if fractions:
                points.append(place(size, geometric_mean(fractions)))
        path = " ".join(f"{across:.1f},{up:.1f}" for across, up in points)
        stroke = 2.5 if name == "tlc" else 1.2
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{stroke}"/>')
        parts += [f'<circle cx="{across:.1f}" cy="{up:.1f}" r="{stroke}" fill="{colour}"/>'
                  for across, up in points]
    for line, (colour, name) in enumerate(zip(COLOURS, names)):
        parts.append(f'<text x="{x + width - 80}" y="{y + height - 14 * len(names) + 14 * line}" '
                     f'fill="{colour}">{name}</text>')
    return "\n".join(parts)


def plot(rows):
    """Square products: two panels for one thread, two for two."""
    panels = []
    for threads in (1, 2):
        for kind in ("f32", "f64"):
            some = [row for row in rows if row.type == kind and row.threads == threads]
            if some:
                at = len(panels)
                title = f"{kind}, {threads} thread{'s' * (threads > 1)}"
                panels.append(panel(some, title, 60 + 440 * (at % 2), 50 + 330 * (at // 2), 370, 240))
    height = 20 + 330 * ((len(panels) + 1) // 2)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="900" height="{height}" '
            'font-family="sans-serif" font-size="11">\n'
            '<rect width="100%" height="100%" fill="white"/>\n'
            '<text x="60" y="20" font-size="14">Square products: fraction of the peak of fused '
            'multiply-adds against n</text>\n' + "\n".join(panels) + "\n</svg>\n")


def main():
    source, folder = sys.argv[1:]
    with open(source) as file:
        results = json.load(file)
    rows = [Row(result) for result in results["results"]]
    lines = machine_section(results)
    squares = [row for row in rows if row.group == "gemm"]
    if squares:
        with open(os.path.join(folder, "cpu.svg"), "w") as file:
            file.write(plot(squares))
        lines += ["![fraction of the peak against n](cpu.svg)", ""]
    for group in TITLES:
        some = [row for row in rows if row.group == group]
        if some:
            lines += group_section(group, some)
            print(f"{TITLES[group]}:", *summary(some), sep="\n  ")
    lines += figures_section(results["figures"])
    with open(os.path.join(folder, "cpu.md"), "w") as file:
        file.write("\n".join(lines))
    print(f"Tables are in {os.path.join(folder, 'cpu.md')}")


main()
