"""What must hold of the image, of compose and of the ingress. A rule yields (where, what)."""

import importlib.util
import pathlib
import re
import tempfile

from documents import SERVICES
from kubernetes_rules import ingress_paths

COMPOSE = "deploy/compose.yaml"
DOCKERFILE = "deploy/Dockerfile"
ROOT_OF_ITS_VOLUME = "nats"  # Root without capabilities, which compose.yaml says why.


def compose_is_confined(tree):
    for name, one in tree.yaml(COMPOSE)[0]["services"].items():
        holds = {
            "may write to its image": one.get("read_only") is True,
            "has capabilities": one.get("cap_drop") == ["ALL"],
            "may gain privileges": one.get("security_opt") == ["no-new-privileges:true"],
            "has no healthcheck": "test" in one.get("healthcheck", {}),
            "has no limits": {"mem_limit", "cpus", "pids_limit"} <= one.keys(),
            "runs as root": name in (*SERVICES, ROOT_OF_ITS_VOLUME) or
                re.fullmatch(r"[1-9]\d*:[1-9]\d*", one.get("user", "")) is not None,
            "is reached from outside": name == "ingress" or "ports" not in one,
            "is not twice there": name not in SERVICES or one["deploy"]["replicas"] >= 2,
            "has a password in its environment":
                not re.search(r"(?i)password(?!_FILE)", " ".join(one.get("environment", {}))),
        }
        yield from ((f"{COMPOSE} {name}", wrong) for wrong, right in holds.items() if not right)
        for port in one.get("ports", []):
            if not port.startswith("127.0.0.1:"):
                yield f"{COMPOSE} {name}", f"{port} is open to all networks"


def compose_options_exist(tree):
    for name, one in tree.yaml(COMPOSE)[0]["services"].items():
        if name not in SERVICES:
            continue
        program, *flags = one["command"]
        named = {flag[2:].split("=")[0] for flag in flags}
        named |= {key[10:].lower().replace("_", "-") for key in one["environment"]
                  if key.startswith("TICKETING_")}
        for option in named - tree.options(program):
            yield f"{COMPOSE} {name}", f"{program} has no option {option}"


def _made_secrets(tree):
    """Names of the files that make_secrets makes, and the options that are in them."""
    path = tree.root / "deploy/market/secret_files.py"
    module = importlib.util.module_from_spec(
        specification := importlib.util.spec_from_file_location("secret_files", path))
    specification.loader.exec_module(module)
    with tempfile.TemporaryDirectory() as folder:
        module.make(folder, "postgres:5432", "nats:4222", 0o600)
        files = list(pathlib.Path(folder).iterdir())
        text = "".join(file.read_text() for file in files if file.stem in SERVICES)
        return {file.name for file in files}, set(re.findall(r"^([a-z-]+) = ", text, re.M))


def secrets_are_made(tree):
    compose = tree.yaml(COMPOSE)[0]
    made, options = _made_secrets(tree)
    for name, one in compose["secrets"].items():
        if pathlib.PurePath(one["file"]).name not in made:
            yield f"{COMPOSE} secret {name}", "is not made by make_secrets"
    for service in SERVICES:
        for option in options - tree.options(f"ticketing-{service}"):
            yield "deploy/market/secret_files.py", f"ticketing-{service} has no option {option}"
    used = {one if isinstance(one, str) else one["source"]
            for each in compose["services"].values() for one in each.get("secrets", [])}
    for name in used ^ compose["secrets"].keys():
        yield f"{COMPOSE} secret {name}", "is used and not declared, or the other way round"


def proxy_is_the_ingress(tree):
    """The services believe one address, so it has to be the ingress's."""
    services = tree.yaml(COMPOSE)[0]["services"]
    address = services["ingress"]["networks"]["inside"]["ipv4_address"]
    for name in SERVICES:
        if services[name]["environment"].get("TICKETING_TRUSTED_PROXY") != address:
            yield f"{COMPOSE} {name}", f"does not trust the ingress at {address}"


def image_is_ready_to_run(tree):
    text = tree.text(DOCKERFILE)
    users = re.findall(r"^USER (\S+)", text, re.M)
    if not users or not re.fullmatch(r"[1-9]\d*(:\d+)?", users[-1]):
        yield DOCKERFILE, "runs as root, or as a name that Kubernetes cannot judge"
    if "\nHEALTHCHECK " not in text:
        yield DOCKERFILE, "has no healthcheck"
    if re.search(r"(?im)^(ARG|ENV).*(password|secret|token)", text):
        yield DOCKERFILE, "has a secret in a layer"
    for name in sorted(tree.needed_packages()):
        if not re.search(rf"(?m)[ ]{re.escape(name)}( |$)", text):
            yield DOCKERFILE, f"lacks the package {name}, which the programs need"
    ignored = tree.text(".dockerignore").split()
    for sources in re.findall(r"^COPY (?:--chmod=\S+ )?(?!--)(.+) \S+$", text, re.M):
        for source in sources.split():
            if not source.startswith("build/") and not (tree.root / source).exists():
                yield DOCKERFILE, f"copies {source}, which is not there"
            if "!" + source.rstrip("/") not in ignored:
                yield DOCKERFILE, f"copies {source}, which .dockerignore keeps out"


def ingress_agrees(tree):
    """nginx and the Ingress of Kubernetes send the same paths to the same services."""
    text = tree.text("deploy/nginx/server.conf")
    ours = set(re.findall(r"location (?:= )?(/\S+) \{ set \$service (\w+); include route", text))
    theirs = {(path, service) for _, path, service in ingress_paths(tree)}
    for path, service in sorted(ours ^ theirs):
        yield "deploy/nginx/server.conf", f"{path} to {service} is in nginx or Kubernetes alone"
    upstreams = set(re.findall(r"upstream (\w+)", tree.text("deploy/nginx/nginx.conf")))
    if upstreams != {service for _, service in ours}:
        yield "deploy/nginx/nginx.conf", f"its upstreams are {sorted(upstreams)}"


def posts_are_never_repeated(tree):
    for name in ("common.conf", "server.conf", "route.conf", "nginx.conf", "local.conf.template"):
        text = re.sub(r"#.*", "", tree.text(f"deploy/nginx/{name}"))
        if "non_idempotent" in text:
            yield f"deploy/nginx/{name}", "repeats requests that change something"


RULES = (
    compose_is_confined, compose_options_exist, secrets_are_made, proxy_is_the_ingress,
    image_is_ready_to_run, ingress_agrees, posts_are_never_repeated,
)
