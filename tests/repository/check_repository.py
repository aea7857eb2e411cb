#!/usr/bin/env python3
"""Checks the rules of this repository that no compiler checks, and says where one is broken.

    check_repository.py [--root FOLDER]    exit 1 when a rule is broken; warnings are only printed
    check_repository.py --self-test        plants breaches in temporary trees; each must be found

Looks at the files that git tracks or would track; without git, at all but build output.
CONTRIBUTING.md says what the rules are for.
"""

import argparse
import os
import re
import subprocess
import sys
from typing import NamedTuple

sys.dont_write_bytecode = True
import cpp_source  # noqa: E402

COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70
SERVICE_LINES_MAX = 500
EXAMPLE_LINES_MAX = 80
README_LINES_MAX = 200
PUBLIC_HEADER_LINES = (250, 400)  # Warned about beyond the first, refused beyond the second.
SOURCE_LINES = (300, 600)

# What each layer of the SDK may include, beside itself.
LAYERS = {
    "core": set(),
    "events": {"core"},
    "storage": {"core"},
    "postgres": {"core", "storage"},
    "messaging": {"core", "events", "storage"},
    "nats": {"core", "events", "storage", "messaging"},
    "http": {"core"},
    "auth": {"core", "events", "http"},
    "runtime": {"core", "events", "storage", "messaging", "http", "auth"},
    "client": {"core", "events", "storage", "messaging", "http", "auth"},
    "testing": {"core", "events", "storage", "messaging", "http", "auth", "runtime", "client"},
    "nats_testing": {"core", "events", "storage", "messaging", "nats", "http", "auth", "runtime",
                     "client", "testing"},
}
STATUS_HEADER = "sdk/include/ticketing/events/order_status.hpp"
STATUS_WORDS_SHARED = {"created"}  # Also the word for a charge that has no outcome yet.
HOSTS_OF_ALL = {"ticketd", "simulation", "reference"}  # Not services: what may include them.
ADAPTERS = {"providers"}  # Not services: what a service reaches the world through.

# Where each code that an answer may carry is explained, and whose codes those are.
CODES_EXPLAINED = ("services/reference/routes.cpp", "sdk/src/runtime/open_api_refusals.cpp")
ANSWERING = ("services/", "sdk/src/core/json", "sdk/src/http/", "sdk/src/runtime/")

CPP = (".cpp", ".hpp")
WRAPPED = (".cpp", ".hpp", ".py", ".sh", ".cmake", "CMakeLists.txt")
# Bytes that fuzzers have found: not written by anyone, and not to be touched.
FOUND_BYTES = "tests/fuzz/corpus/"
# This checker names what it forbids.
NAMES_THE_FORBIDDEN = "tests/repository/"

REFUSING = re.compile(
    r"ErrorCode::|FieldError|\brefused\(|\bRefusal k|error_response\(|malformed\(")
CODE_WORD = re.compile(r'"([a-z]+(?:_[a-z]+)+)"')
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.M)
SQL = re.compile(
    r"\binsert\s+into\b|\bselect\b.+\bfrom\b|\bupdate\b.+\bset\b|\bdelete\s+from\b"
    r"|\bcreate\s+(unique\s+)?(table|index)\b",
    re.I | re.S,
)
SLEEP = re.compile(r"\bsleep_(for|until)\b|\b[un]?(nano)?sleep\s*\(|^\s*sleep\s+[\d$.]", re.M)
MARKER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.:/])/(work|home|Users)/")
EXCERPT = re.compile(r"<!-- from (\S+) -->\n```\w*\n(.*?)```", re.S)
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)|!\[[^\]\n]*\]\(([^)\s]+)\)")


class Finding(NamedTuple):
    path: str
    line: int
    rule: str
    message: str
    is_warning: bool = False

    def text(self):
        kind = "warning: " if self.is_warning else ""
        return f"{self.path}:{self.line}: {kind}{self.rule}: {self.message}"


