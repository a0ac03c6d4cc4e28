from __future__ import annotations

from bot.slack import recent
from bot.slack.recent import Recent


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_thing_is_new_once_until_its_time_has_passed():
    clock = Clock()
    seen = Recent(4, clock)
    assert [seen.is_new("jane", "a"), seen.is_new("jane", "a"), seen.is_new("sam", "a")] == [True, False, True]
    clock.now = 3.9
    assert not seen.is_new("jane", "a")
    clock.now = 4
    assert seen.is_new("jane", "a")


def test_what_was_done_before_the_last_thing_may_be_done_again():
    seen = Recent(4, Clock())
    assert [seen.is_new("jane", thing) for thing in ("pause", "resume", "pause", "pause")] == [True, True, True, False]


def test_it_forgets_what_is_old_and_what_is_too_much(monkeypatch):
    monkeypatch.setattr(recent, "_MOST_KEPT", 3)
    clock = Clock()
    seen = Recent(4, clock)
    for source in range(5):
        assert seen.is_new(source)
    assert len(seen._last) == 3
    assert seen.is_new(0)
    clock.now = 10
    assert seen.is_new("x")
    assert list(seen._last) == ["x"]
