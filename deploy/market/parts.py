"""The parts of a marketplace on this machine: servers, instances of services, and the ingress.

A part is a dictionary that the state file keeps: how it is started, its ports, its log and, while
it runs, its process. What a part needs before its first start is laid out by make(); starting it
again is nothing but running its command again.
"""

import glob
import http.client
import os
import pwd
import shutil
import signal
import string
import subprocess

from . import secret_files
from .processes import Ports, Trouble

HERE = os.path.dirname(os.path.abspath(__file__))
NGINX = os.path.join(os.path.dirname(HERE), "nginx")
FOLLOWS = {
    "auth": (),
    "tickets": ("auth", "orders"),
    "orders": ("auth", "tickets", "expiration", "payments"),
    "expiration": ("auth", "orders"),
    "payments": ("auth", "orders"),
}
PUBLIC = ("auth", "tickets", "orders", "payments")
# What this program says to the services itself; any other TICKETING_ variable reaches them.
OURS = {"TICKETING_" + name for name in
        ("BUS", "BUS_BIND", "CONFIG", "DATABASE", "DATA_DIR", "LISTEN", "ADMIN", "PEER", "JWKS",
         "SECRET", "SIGNING_KEY", "TRUSTED_PROXY", "SERVER")}


def environment():
    return {name: value for name, value in os.environ.items() if name not in OURS}


def program(name, *folders):
    found = shutil.which(name, path=os.pathsep.join([*folders, os.environ.get("PATH", ""),
                                                     "/usr/sbin"]))
    if not found:
        raise Trouble(f"{name} is missing; run tools/install_dependencies servers")
    return found


def _postgres_programs():
    """Debian has each version's programs in a folder of its own."""
    return sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)


