#!/usr/bin/env python3
"""Runs nginx with the files of deploy/nginx before instances that fail, and looks at who is asked.

    check_ingress.py    ends with `N passed, N failed`; exit 77 where nginx is missing
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
import pathlib

sys.dont_write_bytecode = True
from fake_services import Ingress, ROOT, parts  # noqa: E402


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual!r} is not {expected!r}")


def each_path_goes_to_its_service(ingress):
    routes = json.loads((ROOT / "docs/reference/openapi.json").read_text())["paths"]
    for path, verbs in routes.items():
        status, _, body = ingress.ask("GET", path.replace("{id}", "x"))
        equal((path, status, json.loads(body)["service"]),
              (path, 200, next(iter(verbs.values()))["tags"][0]))


def what_is_no_route_goes_nowhere(ingress):
    for path in ("/", "/api", "/api/expiration", "/readyz", "/metrics", "/deadletters",
                 "/.well-known/other"):
        status, _, body = ingress.ask("GET", path)
        equal((path, status, json.loads(body)["errors"][0]["code"]), (path, 404, "not_found"))
    equal([one for service in parts.PUBLIC for one in ingress.seen(service)], [])


def a_request_has_an_id_and_its_client(ingress):
    ingress.ask("GET", "/api/tickets", headers={"X-Request-Id": "mine-1",
                                                "X-Forwarded-For": "203.0.113.9"})
    ingress.ask("GET", "/api/tickets")
    first, second = [headers for _, _, headers, _ in sorted(
        ingress.seen("tickets"), key=lambda one: one[2]["X-Request-Id"] != "mine-1")]
    equal(first["X-Request-Id"], "mine-1")
    # What the client claims stays on the left, where nobody believes it.
    equal(first["X-Forwarded-For"], "203.0.113.9, 127.0.0.1")
    equal(first["Host"], f"127.0.0.1:{ingress.port}")
    equal(bool(re.fullmatch("[0-9a-f]{32}", second["X-Request-Id"])), True)


def a_body_over_1_mib_is_refused_at_the_door(ingress):
    status, _, _ = ingress.ask("POST", "/api/tickets", body=b"x" * (1 << 20))
    equal(status, 200)
    status, _, body = ingress.ask("POST", "/api/tickets", body=b"x" * ((1 << 20) + 1))
    equal((status, json.loads(body)["errors"][0]["code"]), (413, "body_too_large"))
    equal([size for *_, size in ingress.seen("tickets")], [1 << 20])


def who_refuses_connections_is_passed_over(ingress):
    ingress.instances["orders"][0].close()
    for method in ("GET", "POST", "DELETE", "POST"):
        equal((method, ingress.ask(method, "/api/orders")[0]), (method, 200))
    equal(len(ingress.seen("orders")), 4)


def a_put_fails_once_and_then_finds_the_other(ingress):
    ingress.instances["tickets"][0].close()
    statuses = sorted(ingress.ask("PUT", "/api/tickets/x")[0] for _ in range(4))
    equal(statuses[:3], [200, 200, 200])
    equal(statuses[3] in (200, 502), True)


def repeated(ingress, method):
    first, second = ingress.instances["orders"]
    first.break_off = True
    for _ in range(2):
        equal(ingress.ask(method, "/api/orders/x")[0], 200)
    # The one that broke off is left alone afterwards.
    equal((len(first.requests), len(second.requests)), (1, 2))


def a_get_is_repeated(ingress):
    repeated(ingress, "GET")


def a_delete_is_repeated(ingress):
    repeated(ingress, "DELETE")


def a_change_is_never_repeated(ingress, method):
    for instance in ingress.instances["orders"]:
        instance.break_off = True
    status, headers, body = ingress.ask(method, "/api/orders", body="{}")
    equal((status, headers.get("Retry-After")), (502, "1"))
    equal(json.loads(body)["errors"][0]["code"], "unavailable")
    equal(len(ingress.seen("orders")), 1)


def a_post_is_never_repeated(ingress):
    a_change_is_never_repeated(ingress, "POST")


def a_put_is_never_repeated(ingress):
    a_change_is_never_repeated(ingress, "PUT")


def a_refusal_of_a_change_reaches_its_client(ingress):
    for instance in ingress.instances["payments"]:
        instance.status = 503
    status, _, body = ingress.ask("POST", "/api/payments", body="{}")
    equal((status, json.loads(body)["service"]), (503, "payments"))
    equal(len(ingress.seen("payments")), 1)


def who_is_not_ready_is_left_alone(ingress):
    ingress.instances["payments"][0].status = 503
    equal([ingress.ask("GET", "/api/payments/x")[0] for _ in range(4)], [200] * 4)
    equal(len(ingress.instances["payments"][0].requests) <= 1, True)
    equal(ingress.ask("POST", "/api/payments", body="{}")[0], 200)


def the_containers_file_is_valid(_):
    """Debian's nginx is older than the container's: names are looked up once, so they are addresses
    here, and `resolve` is left out."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for file in (ROOT / "deploy/nginx").glob("*.conf"):
            shutil.copy(file, folder)
        text = (folder / "nginx.conf").read_text()
        plain = re.sub(r"server \w+:8080 resolve", "server 127.0.0.1:8080", text)
        equal(plain.count("127.0.0.1:8080"), len(parts.PUBLIC))
        plain = plain.replace("/tmp/", f"{folder}/")
        (folder / "nginx.conf").write_text(plain)
        tried = subprocess.run([parts.program("nginx"), "-t", "-c", folder / "nginx.conf"],
                               capture_output=True, text=True, check=False)
        equal((tried.returncode, "[warn]" in tried.stderr or "[emerg]" in tried.stderr,
               tried.stderr if tried.returncode else ""), (0, False, ""))


CASES = (
    each_path_goes_to_its_service, what_is_no_route_goes_nowhere,
    a_request_has_an_id_and_its_client, a_body_over_1_mib_is_refused_at_the_door,
    who_refuses_connections_is_passed_over, a_put_fails_once_and_then_finds_the_other,
    a_get_is_repeated, a_delete_is_repeated, a_post_is_never_repeated, a_put_is_never_repeated,
    a_refusal_of_a_change_reaches_its_client, who_is_not_ready_is_left_alone,
    the_containers_file_is_valid,
)


def main():
    try:
        parts.program("nginx")
    except parts.Trouble as trouble:
        print(trouble)
        return 77
    failed = 0
    for case in CASES:
        try:
            with Ingress() as ingress:
                case(ingress)
            print("ok     ", case.__name__)
        except Exception:  # Whatever it is, the other cases have their turn.
            failed += 1
            print("FAILED ", case.__name__)
            traceback.print_exc(limit=3, file=sys.stdout)
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
