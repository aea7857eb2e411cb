#include "verbs.hpp"

#include <array>

#include "verb.hpp"

namespace ticketing::cli {
namespace {

constexpr std::array kGlobalFlags{
    Flag{"server", "URL", "http://127.0.0.1:8080", "the services' address"},
    Flag{"profile", "NAME", "", "which of your profiles to use, else that in use"},
    Flag{"json", "", "", "data as JSON, for programs"},
    Flag{"no-color", "", "", "no colour, even on a terminal (NO_COLOR does the same)"},
    Flag{"peer", "ENDPOINT", "tcp://127.0.0.1:7100", "the events' endpoint; repeatable", true},
    Flag{"bus-key", "FILE", "", "your key on the bus, where that is encrypted"},
    Flag{"bus-allow", "FILE", "", "the publishers' public keys; --peer is NAME=ENDPOINT then"},
};

constexpr Flag kPasswordFile{"password-file", "FILE", "", "the password is FILE's first line"};
constexpr Flag kPasswordStdin{"password-stdin", "", "",
                              "the password is standard input's first line"};
constexpr Flag kWatch{"watch", "", "", "print the events that it causes, until nothing is owed"};
constexpr Flag kWatchTimeout{"timeout", "TIME", "30s", "of --watch: fail when it takes longer"};

constexpr std::array kSignInFlags{kPasswordFile, kPasswordStdin};
constexpr std::array kSignUpFlags{kPasswordFile, kPasswordStdin, kWatch, kWatchTimeout};
constexpr std::array kWatchFlags{kWatch, kWatchTimeout};

constexpr Flag kLimit{"limit", "N", "100", "at most N"};
constexpr Flag kAfter{"after", "ID", "", "only what comes after ID"};

constexpr std::array kListFlags{kLimit, kAfter,
                                Flag{"seller", "USER", "", "only tickets of this user's"}};
constexpr std::array kOrdersFlags{kLimit, kAfter,
                                  Flag{"status", "STATUS", "", "only orders in this status"}};

constexpr std::array kEditFlags{
    Flag{"title", "TITLE", "", "the new title"},
    Flag{"price", "PRICE", "", "the new price in dollars, as in 19.99"},
    kWatch,
    kWatchTimeout,
};
constexpr std::array kPayFlags{
    Flag{"token", "TOKEN", "", "the card's token, as in tok_visa; required"},
    kWatch,
    kWatchTimeout,
};

constexpr Flag kSubject{"subject", "SUBJECT", "", "only events of SUBJECT; repeatable", true};
constexpr Flag kPublisher{"publisher", "LOG", "", "only events of LOG; repeatable", true};
constexpr Flag kEventOutput{"output", "FORMAT", "lines",
                            "lines, or cloudevents: one in JSON a line"};

constexpr std::array kTailFlags{
    Flag{"from", "N", "", "start at offset N of every log instead of now"},
    kSubject,
    kPublisher,
    kEventOutput,
    Flag{"count", "N", "", "stop after N events"},
    Flag{"timeout", "TIME", "", "stop after TIME; with --count, fewer events are a failure"},
};
constexpr std::array kReplayFlags{
    Flag{"from", "N", "1", "start at offset N of every log"},
    Flag{"to", "N", "", "stop behind offset N of every log instead of at its end"},
    kSubject,
    kPublisher,
    kEventOutput,
    Flag{"timeout", "TIME", "30s", "fail when it takes longer than TIME"},
};
constexpr std::array kVerifyFlags{
    Flag{"wait", "TIME", "", "what is owed for TIME is a breach; waits that long"},
    Flag{"timeout", "TIME", "60s", "fail when it takes longer than TIME"},
};
constexpr Flag kAdmin{"admin", "URL", "http://127.0.0.1:8081",
                      "a process's admin listener; repeatable", true};
constexpr Flag kService{"service", "NAME", "", "only what this service has set aside"};
constexpr Flag kDryRun{"dry-run", "", "", "change nothing; say what would be done"};
constexpr std::array kLettersFlags{
    kAdmin, kService, Flag{"state", "STATE", "", "only retry, behind or dead"}, kLimit};
constexpr std::array kLetterFlags{kAdmin};
constexpr std::array kRedriveFlags{
    kAdmin, Flag{"all", "", "", "all that are dead, by the order of their logs"}, kService,
    kDryRun};
constexpr std::array kSkipFlags{kAdmin, kDryRun};
constexpr std::array kMigrateFlags{
    Flag{"data-dir", "DIR", "./data", "the folder with the services' files"},
    Flag{"database", "URL", "", "as in postgresql://USER@HOST/DATABASE; required"},
    Flag{"service", "SERVICE", "", "only this one's file; repeatable", true},
    kDryRun,
};
constexpr std::array kTraceFlags{
    Flag{"timeout", "TIME", "60s", "fail when a reading takes longer than TIME"}};
constexpr std::array kSimulationFlags{
    Flag{"seed", "N", "1", "the first seed; the same seed is the same run, anywhere"},
    Flag{"seeds", "N", "1", "how many, one after another"},
    Flag{"steps", "N", "40", "what people do in each"},
    Flag{"transport", "NAME", "zmq", "what carries events: zmq or nats"},
    Flag{"no-faults", "", "", "let nothing go wrong"},
    Flag{"trace", "", "", "print what happened"},
};
constexpr std::array kKeysFlags{
    Flag{"out", "DIR", ".", "the folder that the two files are written to"}};
constexpr std::array kDemoFlags{
    Flag{"timeout", "TIME", "15s", "fail when a step takes longer than TIME"}};

constexpr std::array kVerbs{
    Verb{"signup", "EMAIL", "make an account and sign in", kSignUpFlags, &sign_up},
    Verb{"signin", "EMAIL", "sign in; the session is kept in the profile", kSignInFlags, &sign_in},
    Verb{"signout", "", "end the session, here and on the server", kWatchFlags, &sign_out},
    Verb{"whoami", "", "show who is signed in", {}, &who_am_i},
    Verb{"profile list", "", "list your profiles, and where each is signed in", {}, &list_profiles},
    Verb{"profile use",
         "NAME",
         "use a profile from now on, with --server and --peer if given",
         {},
         &use_profile},
    Verb{"profile remove",
         "NAME",
         "forget a profile: its session and its addresses",
         {},
         &remove_profile},
    Verb{"list", "", "list free tickets", kListFlags, &list_tickets},
    Verb{"sell", "TITLE PRICE", "offer a ticket; PRICE in dollars, as in 19.99", kWatchFlags,
         &sell_ticket},
    Verb{"edit", "TICKET", "change the title or price of your ticket", kEditFlags, &edit_ticket},
    Verb{"show", "ID", "show a ticket, an order or a payment", {}, &show},
    Verb{"order", "TICKET", "order a ticket", kWatchFlags, &order_ticket},
    Verb{"orders", "", "list your orders", kOrdersFlags, &list_orders},
    Verb{"cancel", "ORDER", "cancel an order", kWatchFlags, &cancel_order},
    Verb{"pay", "ORDER", "pay for an order", kPayFlags, &pay_order},
    Verb{"events tail", "[SUBJECT...]", "follow events as they are published", kTailFlags,
         &tail_events},
    Verb{"events replay", "[SUBJECT...]", "print published events, up to now", kReplayFlags,
         &replay_events},
    Verb{"verify", "", "check the invariants against the running services", kVerifyFlags,
         &verify_invariants},
    Verb{"keys new", "NAME", "make a key for the bus: NAME.key and NAME.pub", kKeysFlags,
         &new_keys},
    Verb{"dlq list", "", "list the events that services have set aside", kLettersFlags,
         &list_dead_letters},
    Verb{"dlq show", "SERVICE LOG OFFSET", "show one, with its event", kLetterFlags,
         &show_dead_letter},
    Verb{"dlq redrive", "[SERVICE] [LOG] [OFFSET]", "let one be tried again, or all that are dead",
         kRedriveFlags, &redrive_dead_letters},
    Verb{"dlq skip", "SERVICE LOG OFFSET", "give a dead letter up for good", kSkipFlags,
         &skip_dead_letter},
    Verb{"trace", "ID", "show what an order, ticket, payment, user or request led to", kTraceFlags,
         &trace},
    Verb{"migrate", "", "move the services' SQLite files to PostgreSQL", kMigrateFlags,
         &migrate_databases},
    Verb{"sim run", "", "play the marketplace through storms, in simulation", kSimulationFlags,
         &run_simulation},
    Verb{"schema events",
         "[SUBJECT]",
         "print JSON Schema of the events, or of one",
         {},
         &print_event_schemas},
    Verb{"schema asyncapi", "", "print the events as AsyncAPI", {}, &print_async_api},
    Verb{"schema openapi", "", "print the HTTP API as OpenAPI", {}, &print_open_api},
    Verb{"demo", "", "play the whole flow, with its events as they arrive", kDemoFlags, &play_demo},
    Verb{"completions",
         "SHELL",
         "print the completions for bash, zsh or fish",
         {},
         &print_shell_completions},
    Verb{"man", "", "print the manual page, for man -l -", {}, &print_manual},
};

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }
std::span<const Flag> global_flags() { return kGlobalFlags; }

}  // namespace ticketing::cli