class Layout:
    """Where everything is: made once for `up`, and written to the state file."""

    def __init__(self, folder, programs, bus, instances):
        self.folder, self.programs, self.bus, self.instances = folder, programs, bus, instances
        self._ports = Ports()
        self.parts = {}

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def make(self):
        os.makedirs(self.path("logs"), exist_ok=True)
        os.chmod(self.folder, 0o711)  # PostgreSQL, as another user, has to get through.
        ports = {name: self._ports.take() for name in ("postgres", "nats", "watch", "ingress")}
        secret_files.make(self.path("secrets"), f"127.0.0.1:{ports['postgres']}",
                          f"127.0.0.1:{ports['nats']}" if self.bus == "nats" else "", 0o600)
        self._add_postgres(ports["postgres"])
        if self.bus == "nats":
            self._add_nats(ports["nats"], ports["watch"])
        self._add_services(ports["ingress"])
        self.add_ingress(ports["ingress"])
        return self.parts

    def _add(self, name, kind, command, **more):
        self.parts[name] = {"kind": kind, "command": command, "log": self.path("logs", name),
                            "environment": environment(), "user": None, "stop": signal.SIGTERM,
                            "process": None, **more}

    def _add_postgres(self, port):
        folder, programs = self.path("postgres"), _postgres_programs()
        user = pwd.getpwnam("postgres").pw_uid if os.geteuid() == 0 else None
        if not os.path.exists(os.path.join(folder, "PG_VERSION")):
            self._initialise(folder, program("initdb", *programs), user)
        self._add("postgres", "server", [
            program("postgres", *programs), "-D", folder, "-p", str(port),
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
            "-c", "max_connections=300"],
            user=user, port=port, stop=signal.SIGINT)

    def _initialise(self, folder, initdb, user):
        """PostgreSQL refuses to run as root, and reads the password as whoever it runs as."""
        os.makedirs(folder, mode=0o700, exist_ok=True)
        password = folder + ".password"
        shutil.copy(self.path("secrets", "postgres.password"), password)
        if user is not None:
            os.chown(folder, user, -1)
            os.chown(password, user, -1)
        made = subprocess.run(
            [initdb, f"--pgdata={folder}", f"--username={secret_files.USER}", "--encoding=UTF8",
             f"--pwfile={password}", "--auth=scram-sha-256", "--locale=C.UTF-8"],
            user=user, cwd="/", capture_output=True, text=True, check=False)
        os.unlink(password)
        if made.returncode != 0:
            shutil.rmtree(folder)
            raise Trouble("initdb failed: " + made.stderr.strip())

    def _add_nats(self, port, watch):
        self._add("nats", "server", [
            program("nats-server"), "-c", self.path("secrets", "nats.conf"), "-a", "127.0.0.1",
            "-p", str(port), "-m", str(watch), "-js", "-sd", self.path("nats")],
            port=port, watch=watch)

    def _add_services(self, ingress):
        buses = {service: f"tcp://127.0.0.1:{self._ports.take()}" for service in FOLLOWS}
        for service, followed in FOLLOWS.items():
            for number in range(1, self.instances + 1):
                name = f"{service}-{number}"
                api, admin = self._ports.take(), self._ports.take()
                command = [
                    program(f"ticketing-{service}", self.programs),
                    "--config", self.path("secrets", f"{service}.conf"),
                    "--data-dir", self.path(name), "--trusted-proxy", "127.0.0.1",
                    "--listen", f"127.0.0.1:{api}", "--admin", f"127.0.0.1:{admin}"]
                if service == "auth":
                    command += ["--signing-key", self.path("secrets", "signing.key")]
                else:
                    command += ["--jwks", f"http://127.0.0.1:{ingress}/.well-known/jwks.json"]
                # Beside NATS for ticketctl, which listens over ZeroMQ, to any instance.
                bus = buses[service] if number == 1 else f"tcp://127.0.0.1:{self._ports.take()}"
                command += ["--bus-bind", bus]
                if self.bus == "nats":
                    command += ["--secret", self.path("secrets", f"{service}.secret")]
                else:
                    for other in followed:
                        command += ["--peer", f"{other}={buses[other]}"]
                self._add(name, "service", command, service=service, api=api, admin=admin, bus=bus)

    def add_ingress(self, port):
        folder = self.path("ingress")
        os.makedirs(folder, exist_ok=True)
        for name in ("common.conf", "server.conf", "route.conf", "errors.conf"):
            shutil.copy(os.path.join(NGINX, name), folder)
        upstreams = ""
        for service in PUBLIC:
            servers = "".join(
                f"    server 127.0.0.1:{part['api']} max_fails=1 fail_timeout=2s;\n"
                for part in self.parts.values() if part.get("service") == service)
            upstreams += f"  upstream {service} {{\n{servers}    keepalive 64;\n  }}\n"
        with open(os.path.join(NGINX, "local.conf.template"), encoding="utf-8") as file:
            text = string.Template(file.read()).substitute(upstreams=upstreams, port=port)
        with open(os.path.join(folder, "nginx.conf"), "w", encoding="utf-8") as file:
            file.write(text)
        self._add("ingress", "ingress", [program("nginx"), "-p", folder, "-c", "nginx.conf"],
                  port=port)


def _status(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def _sql(part, password, program_name, *arguments):
    return subprocess.run(
        [program(program_name, *_postgres_programs()), "-h", "127.0.0.1", "-p", str(part["port"]),
         "-U", secret_files.USER, *arguments],
        env={"PGPASSWORD": password, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        cwd="/", capture_output=True, text=True, check=False)


def port_of(part):
    """Where it is asked for what it is there for."""
    return part.get("api", part.get("port"))


def ready(name, part):
    if name == "postgres":
        return _sql(part, "", "pg_isready").returncode == 0
    if name == "nats":
        return _status(part["watch"], "/healthz") == 200
    if name == "ingress":
        return _status(part["port"], "/livez") == 200
    return _status(part["admin"], "/readyz") == 200


def make_database(part, password):
    """Once; a database that is there stays as it is."""
    made = _sql(part, password, "createdb", secret_files.USER)
    if made.returncode != 0 and "already exists" not in made.stderr:
        raise Trouble("createdb failed: " + made.stderr.strip())