class Tree:
    """The text files below a folder, by their path with slashes."""

    def __init__(self, root):
        self.root = root
        self.texts = {}
        for path in sorted(_listed_by_git(root) or _walked(root)):
            if path.startswith(FOUND_BYTES):
                continue
            try:
                with open(os.path.join(root, path), encoding="utf-8", newline="") as file:
                    text = file.read()
            except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
                continue
            if "\0" not in text:
                self.texts[path] = text

    def select(self, *folders, suffixes=CPP):
        for path, text in self.texts.items():
            if path.startswith(folders) and path.endswith(suffixes):
                yield path, text

    def exists(self, path):
        return os.path.exists(os.path.join(self.root, path))


def _listed_by_git(root):
    if not os.path.exists(os.path.join(root, ".git")):
        return None
    command = ["git", "-C", root, "-c", "safe.directory=*", "ls-files", "-z", "-co",
               "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return [path for path in listed.decode().split("\0") if path]


def _walked(root):
    for folder, folders, names in os.walk(root):
        inside = os.path.relpath(folder, root).replace(os.sep, "/")
        output = {".git", "__pycache__"} | ({"build", "data"} if inside == "." else set())
        folders[:] = [name for name in folders if name not in output]
        for name in names:
            yield name if inside == "." else f"{inside}/{name}"


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def line_count(text):
    return text.count("\n") + (not text.endswith("\n") and text != "")


def includes_of(text):
    """(line, is it in angle brackets, target) of each include that is not in a comment."""
    code = cpp_source.parse(text).without_comments
    for match in INCLUDE.finditer(code):
        yield line_of(code, match.start()), match[1] == "<", match[2]


# ---- the layers ----


def layer_of_include(target):
    """The layer that an include in the SDK points at, or None."""
    parts = target.removeprefix("ticketing/").split("/")
    return parts[0] if len(parts) > 1 and parts[0] in LAYERS else None


def check_sdk_layers(tree):
    for folder in ("sdk/include/ticketing/", "sdk/src/"):
        for path, text in tree.select(folder):
            layer = path[len(folder):].split("/")[0]
            if layer not in LAYERS:
                yield Finding(path, 1, "layer", "stands in no layer of the SDK")
                continue
            allowed = LAYERS[layer] | {layer}
            for line, in_angles, target in includes_of(text):
                pointed_at = layer_of_include(target)
                if in_angles and pointed_at is None:
                    continue
                if pointed_at is None:
                    yield Finding(path, line, "layer", f'"{target}" names no layer of the SDK')
                elif pointed_at not in allowed:
                    yield Finding(path, line, "layer", f"{layer} may not include {pointed_at}")


def check_public_headers(tree):
    for path, text in tree.select("sdk/include/"):
        for line, in_angles, target in includes_of(text):
            if in_angles and target not in cpp_source.STANDARD_HEADERS:
                yield Finding(path, line, "third-party-header",
                              f"<{target}> is not of the standard library; it belongs in sdk/src")
            if not in_angles and not target.startswith("ticketing/"):
                yield Finding(path, line, "third-party-header",
                              f'"{target}" is private; a public header includes "ticketing/…"')


def check_outside_sdk(tree):
    """Services, cli and examples: the public SDK, their own folder and the standard library.

    What plays or describes all services, the cli may include too.
    """
    for path, text in tree.select("services/", "cli/", "examples/"):
        parts = path.split("/")
        in_services = parts[0] == "services" and len(parts) > 2
        own_name = parts[1] if in_services else ""
        system = set(cpp_source.STANDARD_HEADERS)
        if parts[0] == "cli":
            system |= cpp_source.POSIX_HEADERS | {"cxxopts.hpp"}
        for line, in_angles, target in includes_of(text):
            if target.startswith("ticketing/") or (in_angles and target in system):
                continue
            beside = f"{os.path.dirname(path)}/{target}"
            if not in_angles and (target.startswith(own_name + "/") or beside in tree.texts):
                continue
            other = target.split("/")[0]
            if parts[0] == "cli" and other in HOSTS_OF_ALL:
                continue
            if in_services and any(p.startswith(f"services/{other}/") for p in tree.texts):
                if own_name in HOSTS_OF_ALL or other in ADAPTERS:
                    continue
                yield Finding(path, line, "foreign-include", f"{own_name} includes {other}; "
                              "services know each other by their events alone")
                continue
            yield Finding(path, line, "foreign-include",
                          f"{target} is neither public SDK nor standard library nor its own")


# ---- what stands where ----


def check_sql(tree):
    for path, text in tree.select("services/"):
        if path.rsplit("/", 1)[1].startswith("storage."):
            continue
        for line, literal in cpp_source.parse(text).literals:
            if SQL.search(literal):
                yield Finding(path, line, "sql-outside-storage", "SQL belongs in storage.*")


def status_words(tree):
    header = tree.texts.get(STATUS_HEADER, "")
    table = re.search(r"kOrderStatusNames\{(.*?)\}", header, re.S)
    words = re.findall(r'"([^"]+)"', table[1]) if table else ["awaiting:payment"]
    return set(words) - STATUS_WORDS_SHARED


def check_status_words(tree):
    words = status_words(tree)
    for path, text in tree.select(""):
        if path == STATUS_HEADER or path.startswith("tests/"):
            continue
        source = cpp_source.parse(text)
        for line, literal in source.literals:
            spelled = literal if literal in words else None
            if "awaiting:payment" in literal:
                spelled = "awaiting:payment"
            # An assertion that ties a word to its definition keeps the two from drifting apart.
            if spelled and "static_assert" not in source.lines[line - 1]:
                yield Finding(path, line, "status-spelled",
                              f'"{spelled}" is spelled in {STATUS_HEADER} alone: use name_of()')


def check_codes(tree):
    """Who refuses a request with a code of its own says in the reference what it means."""
    explained = {word for path in CODES_EXPLAINED
                 for word in CODE_WORD.findall(tree.texts.get(path, ""))}
    for path, text in tree.select(*ANSWERING):
        code = cpp_source.parse(text).without_comments
        for statement in re.finditer(r"[^;]+", code):
            if path in CODES_EXPLAINED or not REFUSING.search(statement[0]):
                continue
            for match in CODE_WORD.finditer(statement[0]):
                if match[1] not in explained:
                    yield Finding(path, line_of(code, statement.start() + match.start()),
                                  "code-unexplained", f"{match[1]} stands in no generated "
                                  f"reference: explain it in {CODES_EXPLAINED[0]}")


def check_sleeps(tree):
    for path, text in tree.select("tests/", suffixes=(*CPP, ".py", ".sh")):
        if path.startswith(NAMES_THE_FORBIDDEN):
            continue
        code = cpp_source.parse(text).without_comments if path.endswith(CPP) else text
        for match in SLEEP.finditer(code):
            yield Finding(path, line_of(code, match.end()), "sleep-in-test",
                          "step the time, or wait for a condition with a deadline")


# ---- sizes ----


def check_file_lengths(tree):
    for path, text in tree.select(""):
        is_public = path.startswith("sdk/include/")
        rule = "header-length" if is_public else "source-length"
        warned, refused = PUBLIC_HEADER_LINES if is_public else SOURCE_LINES
        lines = line_count(text)
        if lines > warned:
            limit = refused if lines > refused else warned
            yield Finding(path, lines, rule, f"{lines} lines, over {limit}: split it",
                          is_warning=lines <= refused)


def check_function_lengths(tree):
    for path, text in tree.select(""):
        for first, last in cpp_source.functions(cpp_source.parse(text).code):
            if last - first >= FUNCTION_LINES_MAX:
                yield Finding(path, first, "function-length",
                              f"{last - first + 1} lines, over {FUNCTION_LINES_MAX}")


def check_line_lengths(tree):
    for path, text in tree.select("", suffixes=WRAPPED):
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) > COLUMNS_MAX:
                yield Finding(path, number, "line-length",
                              f"{len(line)} columns, over {COLUMNS_MAX}")


