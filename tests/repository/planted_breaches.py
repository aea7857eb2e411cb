"""The self-test: each breach is planted in a tree of its own and must be found, and nothing else.

A checker that finds nothing proves nothing, so what must pass is planted too.
"""

import os
import tempfile

CLEAN = {
    "README.md": "# Clean\n\nSee [the wire](docs/wire.md#frames) and [itself](#clean).\n",
    "docs/wire.md": "# Wire\n\n## Frames\n\n```\n[not a](link)\n```\n",
    "sdk/include/ticketing/core/error.hpp": "#pragma once\n#include <string>\n",
    "sdk/include/ticketing/events/order_status.hpp":
        'constexpr std::array kOrderStatusNames{\n    "created", "awaiting:payment", "complete", '
        '"cancelled"};\n',
    "sdk/src/core/error.cpp": '#include "ticketing/core/error.hpp"\n#include <simdjson.h>\n',
    "services/tickets/storage.cpp": 'auto a = run("select id"\n  " from tickets");\n',
    "services/tickets/storage.hpp": "#pragma once\n",
    "services/tickets/service.hpp": '#pragma once\n#include "ticketing/core/error.hpp"\n',
    "services/orders/service.cpp":
        '#include "ticketing/core/error.hpp"\n// select one from many\n'
        'static_assert(name_of(OrderStatus::cancelled) == "cancelled");\n',
    "services/ticketd/main.cpp": '#include "tickets/service.hpp"\n',
    "cli/main.cpp": "#include <cxxopts.hpp>\n#include <unistd.h>\n",
    "examples/01_first.cpp": '#include "ticketing/core/error.hpp"\n',
    "tests/unit/core/time_test.cpp": 'const char* status = "awaiting:payment";\n',
}

