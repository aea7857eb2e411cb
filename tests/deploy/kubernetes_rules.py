"""What must hold of the Kubernetes manifests. A rule yields (where, what is wrong)."""

import re

from documents import (SERVICES, labels_of, name_of, pod_of, ports_of, selects, workloads)


def containers(documents):
    for path, workload in workloads(documents):
        for container in pod_of(workload)["containers"]:
            yield f"{path} {name_of(workload)}", pod_of(workload), container


def confined(tree):
    for documents in tree.layers().values():
        for where, pod, container in containers(documents):
            whole, own = pod.get("securityContext", {}), container.get("securityContext", {})
            holds = {
                "runs as root": whole.get("runAsNonRoot") is True and whole.get("runAsUser", 0) > 0,
                "has no seccomp profile":
                    whole.get("seccompProfile", {}).get("type") == "RuntimeDefault",
                "may write to its image": own.get("readOnlyRootFilesystem") is True,
                "has capabilities": own.get("capabilities", {}).get("drop") == ["ALL"],
                "may gain privileges": own.get("allowPrivilegeEscalation") is False,
                "has a token of the cluster": pod.get("automountServiceAccountToken") is False,
            }
            yield from ((where, wrong) for wrong, right in holds.items() if not right)


def watched_and_limited(tree):
    for documents in tree.layers().values():
        for where, _, container in containers(documents):
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                if probe not in container:
                    yield where, f"has no {probe}"
            resources = container.get("resources", {})
            for kind in ("requests", "limits"):
                for resource in ("cpu", "memory"):
                    if resource not in resources.get(kind, {}):
                        yield where, f"has no {kind} of {resource}"


def probes_meet_ports(tree):
    for documents in tree.layers().values():
        for where, _, container in containers(documents):
            ports = {port["name"] for port in container.get("ports", [])}
            for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
                probe = container.get(kind, {})
                asked = probe.get("httpGet", probe.get("tcpSocket", {})).get("port")
                if asked is not None and asked not in ports:
                    yield where, f"{kind} asks port {asked}, which is not there"


def selectors_match(tree):
    for documents in tree.layers().values():
        pods = [one for _, one in workloads(documents)]
        for path, one in documents:
            where, spec = f"{path} {name_of(one)}", one.get("spec", {})
            if one["kind"] in ("Deployment", "StatefulSet"):
                spreads = pod_of(one).get("topologySpreadConstraints", [])
                for selector in [spec["selector"], *(each["labelSelector"] for each in spreads)]:
                    if not selects(selector, labels_of(one)):
                        yield where, "selects other pods than its own"
            if one["kind"] in ("Service", "PodDisruptionBudget"):
                chosen = [pod for pod in pods if selects(spec["selector"], labels_of(pod))]
                if [pod["metadata"]["name"] for pod in chosen] != [one["metadata"]["name"]]:
                    yield where, "does not select the pods of its name, and no others"
                for port in spec.get("ports", []):
                    target = port.get("targetPort", port["port"])
                    if any(target not in ports_of(pod) for pod in chosen):
                        yield where, f"leads to port {target}, which is not there"


def _peers(policy):
    """(direction, selectors of pods at the other end, ports) of each rule."""
    for direction, end in (("ingress", "from"), ("egress", "to")):
        for rule in policy["spec"].get(direction, []):
            own = [peer["podSelector"] for peer in rule.get(end, []) if "podSelector" in peer]
            yield direction, own, [port["port"] for port in rule.get("ports", [])]


def policies_name_what_is_there(tree):
    for documents in tree.layers().values():
        pods = [one for _, one in workloads(documents)]
        chosen = lambda selector: [pod for pod in pods if selects(selector, labels_of(pod))]
        for path, one in documents:
            if one["kind"] != "NetworkPolicy":
                continue
            where, selected = f"{path} {name_of(one)}", chosen(one["spec"]["podSelector"])
            if not selected:
                yield where, "selects no pod"
            for direction, peers, ports in _peers(one):
                for selector in peers:
                    if not chosen(selector):
                        yield where, f"its {direction} names pods that are not there: {selector}"
                ends = selected if direction == "ingress" else \
                    [pod for selector in peers for pod in chosen(selector)]
                for port in ports:
                    if any(port not in ports_of(pod) for pod in ends):
                        yield where, f"lets through to port {port}, which is not there"


