"""The evaluations can be run, with Claude and without, and say which is which."""

import re
from pathlib import Path

import pytest

from evaluation.research.run import main as evaluate_research
from provisioning_assets_tests.claude_service import Reply, claude_service
from provisioning_assets_tests.research.profile.plumbers import said

SITE = "auto-kunetice"


def test_research_without_a_key_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    assert evaluate_research(["--only", SITE, "--claude"]) == 0
    printed = capsys.readouterr().out
    assert "Not read by Claude" in printed
    assert re.search(r"^seen: 1 sites$", printed, re.MULTILINE)


def test_research_with_claude_prints_both_readings_and_the_cost(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with claude_service(lambda _: Reply(said())) as service:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", service.address)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-key")
        for calls in ("3 calls, 0 answers reused, 0.01 USD", "0 calls, 3 answers reused, 0.00 USD"):
            assert evaluate_research(["--only", SITE, "--claude", "--answers", str(tmp_path)]) == 0
            printed = capsys.readouterr().out
            assert "seen: 1 sites" in printed
            assert "seen, read by Claude: 1 sites" in printed
            assert calls in printed
