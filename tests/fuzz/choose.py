#!/usr/bin/env python3
"""Chooses the files of a corpus: few that cover much, so that a clone stays small.

    choose.py CONTROL FOLDER     copies them from where libFuzzer found them into FOLDER

CONTROL is what libFuzzer's -set_cover_merge=1 -merge_control_file=CONTROL leaves: what each file
reaches. What has a name that a person gave it, and not a hash, is always chosen; then, one by one,
the file that adds most, and of those the shortest, until nothing is added or there are enough.
"""

import pathlib
import re
import shutil
import sys

FILES_MAX = 60
HASH = re.compile("[0-9a-f]{40}")


def read_control(path):
    """What each file reaches, by path."""
    with open(path, encoding="utf-8") as control:
        count, _in_first_folder = int(next(control)), next(control)
        files = [pathlib.Path(next(control).rstrip("\n")) for _ in range(count)]
        lines = [line.split() for line in control]
    return {files[int(line[1])]: set(line[2:]) for line in lines if line[0] == "FT"}


def named_by_a_person(file):
    return not HASH.fullmatch(file.name)


def choose(reached):
    chosen = [file for file in sorted(reached) if named_by_a_person(file)]
    covered = set().union(*(reached[file] for file in chosen))
    # Shortest first: max() takes the first of equals.
    others = sorted(reached, key=lambda file: (file.stat().st_size, file.name))
    while len(chosen) < FILES_MAX:
        best = max(others, key=lambda file: len(reached[file] - covered))
        if reached[best] <= covered:
            break
        chosen.append(best)
        covered |= reached[best]
    return chosen, len(covered)


def main():
    control, folder = sys.argv[1:]
    reached = read_control(control)
    chosen, covered = choose(reached)
    for file in chosen:
        shutil.copy(file, folder)
    known = len(set().union(*reached.values()))
    print(f"{len(chosen)} of {len(reached)} files cover {covered} of {known} features")


if __name__ == "__main__":
    main()
