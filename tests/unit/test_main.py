"""The way into the command line."""

from __future__ import annotations

import pytest

from bot.__main__ import main


def test_ctrl_c_on_the_way_ends_it_without_a_word(monkeypatch, capsys):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.cli.main", interrupted)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert capsys.readouterr() == ("", "")
