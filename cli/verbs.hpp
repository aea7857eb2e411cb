#pragma once
// The verbs' functions, each in the file of its noun. Each throws Error; returning means done.

namespace ticketing::cli {

class Arguments;
class Invocation;

// account.cpp
void sign_up(const Arguments& arguments, Invocation& invocation);
void sign_in(const Arguments& arguments, Invocation& invocation);
void sign_out(const Arguments& arguments, Invocation& invocation);
void who_am_i(const Arguments& arguments, Invocation& invocation);
// profile_verbs.cpp
void list_profiles(const Arguments& arguments, Invocation& invocation);
void use_profile(const Arguments& arguments, Invocation& invocation);
void remove_profile(const Arguments& arguments, Invocation& invocation);
// ticket.cpp
void list_tickets(const Arguments& arguments, Invocation& invocation);
void sell_ticket(const Arguments& arguments, Invocation& invocation);
void edit_ticket(const Arguments& arguments, Invocation& invocation);
// order.cpp
void order_ticket(const Arguments& arguments, Invocation& invocation);
void list_orders(const Arguments& arguments, Invocation& invocation);
void cancel_order(const Arguments& arguments, Invocation& invocation);
// payment.cpp
void pay_order(const Arguments& arguments, Invocation& invocation);
// show.cpp
void show(const Arguments& arguments, Invocation& invocation);
// event.cpp
void tail_events(const Arguments& arguments, Invocation& invocation);
void replay_events(const Arguments& arguments, Invocation& invocation);
// verify.cpp
void verify_invariants(const Arguments& arguments, Invocation& invocation);
// keys.cpp
void new_keys(const Arguments& arguments, Invocation& invocation);
// dead_letters.cpp
void list_dead_letters(const Arguments& arguments, Invocation& invocation);
void show_dead_letter(const Arguments& arguments, Invocation& invocation);
void redrive_dead_letters(const Arguments& arguments, Invocation& invocation);
void skip_dead_letter(const Arguments& arguments, Invocation& invocation);
// trace.cpp
void trace(const Arguments& arguments, Invocation& invocation);
// simulation.cpp
void run_simulation(const Arguments& arguments, Invocation& invocation);
// migrate.cpp
void migrate_databases(const Arguments& arguments, Invocation& invocation);
// schema.cpp
void print_event_schemas(const Arguments& arguments, Invocation& invocation);
void print_async_api(const Arguments& arguments, Invocation& invocation);
void print_open_api(const Arguments& arguments, Invocation& invocation);
// manual.cpp
void print_shell_completions(const Arguments& arguments, Invocation& invocation);
void print_manual(const Arguments& arguments, Invocation& invocation);
// demo.cpp
void play_demo(const Arguments& arguments, Invocation& invocation);

}  // namespace ticketing::cli
