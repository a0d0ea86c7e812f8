"""Every rule by its folder: `good` is silent, `bad` gives exactly the report in bad.txt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rule_cases import Case, make_case

from courses import report
from courses.checks import RULES, check, check_fast
from courses.checks.rule import Rule, Seen
from courses.knowledge import read_knowledge
from courses.reading import read_lesson

FOLDERS = Path(__file__).parent / "rules"
IDS = [rule.id for rule in RULES]


def report_of(case: Case, rule: str) -> str:
    """The report of one rule: paths inside the lesson's folder, lines of the case's own files."""
    found = check(case.lessons, case.curriculum, case.knowledge, runs=case.runs)
    rows = []
    for one in found:
        if one.rule == rule:
            place = case.in_case_lines(one)
            base = case.folder if place.path.is_relative_to(case.folder) else case.folder.parents[1]
            path = place.path.relative_to(base)
            rows.append(replace(place, path=path))
    return report.lines(rows)


@pytest.mark.parametrize("rule", IDS)
def test_bad_case_gives_exactly_its_report(rule: str, tmp_path: Path, update_goldens: bool) -> None:
    golden = FOLDERS / rule / "bad.txt"
    said = report_of(make_case(FOLDERS / rule, "bad", tmp_path), rule)
    if update_goldens:
        golden.write_text(said, encoding="utf-8")
    assert said == golden.read_text(encoding="utf-8")
    assert said, f"the bad case of {rule} is not bad"


@pytest.mark.parametrize("rule", IDS)
def test_good_case_is_silent(rule: str, tmp_path: Path) -> None:
    assert report_of(make_case(FOLDERS / rule, "good", tmp_path), rule) == ""


def test_every_rule_has_a_folder_and_every_folder_a_rule() -> None:
    assert len(IDS) == len(set(IDS))
    assert {path.name for path in FOLDERS.iterdir()} == set(IDS)
    for rule in IDS:
        assert list((FOLDERS / rule).glob("bad*.*")) and (FOLDERS / rule / "bad.txt").exists()


def test_every_rule_says_what_why_and_what_to_do_in_chinese() -> None:
    for rule in RULES:
        for text in (rule.what, rule.why, rule.advice):
            assert any("\u4e00" <= letter <= "\u9fff" for letter in text), rule.id


def test_a_crashing_rule_is_a_finding_and_the_others_still_look(tmp_path: Path) -> None:
    def look(_lesson: object) -> list[Seen]:
        raise KeyError("missing")

    case = make_case(FOLDERS / "spacing", "bad", tmp_path)
    broken = Rule("broken", "查", "为", "做", "lesson", look)
    said = list(broken.findings(case.folder, case.lessons[0]))
    assert len(said) == 1 and "自己出错了" in said[0].seen and "KeyError" in said[0].seen


def test_a_lesson_without_front_matter_still_gets_the_other_checks(tmp_path: Path) -> None:
    case = make_case(FOLDERS / "front-matter", "bad", tmp_path)
    (case.folder / "lesson.md").write_text("没有前言，只有 <b>HTML</b>和English挤在一起\n", encoding="utf-8")
    rules = {one.rule for one in check_fast(read_lesson(case.folder))}
    assert {"front-matter", "markdown-only", "spacing", "headings"} <= rules
    assert not any("自己出错了" in one.seen for one in check_fast(read_lesson(case.folder)))


def test_only_reports_the_lesson_asked_for_and_complete_makes_notes_errors(tmp_path: Path) -> None:
    case = make_case(FOLDERS / "prerequisite-order", "bad", tmp_path)
    parts = (case.lessons, case.curriculum, case.knowledge)
    everything = check(*parts)
    assert {one.level for one in everything if one.rule == "prerequisite-order"} == {"error", "note"}
    assert {one.level for one in check(*parts, complete=True)} == {"error"}
    mine = check(*parts, only={case.lessons[0].id})
    assert mine and all(one.path.parent == case.folder for one in mine)


def test_the_starter_is_a_valid_lesson(tmp_path: Path) -> None:
    starter = make_case(FOLDERS / "spacing", "starter", tmp_path)
    found = check(starter.lessons, starter.curriculum, read_knowledge(), runs=starter.runs)
    assert {one.rule for one in found} == {"starter-words", "prerequisite-order"}
