"""Every alert has a page, and what a page tells to do can be done."""

from __future__ import annotations

import functools
import json
import re
import shlex
import subprocess
import sys

import pytest
from dangol_dev.monitoring.alerts import ALERTS, Alert
from graphql import build_schema, parse, validate

from tests.charts.observing import documented
from tests.charts.rendering import ROOT, default, run_tool

FOLDER = ROOT / "docs/runbooks"
PAGES = {path.stem: path.read_text() for path in sorted(FOLDER.glob("Dangol*.md"))}
SECTIONS = ["## What it means", "## What people notice", "## Look", "## Do"]
PROGRAMS = {"kubectl", "helm", "curl", "grep", "dangol"}
_COMMAND = re.compile(r"^    (\S.*)$", re.MULTILINE)
_INLINE = re.compile(r"`((?:kubectl|helm|dangol) [^`]+)`")


def commands(page: str) -> list[str]:
    """What a page tells to type, in its blocks and within its sentences."""
    return [*_COMMAND.findall(page), *_INLINE.findall(page)]


def test_every_alert_has_its_page_and_every_page_its_alert() -> None:
    """And the list of pages has each of them with its severity."""
    assert {alert.name for alert in ALERTS} == set(PAGES)
    rows = re.findall(r"^\| \[(\w+)\]\((\w+)\.md\) \| (\w+) \|$", _index(), re.MULTILINE)
    assert [(one.name, one.name, one.severity) for one in _sorted()] == sorted(rows)


def _index() -> str:
    return (FOLDER / "README.md").read_text()


def _sorted() -> list[Alert]:
    return sorted(ALERTS, key=lambda alert: alert.name)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_all_sections_and_known_neighbours(name: str) -> None:
    """Meaning, impact, where to look, what to do; pages that it refers to are there."""
    page = PAGES[name]
    assert page.startswith(f"# {name}\n")
    assert SECTIONS == [line for line in page.splitlines() if line.startswith("## ")]
    assert set() == set(re.findall(r"\bDangol[A-Z]\w+", page)) - set(PAGES)


@functools.cache
def kubectl_help(verb: str) -> str:
    """What kubectl says of a command; empty where it knows none."""
    done = run_tool("kubectl", *verb.split(), "--help")
    return done.stdout if done.returncode == 0 else ""


@functools.cache
def kubectl_options() -> str:
    """Options that every command takes."""
    return run_tool("kubectl", "options").stdout


@pytest.mark.parametrize("name", PAGES)
def test_a_pages_commands_exist(name: str) -> None:
    """Programs, kubectl's commands, resources and options, and this chart's own objects."""
    for command in commands(PAGES[name]):
        for part in re.split(r" \| ", command.removesuffix(" &")):
            words = shlex.split(part)
            assert words[0] in PROGRAMS, command
            if words[0] == "kubectl":
                check_kubectl(words[1:], command)
            if words[0] == "dangol":
                assert 0 == _dangol_help(*words[1:]), command
            if words[0] == "helm":
                assert 0 == run_tool("helm", words[-2], "--help").returncode, command


def check_kubectl(words: list[str], command: str) -> None:
    """One use of kubectl."""
    if words[:2] == ["-n", "shop"]:
        words = words[2:]
    verb = " ".join(words[:2]) if words[0] == "rollout" else words[0]
    told = kubectl_help(verb)
    assert told, command
    for option in (word.partition("=")[0] for word in words if word.startswith("-")):
        assert f"{option}" in told or option in kubectl_options(), command
    objects = {(one["kind"].lower(), one["metadata"]["name"]) for one in default()}
    for name in re.findall(r"deploy/(\S+)", command):
        assert ("deployment", name) in objects, command
    for name in re.findall(r"app\.kubernetes\.io/name=(\w+)", command):
        assert ("deployment", f"dangol-{name}") in objects, command


@functools.cache
def _dangol_help(*words: str) -> int:
    done = subprocess.run(
        [sys.executable, "-m", "dangol_cli", *words, "--help"],
        check=False,
        capture_output=True,
        cwd=ROOT,
    )
    return done.returncode


def _log_events() -> set[str]:
    """Names of what services log, taken from their sources."""
    sources = [*ROOT.glob("services/*/src/**/*.py"), *ROOT.glob("libs/service_kit/src/**/*.py")]
    # Workers name what their loops log as the last argument.
    pattern = re.compile(r'(?:_log\.\w+\(|_SECONDS,)\s*"(\w+)"')
    return {event for path in sources for event in pattern.findall(path.read_text())}


def test_what_pages_look_for_is_told_by_services() -> None:
    """Log events that sources write, and metrics that the documentation lists."""
    events, metrics = _log_events(), documented()
    assert len(events) > 30
    for name, page in PAGES.items():
        for command in commands(page):
            found = re.findall(r"grep -E '([^']+)'", command)
            known = metrics if "9464/metrics" in command else events
            for word in (word for words in found for word in words.split("|")):
                base = re.sub(r"_(sum|count|bucket)$", "", word)
                assert {word, base} & known or any(
                    one.startswith(word) for one in known if known is metrics
                ), (name, word)


def test_queries_of_pages_fit_the_schema() -> None:
    """GraphQL that somebody is told to send is answered."""
    schema = build_schema((ROOT / "services/gateway/schema.graphql").read_text())
    bodies = [
        json.loads(body) for page in PAGES.values() for body in re.findall(r"-d '(\{.*\})'", page)
    ]
    assert bodies
    for body in bodies:
        assert [] == validate(schema, parse(body["query"]))
