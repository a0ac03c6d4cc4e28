from __future__ import annotations

from bot.slack import recent
from bot.slack.recent import Recent


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_key_is_new_once_until_its_time_has_passed():
    clock = Clock()
    seen = Recent(4, clock)
    assert [seen.is_new("a"), seen.is_new("a"), seen.is_new("b")] == [True, False, True]
    clock.now = 3.9
    assert not seen.is_new("a")
    clock.now = 4
    assert seen.is_new("a")


def test_it_forgets_what_is_old_and_what_is_too_much(monkeypatch):
    monkeypatch.setattr(recent, "_MOST_KEPT", 3)
    clock = Clock()
    seen = Recent(4, clock)
    for key in range(5):
        assert seen.is_new(key)
    assert len(seen._seen) == 3
    assert seen.is_new(0)
    clock.now = 10
    assert seen.is_new("x")
    assert list(seen._seen) == ["x"]