def check_small_parts(tree):
    services = {}
    for path, text in tree.select("services/"):
        parts = path.split("/")
        if len(parts) > 2 and parts[1] not in HOSTS_OF_ALL:
            services[parts[1]] = services.get(parts[1], 0) + line_count(text)
    for name, lines in services.items():
        if lines >= SERVICE_LINES_MAX:
            yield Finding(f"services/{name}", 1, "service-length",
                          f"{lines} lines in all, not under {SERVICE_LINES_MAX}")
    for path, text in tree.select("examples/"):
        if line_count(text) > EXAMPLE_LINES_MAX:
            yield Finding(path, 1, "example-length",
                          f"{line_count(text)} lines, over {EXAMPLE_LINES_MAX}")
    readme = line_count(tree.texts.get("README.md", ""))
    if readme > README_LINES_MAX:
        yield Finding("README.md", 1, "readme-length", f"{readme} lines, over {README_LINES_MAX}")


# ---- all text ----


def check_text(tree):
    for path, text in tree.texts.items():
        if text and not text.endswith("\n"):
            yield Finding(path, line_count(text), "final-newline", "the last line does not end")
        if "\t" in text:
            yield Finding(path, line_of(text, text.index("\t")), "tab", "indent with blanks")
        if path.startswith(NAMES_THE_FORBIDDEN):
            continue
        for match in MARKER.finditer(text):
            yield Finding(path, line_of(text, match.start()), "marker",
                          f"{match[0]}: do it, or open an issue")
        for match in MACHINE_PATH.finditer(text):
            yield Finding(path, line_of(text, match.start()), "machine-path",
                          f"{match[0]} is a folder of one machine")


