#!/usr/bin/env python3
"""Checks what deploy/ says against itself, the reference and the programs. Needs no network.

    check_deploy.py [--root FOLDER] [--programs FOLDER]    exit 1 when a rule is broken
    check_deploy.py --self-test    plants breaches in copies of deploy/; each must be found
"""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
import container_rules  # noqa: E402
import documents  # noqa: E402
import kubernetes_rules  # noqa: E402


RULES = {rule.__name__: rule for rule in (*kubernetes_rules.RULES, *container_rules.RULES)}


def findings_of(rule, root, programs, built=None):
    """Overlays share the base, and so what is found in it."""
    tree = documents.Tree(root, programs, built)
    return sorted({f"{where}: {what}" for where, what in RULES[rule](tree)})


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--root", default=root)
    parser.add_argument("--programs", default=root / "build/release/bin")
    parser.add_argument("--built", help="folder of what Kustomize makes: OVERLAY.yaml")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if not (pathlib.Path(options.programs) / "ticketing-auth").exists():
        parser.error(f"no programs in {options.programs}; build the target product")
    if options.self_test:
        import planted
        return planted.run(options.root, RULES,
                           lambda rule, copy: findings_of(rule, copy, options.programs))
    found = {rule: findings_of(rule, options.root, options.programs, options.built)
             for rule in RULES}
    for rule, findings in found.items():
        print("\n".join([f"{rule}: {finding}" for finding in findings]) or f"{rule}: ok")
    broken = sum(1 for findings in found.values() if findings)
    print(f"{len(found) - broken} passed, {broken} failed")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
