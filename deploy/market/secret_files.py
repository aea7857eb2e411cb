"""The secrets of a deployment as files: made once, and never printed.

A service reads where its database and its bus are from `SERVICE.conf`, since both URLs have a
password in them and neither a command line nor an environment is the place for one.
"""

import os
import secrets

SERVICES = ("auth", "tickets", "orders", "expiration", "payments")
USER = "ticketing"  # Of PostgreSQL and of NATS; also the name of the database.


def _write(path, text, mode):
    """Replaces the file as a whole: whoever reads it sees the old text or the new one."""
    draft = f"{path}.new"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        os.fchmod(file.fileno(), mode)
    os.replace(draft, path)


def _kept(path, mode):
    """256 random bits as 64 hex digits, the form that the programs' key files have."""
    if not os.path.exists(path):
        _write(path, secrets.token_hex(32) + "\n", mode)
    with open(path, encoding="ascii") as file:
        return file.read().strip()


def bus_url(password, bus):
    return f"nats://{USER}:{password}@{bus}"


def make(folder, database, bus, mode):
    """Makes what is missing in `folder`, and writes anew what is made of it.

    `database` and `bus` are HOST:PORT; without a bus, events travel over ZeroMQ.
    """
    os.makedirs(folder, mode=0o700, exist_ok=True)
    os.chmod(folder, 0o700)
    path = lambda name: os.path.join(folder, name)
    database_password = _kept(path("postgres.password"), mode)
    bus_password = _kept(path("nats.password"), mode)
    _write(path("nats.conf"),
           f"authorization {{ user: {USER}, password: \"{bus_password}\" }}\n", mode)
    lines = [f"database = postgresql://{USER}:{database_password}@{database}/{USER}"]
    if bus:
        lines.append("bus = " + bus_url(bus_password, bus))
    _kept(path("signing.key"), mode)
    for service in SERVICES:
        _write(path(f"{service}.conf"), "\n".join(lines) + "\n", mode)
        _kept(path(f"{service}.secret"), mode)