def without_code(markdown):
    """Fenced blocks and code spans blanked, line breaks kept."""
    blank = lambda match: re.sub(r"[^\n]", " ", match[0])
    markdown = re.sub(r"^( *)(```|~~~).*?^ *\2 *$", blank, markdown, flags=re.M | re.S)
    return re.sub(r"`[^`\n]+`", blank, markdown)


def anchors_of(markdown):
    """The anchors that GitHub makes of headings."""
    seen = {}
    fenced = re.sub(r"^( *)(```|~~~).*?^ *\2 *$", "", markdown, flags=re.M | re.S)
    for heading in re.findall(r"^#{1,6} +(.+?) *#*$", fenced, re.M):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        seen[slug] = seen.get(slug, -1) + 1
        yield slug if seen[slug] == 0 else f"{slug}-{seen[slug]}"


def check_links(tree):
    for path, text in tree.select("", suffixes=(".md",)):
        plain = without_code(text)
        for match in LINK.finditer(plain):
            target = match[1] or match[2]
            if re.match(r"[a-z][a-z0-9+.-]*:|//", target, re.I):
                continue
            file, _, anchor = target.partition("#")
            pointed_at = os.path.normpath(os.path.join(os.path.dirname(path), file))
            pointed_at = pointed_at.replace(os.sep, "/") if file else path
            line = line_of(plain, match.start())
            if pointed_at.startswith("../") or file.startswith("/") or not tree.exists(pointed_at):
                yield Finding(path, line, "broken-link", f"{target} names no file here")
            elif anchor and pointed_at.endswith(".md"):
                if anchor not in anchors_of(tree.texts.get(pointed_at, "")):
                    yield Finding(path, line, "broken-link", f"{target} names no heading there")


def check_excerpts(tree):
    """A block of code below `<!-- from FILE -->` stands in FILE, word for word."""
    for path, text in tree.select("", suffixes=(".md",)):
        for match in EXCERPT.finditer(text):
            if match[2] not in tree.texts.get(match[1], ""):
                yield Finding(path, line_of(text, match.start()), "excerpt",
                              f"this does not stand in {match[1]} (any more)")


CHECKS = (
    check_sdk_layers, check_public_headers, check_outside_sdk, check_sql, check_status_words,
    check_codes, check_sleeps, check_file_lengths, check_function_lengths, check_line_lengths,
    check_small_parts, check_text, check_links, check_excerpts,
)


def findings_in(root):
    tree = Tree(root)
    return len(tree.texts), [finding for check in CHECKS for finding in check(tree)]


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(here)))
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        import planted_breaches
        return planted_breaches.run(findings_in)
    count, findings = findings_in(arguments.root)
    for finding in findings:
        print(finding.text())
    breaches = sum(not finding.is_warning for finding in findings)
    print(f"{count} files, {breaches} breaches, {len(findings) - breaches} warnings")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