def _allowed(documents, direction):
    """{(from, to)} of pods by name, as the policies of one direction let them."""
    pods = [one for _, one in workloads(documents)]
    pairs = set()
    for _, policy in documents:
        if policy["kind"] != "NetworkPolicy":
            continue
        own = [pod for pod in pods if selects(policy["spec"]["podSelector"], labels_of(pod))]
        for way, peers, _ in _peers(policy):
            others = [pod for selector in peers for pod in pods
                      if selects(selector, labels_of(pod))]
            if way == direction:
                ends = (others, own) if way == "ingress" else (own, others)
                pairs |= {(a["metadata"]["name"], b["metadata"]["name"])
                          for a in ends[0] for b in ends[1]}
    return pairs


def policies_agree(tree):
    """Who may be spoken to may be spoken to by whoever may speak, and the rest is refused."""
    for overlay, documents in tree.layers().items():
        where = f"overlay {overlay}"
        for source, target in sorted(_allowed(documents, "ingress") ^
                                     _allowed(documents, "egress")):
            yield where, f"{source} to {target} is allowed at one end alone"
        wanted = {(service, "auth") for service in SERVICES}
        if overlay == "development":
            wanted |= {(service, server) for service in SERVICES
                       for server in ("postgres", "nats")}
        if _allowed(documents, "ingress") != wanted:
            yield where, "somebody else than services to auth and servers may speak"
        closed = [one for _, one in documents if one["kind"] == "NetworkPolicy"
                  and one["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}]
        if not closed:
            yield where, "nothing is refused by default"


def ingress_paths(tree):
    """(path, service) of the Ingress."""
    for path, one in tree.folder("deploy/kubernetes/base"):
        if one["kind"] == "Ingress":
            for rule in one["spec"]["rules"]:
                for each in rule["http"]["paths"]:
                    yield path, each["path"], each["backend"]["service"]["name"]


def _covers(prefix, route):
    return route == prefix or route.startswith(prefix + "/")


def ingress_has_the_routes(tree):
    routes = tree.routes()
    public = {labels_of(one)["app.kubernetes.io/name"]
              for _, one in workloads(tree.folder("deploy/kubernetes/base"))
              if labels_of(one).get("ticketing/public") == "true"}
    for path, prefix, service in ingress_paths(tree):
        served = {routes[route] for route in routes if _covers(prefix, route)}
        if served != {service}:
            yield path, f"{prefix} leads to {service}, and is a route of {sorted(served)}"
        if service not in public:
            yield path, f"{service} is not open to the ingress: label it ticketing/public"
    for route in routes:
        if not any(_covers(prefix, route) for _, prefix, _ in ingress_paths(tree)):
            yield "deploy/kubernetes/base/ingress.yaml", f"{route} leads nowhere"


def options_exist(tree):
    for documents in tree.layers().values():
        for where, _, container in containers(documents):
            if container["image"] != "ticketing":
                continue
            program, *flags = container["args"]
            known = tree.options(program)
            named = {flag[2:].split("=")[0] for flag in flags}
            named |= {env["name"][10:].lower().replace("_", "-") for env in container["env"]
                      if env["name"].startswith("TICKETING_")}
            yield from ((where, f"{program} has no option {name}") for name in named - known)


def services_are_alike(tree):
    """A change to one of the five that the others need as well is easily forgotten."""
    shapes = {}
    for path, one in workloads(tree.folder("deploy/kubernetes/base")):
        service = labels_of(one)["app.kubernetes.io/name"]
        text = re.sub(rf"\b{service}\b", "SERVICE", repr(one))
        shapes[path] = re.sub(r"'args': \[.*?\]|, 'ticketing/public': 'true'", "", text)
    for path, shape in shapes.items():
        if shape != next(iter(shapes.values())):
            yield path, "differs from the other services in more than name, arguments and publicity"


def no_secret_is_written_down(tree):
    production = tree.folder("deploy/kubernetes/overlays/production")
    for path, one in tree.folder("deploy/kubernetes/base") + production:
        if one["kind"] == "Secret":
            yield path, "is a secret in the repository"
    text = tree.text("deploy/kubernetes/overlays/production/kustomization.yaml")
    if "secretGenerator" in text:
        yield "deploy/kubernetes/overlays/production/kustomization.yaml", "makes a secret"


def kustomizations_are_complete(tree):
    for file in sorted(tree.root.glob("deploy/kubernetes/**/kustomization.yaml")):
        path = str(file.relative_to(tree.root))
        listed = set(tree.yaml(path)[0]["resources"])
        beside = {one.name for one in file.parent.glob("*.yaml")} - {file.name}
        for name in listed:
            if not (file.parent / name).exists():
                yield path, f"lists {name}, which is not there"
        for name in beside - listed:
            yield path, f"does not list {name}"


RULES = (
    confined, watched_and_limited, probes_meet_ports, selectors_match, policies_name_what_is_there,
    policies_agree, ingress_has_the_routes, options_exist, services_are_alike,
    no_secret_is_written_down, kustomizations_are_complete,
)
