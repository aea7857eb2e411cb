"""Just enough of C++ to check the repository's rules: comments, literals, includes, functions."""

import functools
import re
from typing import NamedTuple

STANDARD_HEADERS = frozenset("""
algorithm any array atomic barrier bit bitset charconv chrono codecvt compare complex concepts
condition_variable coroutine deque exception execution expected filesystem format forward_list
fstream functional future initializer_list iomanip ios iosfwd iostream istream iterator latch
limits list locale map memory memory_resource mutex new numbers numeric optional ostream queue
random ranges ratio regex scoped_allocator semaphore set shared_mutex source_location span sstream
stack stdexcept stop_token streambuf string string_view strstream syncstream system_error thread
tuple type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant vector
version cassert cctype cerrno cfenv cfloat cinttypes climits clocale cmath csetjmp csignal cstdarg
cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar cwctype
""".split())

POSIX_HEADERS = frozenset("""
fcntl.h poll.h pwd.h signal.h sys/ioctl.h sys/stat.h sys/types.h sys/wait.h termios.h unistd.h
""".split())

# Digit separators (1'000) are told from characters by what stands before the quote.
TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      |R"(?P<mark>[^\s()\\]{0,16})\((?P<raw>.*?)\)(?P=mark)"
      |"(?P<text>(?:\\.|[^"\\\n])*)"
      |(?<![0-9A-Fa-f_])'(?:\\.|[^'\\\n])+'""",
    re.S | re.X,
)


class Source(NamedTuple):
    code: str              # Comments and literals blanked, line breaks kept.
    without_comments: str  # Only comments blanked.
    literals: list         # (line, text); literals that stand side by side are one.
    lines: list            # As written.


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


@functools.lru_cache(maxsize=None)
def parse(text):
    code, uncommented, literals = [], [], []
    position = 0
    literal_end = None  # Where the literal before ended, unless code came since.
    for match in TOKEN.finditer(text):
        between = text[position:match.start()]
        code.append(between)
        uncommented.append(between)
        code.append(_blank(match[0]))
        uncommented.append(_blank(match[0]) if match["comment"] is not None else match[0])
        position = match.end()
        if between.strip():
            literal_end = None
        written = match["raw"] if match["raw"] is not None else match["text"]
        if written is None:
            continue
        if literal_end is not None:
            line, before = literals[-1]
            literals[-1] = (line, before + written)
        else:
            literals.append((text.count("\n", 0, match.start()) + 1, written))
        literal_end = match.end()
    code.append(text[position:])
    uncommented.append(text[position:])
    return Source("".join(code), "".join(uncommented), literals, text.split("\n"))


def _without_preprocessor(code):
    directive = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
    return directive.sub(lambda match: _blank(match[0]), code)


def _end_of_braces(code, start):
    depth = 0
    for match in re.compile(r"[{}]").finditer(code, start):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return match.start()
    return len(code) - 1


def functions(code):
    """(first line, last line) of each function that stands in a namespace or a class.

    Counts braces: what is opened behind a parameter list is a function, what is opened behind
    `namespace`, `class` and the like is looked into, and any other brace is a value.
    """
    code = _without_preprocessor(code)
    found = []
    header_start = position = 0
    mark = re.compile(r"[{};]")
    while match := mark.search(code, position):
        position = match.end()
        if match[0] != "{":
            header_start = position
            continue
        header = code[header_start:match.start()]
        is_scope = re.search(r"\bnamespace\b|\bextern\s*$", header) or (
            re.search(r"\b(class|struct|union|enum)\b", header) and ")" not in header)
        if is_scope:
            header_start = position
            continue
        end = _end_of_braces(code, match.start())
        if ")" in header:
            start = header_start + len(header) - len(header.lstrip())
            found.append((code.count("\n", 0, start) + 1, code.count("\n", 0, end) + 1))
        position = header_start = end + 1
    return found