# (what it shows, files, the rule that must be named and where; None: nothing may be found)
PLANTED = [
    ("a lower layer includes a higher one",
     {"sdk/src/storage/a.cpp": '#include "ticketing/messaging/inbox.hpp"\n'},
     ("layer", "sdk/src/storage/a.cpp")),
    ("a public header looks sideways",
     {"sdk/include/ticketing/http/a.hpp": '#include "ticketing/auth/tokens.hpp"\n'},
     ("layer", "sdk/include/ticketing/http/a.hpp")),
    ("a private header of a higher layer",
     {"sdk/src/core/a.cpp": '#include "http/text.hpp"\n'}, ("layer", "sdk/src/core/a.cpp")),
    ("the client includes the runtime",
     {"sdk/src/client/a.cpp": '#include "ticketing/runtime/host.hpp"\n'},
     ("layer", "sdk/src/client/a.cpp")),
    ("the runtime includes the test kit",
     {"sdk/src/runtime/a.cpp": '#include "ticketing/testing/simulator.hpp"\n'},
     ("layer", "sdk/src/runtime/a.cpp")),
    ("a public layer in angle brackets",
     {"sdk/src/core/a.cpp": "#include <ticketing/http/server.hpp>\n"},
     ("layer", "sdk/src/core/a.cpp")),
    ("a folder that is no layer",
     {"sdk/src/helpers/a.cpp": "int a;\n"}, ("layer", "sdk/src/helpers/a.cpp")),
    ("a third-party header in public",
     {"sdk/include/ticketing/core/a.hpp": "#include <simdjson.h>\n"},
     ("third-party-header", "sdk/include/ticketing/core/a.hpp")),
    ("a service includes another",
     {"services/orders/a.cpp": '#include "tickets/service.hpp"\n'},
     ("foreign-include", "services/orders/a.cpp")),
    ("a service includes a library",
     {"services/orders/a.cpp": "#include <zmq.hpp>\n"},
     ("foreign-include", "services/orders/a.cpp")),
    ("the cli includes what is private to the SDK",
     {"cli/a.cpp": '#include "http/text.hpp"\n'}, ("foreign-include", "cli/a.cpp")),
    ("an example includes a library",
     {"examples/02_b.cpp": "#include <httplib.h>\n"}, ("foreign-include", "examples/02_b.cpp")),
    ("an include in a comment does not count",
     {"services/orders/a.cpp": '// #include "tickets/service.hpp"\n'}, None),
    ("SQL in a route, over two literals",
     {"services/orders/routes.cpp": 'auto a = run("SELECT id"\n  " FROM orders");\n'},
     ("sql-outside-storage", "services/orders/routes.cpp")),
    ("SQL in a raw string",
     {"services/orders/service.cpp": 'auto a = R"(\ncreate table t (id text)\n)";\n'},
     ("sql-outside-storage", "services/orders/service.cpp")),
    ("an update in a handler",
     {"services/orders/handlers.cpp": 'run("update orders set a = 1");\n'},
     ("sql-outside-storage", "services/orders/handlers.cpp")),
    ("a status spelled in a service",
     {"services/orders/a.cpp": 'bool a = status == "awaiting:payment";\n'},
     ("status-spelled", "services/orders/a.cpp")),
    ("a final status spelled in the SDK",
     {"sdk/src/runtime/a.cpp": 'bool a = status == "cancelled";\n'},
     ("status-spelled", "sdk/src/runtime/a.cpp")),
    ("a sleep in a test",
     {"tests/unit/a_test.cpp": "void a() { std::this_thread::sleep_for(1ms); }\n"},
     ("sleep-in-test", "tests/unit/a_test.cpp")),
    ("a sleep in a test script", {"tests/a.sh": "start\nsleep 1\n"},
     ("sleep-in-test", "tests/a.sh")),
    ("sleeping in a comment does not count",
     {"tests/unit/a_test.cpp": "// never sleep(1)\nint a;\n"}, None),
    ("a marker", {"docs/a.md": "TO" + "DO: write this\n"}, ("marker", "docs/a.md")),
    ("a temporary name is no marker", {"tools/a": "mktemp -d a.XXXXXX\n"}, None),
    ("a public header too long",
     {"sdk/include/ticketing/core/a.hpp": "int a();\n" * 401},
     ("header-length", "sdk/include/ticketing/core/a.hpp")),
    ("a source too long", {"sdk/src/core/a.cpp": "int a();\n" * 601},
     ("source-length", "sdk/src/core/a.cpp")),
    ("a function too long",
     {"sdk/src/core/a.cpp":
      "namespace a {\nclass B {\n int f(int x) {\n" + "  ++x;\n" * 70 + "}\n};\n}\n"},
     ("function-length", "sdk/src/core/a.cpp")),
    ("a test too long", {"tests/unit/a_test.cpp": "TEST(A, b) {\n" + "  f();\n" * 70 + "}\n"},
     ("function-length", "tests/unit/a_test.cpp")),
    ("many short functions and a long table",
     {"sdk/src/core/a.cpp": "int f() {\n  return 1'000;\n}\n" * 40
      + "constexpr int kTable[] = {\n" + "  '{',\n" * 80 + "};\n"}, None),
    ("a line too long", {"sdk/src/core/a.cpp": "// " + "a" * 98 + "\n"},
     ("line-length", "sdk/src/core/a.cpp")),
    ("columns are characters, not bytes", {"sdk/src/core/a.cpp": "// " + "é" * 97 + "\n"}, None),
    ("a service too long",
     {"services/orders/a.cpp": "int a();\n" * 300, "services/orders/b.cpp": "int b();\n" * 300},
     ("service-length", "services/orders")),
    ("an example too long", {"examples/02_b.cpp": "int a();\n" * 81},
     ("example-length", "examples/02_b.cpp")),
    ("a README too long", {"README.md": "a\n" * 201}, ("readme-length", "README.md")),
    ("a path of one machine", {"tools/a": "cd /ho" + "me/someone\n"}, ("machine-path", "tools/a")),
    ("a path of another site is none", {"docs/a.md": "https://example.com/ho" + "me/a\n"}, None),
    ("an excerpt of what has changed since",
     {"docs/a.md": "<!-- from cli/main.cpp -->\n```cpp\n#include <other.h>\n```\n"},
     ("excerpt", "docs/a.md")),
    ("an excerpt",
     {"docs/a.md": "<!-- from cli/main.cpp -->\n```cpp\n#include <unistd.h>\n```\n"}, None),
    ("what plays the services includes them; the cli may run it",
     {"services/simulation/a.hpp": '#include "tickets/service.hpp"\n',
      "cli/b.cpp": '#include "simulation/a.hpp"\n'}, None),
    ("a refusal that the reference does not explain",
     {"services/orders/a.cpp": 'throw Error(ErrorCode::refused, "No", "order_odd");\n'},
     ("code-unexplained", "services/orders/a.cpp")),
    ("a refusal that it explains",
     {"services/orders/a.cpp": 'throw Error(ErrorCode::refused, "No", "order_odd");\n',
      "services/reference/routes.cpp": 'RefusalDoc a{"order_odd", 400, "it is odd"};\n'}, None),
    ("a link to nowhere", {"docs/a.md": "[a](missing.md)\n"}, ("broken-link", "docs/a.md")),
    ("a link to a heading that is gone", {"docs/a.md": "[a](wire.md#gone)\n"},
     ("broken-link", "docs/a.md")),
    ("a link out of the repository", {"docs/a.md": "[a](../../b.md)\n"},
     ("broken-link", "docs/a.md")),
    ("links elsewhere are not followed", {"docs/a.md": "[a](https://example.com/a)\n"}, None),
    ("a tab", {"tools/a": "if x\n\ty\n"}, ("tab", "tools/a")),
    ("no newline at the end", {"docs/a.md": "end"}, ("final-newline", "docs/a.md")),
]

RULES = {
    "layer", "third-party-header", "foreign-include", "sql-outside-storage", "status-spelled",
    "sleep-in-test", "marker", "header-length", "source-length", "function-length", "line-length",
    "service-length", "example-length", "readme-length", "machine-path", "broken-link", "excerpt",
    "tab", "final-newline", "code-unexplained",
}


def _found_in(files, findings_in):
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**CLEAN, **files}.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8", newline="") as file:
                file.write(text)
        _, findings = findings_in(root)
    return [finding for finding in findings if not finding.is_warning]


def run(findings_in):
    failures = 0
    for shows, files, expected in [("the clean tree", {}, None), *PLANTED]:
        found = _found_in(files, findings_in)
        places = {(finding.rule, finding.path) for finding in found}
        if places != ({expected} if expected else set()):
            failures += 1
            print(f"FAILED: {shows}: expected {expected or 'nothing'}, found:")
            for finding in found:
                print(f"    {finding.text()}")
    never_planted = RULES - {expected[0] for _, _, expected in PLANTED if expected}
    if never_planted:
        failures += 1
        print(f"FAILED: no breach is planted of: {', '.join(sorted(never_planted))}")
    print(f"{len(PLANTED) + 2 - failures} of {len(PLANTED) + 2} self-tests passed")
    return 1 if failures else 0
