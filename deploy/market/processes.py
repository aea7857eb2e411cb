"""Processes that outlive the program that starts them, and are found again by another.

A process is kept as {"pid", "started"}: its id alone may be somebody else's by now, its id and the
tick at which it started are not. Errors are of the type Trouble, one line each.
"""

import os
import signal
import socket
import subprocess
import time

# Below those that the kernel hands to clients; above those of tests, which run beside this.
PORTS = range(20_000, 30_000)


class Trouble(Exception):
    """What keeps the work from going on, in words for people."""


def _status(pid):
    """The fields of /proc/PID/stat from the state on, or none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def _identity(pid):
    fields = _status(pid)
    return {"pid": pid, "started": int(fields[19])} if fields else None


def alive(process):
    """A zombie is dead: whoever started it is gone, or has not looked yet."""
    fields = _status(process["pid"]) if process else []
    return bool(fields) and fields[0] not in "ZX" and int(fields[19]) == process["started"]


def start(command, log, environment, user=None):
    """Starts `command` in a session of its own, with its output at the end of the file `log`."""
    identity = {"user": user, "group": user, "extra_groups": []} if user is not None else {}
    with open(log, "ab") as output:
        try:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                     stderr=output, env=environment, start_new_session=True,
                                     cwd="/", **identity)
        except OSError as error:
            raise Trouble(f"cannot start {command[0]}: {error.strerror}") from error
    return _identity(child.pid) or {"pid": child.pid, "started": -1}


def _descendants(pid):
    """Children leave the group of their parent, as PostgreSQL's do, but not its tree."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = [int(word) for word in file.read().split()]
    except OSError:
        return []
    return children + [below for child in children for below in _descendants(child)]


def _signal(process, number):
    if alive(process):
        try:
            os.kill(process["pid"], number)
        except ProcessLookupError:
            pass


def kill(process):
    """SIGKILL to it and to all that it has started, as of a machine that stops."""
    below = [_identity(pid) for pid in _descendants(process["pid"])] if alive(process) else []
    for one in [process, *below]:
        _signal(one, signal.SIGKILL)
    until(lambda: not any(alive(one) for one in [process, *below]), 10)


def ask_to_end(process, number):
    _signal(process, number)


def reap():
    """Takes note of children that have ended, so that none of them stays a zombie."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0] > 0:
            pass
    except ChildProcessError:
        pass


def until(holds, seconds):
    """Waits for a condition; whether it came to hold in time."""
    end = time.monotonic() + seconds
    while True:
        reap()
        if holds():
            return True
        if time.monotonic() > end:
            return False
        time.sleep(0.03)


def tail(log, lines=20):
    try:
        with open(log, encoding="utf-8", errors="replace") as file:
            return "".join("    " + line for line in file.readlines()[-lines:])
    except OSError:
        return ""


class Ports:
    """Free ports of the loopback, each handed out once."""

    def __init__(self):
        self._next = os.getpid() * 61 % len(PORTS)

    def take(self):
        for _ in PORTS:
            self._next = (self._next + 1) % len(PORTS)
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", PORTS[self._next]))
                    return PORTS[self._next]
                except OSError:
                    continue
        raise Trouble("no port is free")
