"""Instances of services that do what a test tells them, and nginx before them with our files."""

import contextlib
import http.client
import http.server
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy"))
from market import parts  # noqa: E402

SECONDS = 10


class Instance:
    """Answers 200, or `status`; with `break_off` it reads a request and hangs up."""

    def __init__(self, service, port=0):
        self.service, self.status, self.break_off = service, 200, False
        self.requests = []
        handler = type("Handler", (_Handler,), {"instance": self})
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        """Its port refuses connections from now on."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    instance = None

    def _answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.instance.requests.append((self.command, self.path, dict(self.headers), len(body)))
        if self.instance.break_off:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        text = json.dumps({"service": self.instance.service}).encode()
        self.send_response(self.instance.status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _answer

    def log_message(self, *_):
        pass


class Ingress:
    """nginx with deploy/nginx as deploy/local fills it in, before two instances of each service."""

    def __init__(self):
        self._stack = contextlib.ExitStack()
        folder = self._stack.enter_context(tempfile.TemporaryDirectory())
        layout = parts.Layout(folder, "", "nats", 2)
        self.instances = {}
        for service in parts.PUBLIC:
            self.instances[service] = [Instance(service), Instance(service)]
            for number, instance in enumerate(self.instances[service], 1):
                layout.parts[f"{service}-{number}"] = {"service": service, "api": instance.port}
                self._stack.callback(instance.close)
        self.port = parts.Ports().take()
        os.chmod(folder, 0o711)
        layout.add_ingress(self.port)
        self._log = tempfile.TemporaryFile()
        process = subprocess.Popen(layout.parts["ingress"]["command"], stdout=self._log,
                                   stderr=self._log)
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        self._wait(process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _wait(self, process):
        end = time.monotonic() + SECONDS
        while not parts.ready("ingress", {"port": self.port}):
            if process.poll() is not None or time.monotonic() > end:
                self._log.seek(0)
                said = self._log.read().decode()
                self._stack.close()
                raise RuntimeError("nginx does not start: " + said)

    def ask(self, method, path, body=None, headers=None):
        """(status, headers, body)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read().decode()
        finally:
            connection.close()

    def seen(self, service):
        """All requests that instances of the service have read."""
        return [one for instance in self.instances[service] for one in instance.requests]
