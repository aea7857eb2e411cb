"""The self-test: each breach is planted in a copy of its own, and its rule must find it.

What is found in the copy without a breach is not counted, so that a breach that is there already
hides none of those that are planted.
"""

import pathlib
import shutil
import tempfile

BASE = "deploy/kubernetes/base/"
DEVELOPMENT = "deploy/kubernetes/overlays/development/"
PRODUCTION = "deploy/kubernetes/overlays/production/"

# (the rule that must find it, file, what to replace, by what)
PLANTED = [
    ("confined", BASE + "orders.yaml", "runAsNonRoot: true", "runAsNonRoot: false"),
    ("confined", BASE + "orders.yaml", "runAsUser: 10001", "runAsUser: 0"),
    ("confined", BASE + "auth.yaml", "drop: [ALL]", "drop: [NET_RAW]"),
    ("confined", BASE + "auth.yaml", "readOnlyRootFilesystem: true", "privileged: false"),
    ("confined", BASE + "auth.yaml", "type: RuntimeDefault", "type: Unconfined"),
    ("confined", DEVELOPMENT + "nats.yaml", "allowPrivilegeEscalation: false",
     "procMount: Default"),
    ("confined", DEVELOPMENT + "nats.yaml", "automountServiceAccountToken: false\n", "\n"),
    ("watched_and_limited", BASE + "tickets.yaml", "readinessProbe:", "unheardProbe:"),
    ("watched_and_limited", BASE + "tickets.yaml", "limits:\n              cpu: \"2\"\n",
     "limits:\n"),
    ("probes_meet_ports", BASE + "tickets.yaml", "port: admin\n            periodSeconds: 10",
     "port: health\n            periodSeconds: 10"),
    ("selectors_match", BASE + "payments.yaml",
     "selector:\n    app.kubernetes.io/name: payments",
     "selector:\n    app.kubernetes.io/name: pay"),
    ("selectors_match", BASE + "payments.yaml", "targetPort: api", "targetPort: http"),
    ("selectors_match", BASE + "payments.yaml",
     "labelSelector:\n            matchLabels:\n              app.kubernetes.io/name: payments",
     "labelSelector:\n            matchLabels:\n              app.kubernetes.io/name: orders"),
    ("policies_name_what_is_there", BASE + "network.yaml", 'ticketing/public: "true"',
     'ticketing/public: "yes"'),
    ("policies_name_what_is_there", BASE + "network.yaml", "- port: admin", "- port: metrics"),
    ("policies_agree", DEVELOPMENT + "network.yaml",
     "  ingress:\n    - from:\n        - podSelector:\n            matchLabels:\n"
     "              app.kubernetes.io/component: service\n      ports:\n        - port: nats",
     "  ingress: []"),
    ("policies_agree", BASE + "network.yaml", "policyTypes: [Ingress, Egress]",
     "policyTypes: [Ingress]"),
    ("ingress_has_the_routes", BASE + "ingress.yaml", "path: /api/orders", "path: /api/order"),
    ("ingress_has_the_routes", BASE + "ingress.yaml", "name: payments", "name: orders"),
    ("ingress_has_the_routes", BASE + "orders.yaml", 'ticketing/public: "true"', 'public: "true"'),
    ("options_exist", BASE + "expiration.yaml", "--jwks=", "--keys="),
    ("options_exist", BASE + "expiration.yaml", "TICKETING_TRUSTED_PROXY", "TICKETING_PROXY"),
    ("services_are_alike", BASE + "expiration.yaml", "memory: 512Mi", "memory: 256Mi"),
    ("no_secret_is_written_down", PRODUCTION + "network.yaml", "apiVersion: networking.k8s.io/v1",
     "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\napiVersion: networking.k8s.io/v1"),
    ("no_secret_is_written_down", PRODUCTION + "kustomization.yaml", "configMapGenerator",
     "secretGenerator"),
    ("kustomizations_are_complete", BASE + "kustomization.yaml", "  - network.yaml\n", ""),
    ("kustomizations_are_complete", BASE + "kustomization.yaml", "- auth.yaml", "- author.yaml"),
    ("compose_is_confined", "deploy/compose.yaml", "read_only: true", "read_only: false"),
    ("compose_is_confined", "deploy/compose.yaml", "replicas: 2", "replicas: 1"),
    ("compose_is_confined", "deploy/compose.yaml", '"127.0.0.1:8080:8080"', '"8080:8080"'),
    ("compose_is_confined", "deploy/compose.yaml", 'user: "999:999"', 'user: "0:0"'),
    ("compose_is_confined", "deploy/compose.yaml", "POSTGRES_PASSWORD_FILE: ",
     "POSTGRES_PASSWORD: "),
    ("compose_options_exist", "deploy/compose.yaml", "TICKETING_JWKS", "TICKETING_KEYS"),
    ("secrets_are_made", "deploy/compose.yaml", "./secrets/signing.key", "./secrets/sign.key"),
    ("secrets_are_made", "deploy/compose.yaml", "secrets: [nats.conf]", "secrets: [bus.conf]"),
    ("secrets_are_made", "deploy/market/secret_files.py", '"database = ', '"storage = '),
    ("proxy_is_the_ingress", "deploy/compose.yaml", "ipv4_address: 172.30.80.10",
     "ipv4_address: 172.30.80.11"),
    ("image_is_ready_to_run", "deploy/Dockerfile", "USER 10001:10001", "USER ticketing"),
    ("image_is_ready_to_run", "deploy/Dockerfile", "ENV TICKETING_LISTEN",
     "ENV PASSWORD=1 TICKETING_LISTEN"),
    ("image_is_ready_to_run", "deploy/Dockerfile", " libsodium23", ""),
    ("image_is_ready_to_run", ".dockerignore", "!sdk\n", ""),
    ("ingress_agrees", "deploy/nginx/server.conf", "location /api/orders", "location /api/order"),
    ("ingress_agrees", "deploy/nginx/nginx.conf", "upstream payments", "upstream payment"),
    ("posts_are_never_repeated", "deploy/nginx/common.conf", "error timeout http_503",
     "error timeout http_503 non_idempotent"),
]


def _copy(root, folder):
    shutil.copytree(root / "deploy", folder / "deploy",
                    ignore=shutil.ignore_patterns("secrets", "__pycache__"))
    (folder / "docs/reference").mkdir(parents=True)
    shutil.copy(root / "docs/reference/openapi.json", folder / "docs/reference")
    shutil.copy(root / ".dockerignore", folder)
    # What the image is made from has to be there, not to be complete.
    for name in ("CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", "cmake", "sdk",
                 "services", "cli", "tools/install_dependencies"):
        (folder / name).mkdir(parents=True)


def run(root, rules, findings_of):
    missed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        _copy(pathlib.Path(root), folder)
        before = {rule: findings_of(rule, folder) for rule in rules}
        for rule, path, old, new in PLANTED:
            file = folder / path
            text = file.read_text(encoding="utf-8")
            file.write_text(text.replace(old, new), encoding="utf-8")
            found = set(findings_of(rule, folder)) - set(before[rule])
            file.write_text(text, encoding="utf-8")
            if old not in text or not found:
                missed += 1
                why = "finds nothing" if old in text else "what it replaces is not there"
                print(f"{rule}: {why}: {path}: {old.strip().splitlines()[0]}")
    unproven = set(before) - {rule for rule, *_ in PLANTED}
    for rule in sorted(unproven):
        print(f"{rule}: no breach of it is planted")
    missed += len(unproven)
    print(f"{len(PLANTED)} breaches planted, {missed} not found")
    return 1 if missed else 0
