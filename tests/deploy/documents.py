"""What deploy/ says, read into lists and dictionaries for the rules.

A tree is the repository or a copy of it. Nothing here needs a network or a container engine.
"""

import functools
import json
import os
import pathlib
import re
import subprocess

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # The same, ten times as fast.
SERVICES = ("auth", "tickets", "orders", "expiration", "payments")


class Tree:
    def __init__(self, root, programs, built=None):
        self.root, self.programs = pathlib.Path(root), pathlib.Path(programs)
        self._built = pathlib.Path(built) if built else None

    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8")

    def yaml(self, path):
        return [one for one in yaml.load_all(self.text(path), Loader=LOADER) if one]

    def folder(self, path):
        """The objects of all files of a folder of Kubernetes', without its kustomization."""
        found = []
        for file in sorted((self.root / path).glob("*.yaml")):
            if file.name != "kustomization.yaml":
                found += [(f"{path}/{file.name}", one)
                          for one in self.yaml(f"{path}/{file.name}")]
        return found

    def layers(self):
        """Each overlay's own objects with those of the base, before any patch; or what Kustomize
        has made of them."""
        if self._built:
            return {file.stem: [(file.name, one) for one in self.yaml(file.absolute())]
                    for file in sorted(self._built.glob("*.yaml"))}
        base = self.folder("deploy/kubernetes/base")
        folders = sorted((self.root / "deploy/kubernetes/overlays").iterdir())
        return {one.name: base + self.folder(f"deploy/kubernetes/overlays/{one.name}")
                for one in folders}

    def routes(self):
        """Path to service, as the reference has it."""
        paths = json.loads(self.text("docs/reference/openapi.json"))["paths"]
        return {path: next(iter(verbs.values()))["tags"][0] for path, verbs in paths.items()}

    def options(self, program):
        return _options(str(self.programs / program))

    def needed_packages(self):
        return _packages(str(self.programs))


@functools.cache
def _options(program):
    if not os.path.exists(program):
        return frozenset()
    said = subprocess.run([program, "--help"], capture_output=True, text=True, check=True, env={})
    return frozenset(re.findall(r"^ +--([a-z-]+)", said.stdout, re.M)) | {"help", "version"}


@functools.cache
def _packages(programs):
    """Debian's packages of the libraries that the programs name; standard ones are in any image."""
    names = set()
    for program in pathlib.Path(programs).glob("ticket*"):
        read = subprocess.run(["readelf", "-d", program], capture_output=True, text=True,
                              check=True)
        names |= set(re.findall(r"NEEDED.*\[(.*)\]", read.stdout))
    cache = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True)
    files = dict(re.findall(r"^\t(\S+) \(.*x86-64.*\) => (\S+)$", cache.stdout, re.M))
    packages = set()
    for name in names & files.keys():
        owner = subprocess.run(["dpkg", "-S", os.path.realpath(files[name])], capture_output=True,
                               text=True, check=False)
        packages.add(owner.stdout.split(":")[0])
    return frozenset(packages - {"", "libc6", "libgcc-s1", "libstdc++6"})


# ---- parts of Kubernetes objects ----


def name_of(document):
    return f"{document['kind']} {document['metadata']['name']}"


def workloads(documents):
    return [(path, one) for path, one in documents if one["kind"] in ("Deployment", "StatefulSet")]


def pod_of(workload):
    return workload["spec"]["template"]["spec"]


def labels_of(workload):
    return workload["spec"]["template"]["metadata"]["labels"]


def selects(selector, labels):
    return all(labels.get(key) == value
               for key, value in selector.get("matchLabels", selector).items())


def ports_of(workload):
    """By name and by number."""
    ports = [port for one in pod_of(workload)["containers"] for port in one.get("ports", [])]
    return {port["name"] for port in ports} | {port["containerPort"] for port in ports}
