// The checker on a specification that everybody knows: a register that is written and read.

#include "checker.hpp"

#include <gtest/gtest.h>

#include <map>

namespace ticketing::linear {
namespace {

struct Access {
  bool writes;
  State value;
};

/// A register that holds 0 at first, and moves by itself from a value to another as `moves` says.
class Register final : public Specification {
 public:
  void write(int from, int to, State value) { add(from, to, {true, value}, true); }
  void read(int from, int to, State value) { add(from, to, {false, value}, true); }
  void write_perhaps(int from, int to, State value) { add(from, to, {true, value}, false); }

  const std::vector<Step>& steps() const override { return steps_; }
  State initial() override { return 0; }
  std::vector<State> after(State state, std::size_t step) override {
    const Access& access = accesses_[step];
    if (access.writes) return {access.value};
    return access.value == state ? std::vector<State>{state} : std::vector<State>{};
  }
  std::vector<Move> drift(State state, unsigned) override {
    return moves.contains(state) ? std::vector<Move>{{moves.at(state)}} : std::vector<Move>{};
  }

  std::map<State, State> moves;

 private:
  void add(int from, int to, Access access, bool must) {
    steps_.push_back({Instant{from}, to < 0 ? kNever : Instant{to}, must});
    accesses_.push_back(access);
  }

  std::vector<Step> steps_;
  std::vector<Access> accesses_;
};

TEST(Checker, nothing_at_all_is_linearizable) {
  Register nothing;
  EXPECT_EQ(check(nothing).verdict, Verdict::linearizable);
}

TEST(Checker, a_read_sees_the_last_write_before_it) {
  Register r;
  r.write(0, 1, 5);
  r.read(2, 3, 5);
  EXPECT_EQ(check(r).verdict, Verdict::linearizable);
}

TEST(Checker, a_read_may_not_see_what_was_overwritten_before_it_began) {
  Register r;
  r.write(0, 1, 5);
  r.write(2, 3, 6);
  r.read(4, 5, 5);
  EXPECT_EQ(check(r).verdict, Verdict::violated);
}

TEST(Checker, a_read_during_a_write_may_see_either_value) {
  for (const State seen : {0U, 5U}) {
    Register r;
    r.write(0, 9, 5);
    r.read(2, 3, seen);
    EXPECT_EQ(check(r).verdict, Verdict::linearizable) << seen;
  }
}

TEST(Checker, reads_one_after_the_other_may_not_go_back) {
  Register r;
  r.write(0, 9, 5);
  r.read(1, 2, 5);
  r.read(3, 4, 0);
  EXPECT_EQ(check(r).verdict, Verdict::violated);
}

TEST(Checker, what_touches_in_time_is_concurrent) {
  Register r;
  r.write(0, 4, 5);
  r.read(4, 5, 0);
  EXPECT_EQ(check(r).verdict, Verdict::linearizable);
}

// Herlihy and Wing's example: two writes and two reads that cross.
TEST(Checker, crossing_reads_of_two_writes_need_one_order_for_all) {
  Register agreeing;
  agreeing.write(0, 10, 1);
  agreeing.write(0, 10, 2);
  agreeing.read(1, 3, 1);
  agreeing.read(4, 6, 2);
  EXPECT_EQ(check(agreeing).verdict, Verdict::linearizable);
  Register crossing = agreeing;
  crossing.read(7, 8, 1);
  EXPECT_EQ(check(crossing).verdict, Verdict::violated);
}

TEST(Checker, what_may_have_happened_is_taken_where_it_helps_and_left_where_not) {
  for (const State seen : {0U, 5U}) {
    Register r;
    r.write_perhaps(0, -1, 5);
    r.read(4, 5, seen);
    EXPECT_EQ(check(r).verdict, Verdict::linearizable) << seen;
  }
}

TEST(Checker, what_may_have_happened_did_not_before_it_was_asked_for) {
  Register r;
  r.write_perhaps(6, -1, 5);
  r.read(4, 5, 5);
  EXPECT_EQ(check(r).verdict, Verdict::violated);
}

TEST(Checker, what_may_have_happened_did_not_after_its_time) {
  Register r;
  r.write_perhaps(0, 3, 5);
  r.write(4, 5, 6);
  r.read(6, 7, 5);
  EXPECT_EQ(check(r).verdict, Verdict::violated);
}

// To take the read at 4 first would shut out the write that has to come before it.
TEST(Checker, a_look_does_not_overtake_what_may_have_happened_before_it) {
  Register r;
  r.write_perhaps(0, 3, 5);
  r.read(4, 9, 0);
  r.write(4, 9, 0);
  r.read(4, 9, 5);
  EXPECT_EQ(check(r).verdict, Verdict::linearizable);
}

TEST(Checker, what_moves_by_itself_may_move_at_any_time) {
  Register r;
  r.moves = {{5, 6}, {6, 7}};
  r.write(0, 1, 5);
  r.read(2, 3, 6);
  r.read(4, 5, 7);
  EXPECT_EQ(check(r).verdict, Verdict::linearizable);
  r.read(6, 7, 5);
  EXPECT_EQ(check(r).verdict, Verdict::violated);
}

TEST(Checker, too_many_configurations_are_no_decision) {
  Register r;
  for (State i = 1; i <= 12; ++i) r.write(0, 100, i);
  r.read(0, 100, 99);
  EXPECT_EQ(check(r, 1'000).verdict, Verdict::undecided);
  EXPECT_EQ(check(r, 100'000).verdict, Verdict::violated);
}

TEST(Checker, tells_how_far_it_came) {
  Register r;
  r.write(0, 1, 5);
  r.read(2, 3, 5);
  r.read(4, 5, 9);
  const Result result = check(r);
  EXPECT_EQ(result.verdict, Verdict::violated);
  EXPECT_EQ(result.state, 5U);
  EXPECT_EQ(result.done, (std::vector<bool>{true, true, false}));
}

}  // namespace
}  // namespace ticketing::linear
