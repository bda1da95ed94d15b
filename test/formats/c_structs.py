"""Random C structs beside the formats that say the same, as JSON on standard output.

    c_structs.py [--seed N] [--count N] [--cc COMPILER]

Without arguments it prints the committed corpus/c_structs.json. The text is PEP 3118 in
native order: '@' aligns as C does and pads a record at its end; a packed struct is '^'.
The compiler says sizeof, and offsetof and sizeof of every leaf.
"""

import argparse
import json
import random
import subprocess
import tempfile
from pathlib import Path

import common

SCALARS = {
    "c": "char", "b": "signed char", "B": "unsigned char", "?": "_Bool",
    "h": "short", "H": "unsigned short", "i": "int", "I": "unsigned", "l": "long",
    "L": "unsigned long", "q": "long long", "Q": "unsigned long long", "n": "ptrdiff_t",
    "N": "size_t", "f": "float", "d": "double", "g": "long double", "Zf": "float _Complex",
    "Zd": "double _Complex", "Zg": "long double _Complex", "e": "uint16_t", "u": "uint16_t",
    "w": "uint32_t", "P": "void *", "O": "void *", "&i": "int *", "&T{i:x:d:y:}": "void *",
    "X{}": "function_pointer",
}  # fmt: skip
NAMES = "abcdefghk"  # of members; no C keyword among them


class Writer:
    """The C source of one case's structs, its text, and the paths of its leaves."""

    def __init__(self, rng, number):
        self.rng, self.prefix = rng, f"S{number}"
        self.declarations, self.order = [], "@"

    def switch(self, order):
        """The order character where it must be written; now and then where it need not."""
        if order == self.order and self.rng.random() < 0.97:
            return ""
        self.order = order
        return order

    def scalar(self, order):
        """(text, C type, extents of an array in C that the type itself has)."""
        if self.rng.random() < 0.1:
            length = self.rng.randint(1, 9)
            return self.switch(order) + f"{length}s", "char", [length]
        letter = self.rng.choice(list(SCALARS))
        return self.switch(order) + letter, SCALARS[letter], []

    def member(self, name, depth, order):
        """(text, C declaration, leaf paths below it)"""
        rng = self.rng
        shape = []
        if rng.random() < 0.25:
            shape = [extent or 1 for extent in common.random_extents(rng, 4 if depth else 6)]
        text = f"({','.join(map(str, shape))})" if shape else ""
        if depth < 3 and rng.random() < 0.3:
            body, kind, inner = self.record(depth + 1, order)
            own = []
        else:
            body, kind, own = self.scalar(order)
            inner = [[]]
        text += body + f":{name}:"
        brackets = "".join(f"[{extent}]" for extent in shape + own)
        paths = [[name, *index, *rest] for index in common.indices(shape) for rest in inner]
        return text, f"{kind} {name}{brackets};", paths

    def record(self, depth, order):
        """C aligns the members of a nested struct by its own rule: only '^' goes inwards."""
        rng = self.rng
        own = "^" if order == "^" or rng.random() < 0.15 else "@"
        parts, lines, paths = [], [], []
        for name in rng.sample(NAMES, rng.choice([1, 2, 2, 3, 4, 5])):
            text, line, below = self.member(name, depth, own)
            parts.append(text)
            lines.append(line)
            paths += below
        tag = f"{self.prefix}_{len(self.declarations)}"
        packed = " __attribute__((packed))" if own == "^" else ""
        self.declarations.append(f"struct{packed} {tag} {{ {' '.join(lines)} }};")
        # The order in force at the brace says how the record itself is aligned and padded.
        return "T{" + "".join(parts) + self.switch(own) + "}", f"struct {tag}", paths


def c_path(path):
    """.a[1].b of a member of a struct"""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)[1:]


def source_of(number, writer, kind, paths):
    """A function that prints one line: sizeof, and offset and size of every leaf."""
    lines = "".join(
        f' printf(" %zu %zu", offsetof({kind}, {c_path(path)}), sizeof((({kind} *)0)->{c_path(path)}));\n'
        for path in paths
    )
    head = "\n".join(writer.declarations)
    return f'{head}\nstatic void case_{number}(void) {{\n printf("%zu", sizeof({kind}));\n{lines} puts("");\n}}\n'


def compile_and_run(compiler, sources):
    head = "#include <complex.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n"
    head += "typedef void (*function_pointer)(int);\n"
    calls = "".join(f" case_{k}();\n" for k in range(len(sources)))
    with tempfile.TemporaryDirectory() as folder:
        file, program = Path(folder, "structs.c"), Path(folder, "structs")
        file.write_text(head + "".join(sources) + f"int main(void) {{\n{calls} return 0;\n}}\n")
        subprocess.run([compiler, "-std=gnu11", "-w", "-O0", file, "-o", program], check=True)
        return subprocess.run([program], check=True, capture_output=True, text=True).stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=3118)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--cc", default="cc")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    cases, sources = [], []
    for number in range(options.count):
        writer = Writer(rng, number)
        text, kind, paths = writer.record(0, "@")
        sources.append(source_of(number, writer, kind, paths))
        cases.append({"by": "c", "format": text, "paths": paths})
    for case, line in zip(cases, compile_and_run(options.cc, sources).splitlines()):
        size, *numbers = map(int, line.split())
        pairs = zip(case.pop("paths"), numbers[::2], numbers[1::2])
        case |= {"itemsize": size, "leaves": [[path, at, length] for path, at, length in pairs]}
    common.print_cases({"cases": cases})


if __name__ == "__main__":
    main()
