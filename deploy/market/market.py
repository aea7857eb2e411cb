"""A marketplace that runs, as the state file of its folder knows it.

Several programs may work on one folder: whoever changes the state holds a lock, and reads it first.
Errors are of the type Trouble.
"""

import contextlib
import fcntl
import json
import os
import select
import subprocess
import time

from . import parts, processes, secret_files
from .processes import Trouble

READY_SECONDS = 60
END_SECONDS = 15  # A service drains for 5.


class Market:
    def __init__(self, folder):
        self.folder = os.path.realpath(folder)
        self._file = os.path.join(self.folder, "state.json")
        self.state = {"parts": {}}
        self._load()

    def _load(self):
        if os.path.exists(self._file):
            with open(self._file, encoding="utf-8") as file:
                self.state = json.load(file)

    @contextlib.contextmanager
    def _changing(self):
        if not os.path.isdir(self.folder):
            raise Trouble(f"there is no folder {self.folder}; deploy/local up makes it")
        with open(self._file + ".lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._load()
            yield
            with open(self._file + ".new", "w", encoding="utf-8") as file:
                json.dump(self.state, file, indent=2)
            os.replace(self._file + ".new", self._file)

    def part(self, name):
        if name not in self.state["parts"]:
            known = ", ".join(self.state["parts"]) or "none; deploy/local up makes them"
            raise Trouble(f"there is no part {name}; there are: {known}")
        return self.state["parts"][name]

    def running(self, kind=None):
        return [name for name, part in self.state["parts"].items()
                if processes.alive(part["process"]) and kind in (None, part["kind"])]

    def dead(self):
        """The parts that ended by themselves."""
        self._load()
        return [name for name, part in self.state["parts"].items()
                if part["process"] and not processes.alive(part["process"])]

    def lay_out(self, programs, bus, instances):
        """Makes all parts, in place of those that were there; none of them runs."""
        if self.running():
            raise Trouble(f"it is running already; deploy/local down --data-dir {self.folder}")
        os.makedirs(self.folder, exist_ok=True)
        layout = parts.Layout(self.folder, os.path.realpath(programs), bus, instances)
        with self._changing():
            made = layout.make()
            self.state = {"url": f"http://127.0.0.1:{made['ingress']['port']}", "bus": bus,
                          "instances": instances, "programs": layout.programs, "guard": None,
                          "parts": made}

    def start_all(self):
        """Starts what was laid out; on return all are ready."""
        kinds = {name: part["kind"] for name, part in self.state["parts"].items()}
        self._start([name for name, kind in kinds.items() if kind == "server"])
        parts.make_database(self.part("postgres"), self._secret("postgres.password"))
        self._start([name for name, kind in kinds.items() if kind != "server"])

    def _start(self, names):
        for name in names:
            self._launch(name)
        for name in names:
            self._wait_for(name)

    def start(self, name):
        self._start([name])

    def _launch(self, name):
        with self._changing():
            part = self.part(name)
            if processes.alive(part["process"]):
                raise Trouble(f"{name} is running already")
            part["process"] = processes.start(part["command"], part["log"], part["environment"],
                                              part["user"])

    def _wait_for(self, name):
        """A server that was killed may leave behind what is in its own way for a moment."""
        started = time.monotonic()
        if self.part(name)["kind"] == "server":
            processes.until(lambda: self._up_or_again(name), END_SECONDS)
        part = self.part(name)
        alive = lambda: processes.alive(part["process"])
        there = processes.until(lambda: not alive() or parts.ready(name, part), READY_SECONDS)
        if not there or not alive():
            why = f"did not get ready in {READY_SECONDS} s" if alive() else "has ended"
            raise Trouble(self.with_log(name, why))
        waited = time.monotonic() - started
        print(f"{name:<14} ready on 127.0.0.1:{parts.port_of(part)} after {waited:.1f} s",
              flush=True)

    def _up_or_again(self, name):
        if not processes.alive(self.part(name)["process"]):
            self._launch(name)
        return parts.ready(name, self.part(name))

    def with_log(self, name, what):
        log = self.part(name)["log"]
        return f"{name} {what}; the end of {log}:\n{processes.tail(log)}"

    def kill(self, name):
        """It is written down first that it may be gone: see dead()."""
        with self._changing():
            process, self.part(name)["process"] = self.part(name)["process"], None
        processes.kill(process)

    def stop(self, names):
        """Asks all of them to end at once; whoever does not is killed."""
        with self._changing():
            chosen = [self.part(name) for name in names]
            ended = [part["process"] for part in chosen]
            for part in chosen:
                if part["process"]:
                    processes.ask_to_end(part["process"], part["stop"])
                part["process"] = None
        if not processes.until(lambda: not any(map(processes.alive, ended)), END_SECONDS):
            for process in filter(processes.alive, ended):
                processes.kill(process)

    def down(self):
        self._load()
        for kind in ("ingress", "service", "server"):
            names = self.running(kind)
            if names:
                self.stop(names)

    def guard(self, command):
        """Starts `command`, which is to call watch_over()."""
        with self._changing():
            self.state["guard"] = processes.start(
                command, os.path.join(self.folder, "logs", "guard"), dict(os.environ))

    def watch_over(self, pid):
        """Takes all down once the process `pid` is gone, however it went."""
        try:
            select.select([os.pidfd_open(pid)], [], [])
        except ProcessLookupError:
            pass
        self._load()
        guard = self.state.get("guard")
        if guard and guard["pid"] == os.getpid():  # What has been started since is not ours.
            self.down()

    def _secret(self, name):
        with open(os.path.join(self.folder, "secrets", name), encoding="ascii") as file:
            return file.read().strip()

    def client(self, *words):
        """Runs ticketctl as a client of this marketplace; returns its exit status."""
        environment = {**parts.environment(), "TICKETING_SERVER": self.state["url"]}
        running = [self.part(name) for name in self.running("service")]
        buses = {part["service"]: part["bus"] for part in running}  # One instance of each.
        environment["TICKETING_PEER"] = ",".join(sorted(buses.values()))
        ticketctl = parts.program("ticketctl", self.state["programs"])
        return subprocess.run([ticketctl, *words], env=environment, check=False).returncode
