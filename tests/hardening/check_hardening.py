#!/usr/bin/env python3
"""Reads built programs and says which lack a hardening that they should have been built with.

    check_hardening.py PROGRAM...      exit 1 when something is missing
    check_hardening.py --self-test     compiles a program without each, and expects it to be found
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

# Of each, what readelf says of a program that has it.
CHECKS = {
    "PIE": lambda text: "Flags: NOW PIE" in text or "Flags: PIE" in text,
    "RELRO": lambda text: "GNU_RELRO" in text,
    "immediate binding": lambda text: "Flags: NOW" in text or "(BIND_NOW)" in text,
    "a stack that is not executable": lambda text: stack_flags(text) == "RW",
    "stack protector": lambda text: "__stack_chk_fail" in text,
    # One of the checked functions is enough to tell that they are in use.
    "FORTIFY": lambda text: any(f"__{name}_chk" in text for name in FORTIFIED),
}
FORTIFIED = ("memcpy", "memmove", "memset", "printf", "snprintf", "vsnprintf", "fprintf", "read",
             "recv", "fdelt", "strcpy", "strcat", "poll")

SOURCE = """
#include <cstdio>
#include <cstring>
int main(int argc, char** argv) {
  char text[16];
  std::strcpy(text, argv[argc - 1]);
  std::printf("%s", text);
}
"""
HARDENED = ["-O2", "-fPIE", "-pie", "-fstack-protector-strong", "-U_FORTIFY_SOURCE",
            "-D_FORTIFY_SOURCE=2", "-Wl,-z,relro,-z,now,-z,noexecstack"]
WITHOUT = {
    "PIE": ["-fno-PIE", "-no-pie"],
    "RELRO": ["-Wl,-z,norelro"],
    "immediate binding": ["-Wl,-z,lazy"],
    "a stack that is not executable": ["-Wl,-z,execstack"],
    "stack protector": ["-fno-stack-protector"],
    "FORTIFY": ["-U_FORTIFY_SOURCE"],
}


def stack_flags(text):
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["GNU_STACK"]:
            return words[-2]
    return ""


def missing(program):
    text = subprocess.run(["readelf", "-W", "-d", "-l", "-s", str(program)], check=True,
                          capture_output=True, text=True).stdout
    return [name for name, holds in CHECKS.items() if not holds(text)]


def compile_with(folder, flags, compiler):
    source, program = folder / "program.cpp", folder / "program"
    source.write_text(SOURCE)
    subprocess.run([compiler, *HARDENED, *flags, "-w", str(source), "-o", str(program)], check=True)
    return program


def self_test(compiler):
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        cases = {"": [], **WITHOUT}
        for what, flags in cases.items():
            found = missing(compile_with(folder, flags, compiler))
            if found != ([what] if what else []):
                wrong.append(f"without {what or 'nothing'}: found {found}")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", nargs="*")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--compiler", default="c++")
    options = parser.parse_args()
    if not options.self_test and not options.programs:
        parser.error("no program to look at")
    breaches = self_test(options.compiler) if options.self_test else []
    for program in options.programs:
        breaches += [f"{program} is built without {name}" for name in missing(program)]
    print("\n".join(breaches + [f"{len(options.programs)} programs, {len(breaches)} breaches"]))
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
