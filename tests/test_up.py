"""How `up` opens: its progress is seen in a file too, and one bad lesson keeps no other from the classroom."""

from __future__ import annotations

import pytest


def test_in_a_file_each_tenth_of_a_step_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    import door

    with door.steps(2) as step:
        tell = step("检查课文")
        for done in range(100):
            tell(done, 100, f"j7-{done:02d}")
        step("做网站")
    rows = capsys.readouterr().out.splitlines()
    assert rows[0].startswith("  第 1 步，共 2 步：检查课文") and len(rows) == 10 + 1 + 1 + 1
    assert "  第 1 步，共 2 步：检查课文 j7-90" in rows and rows[-1] == "✓ 做网站"


def test_a_lesson_that_cannot_be_run_keeps_no_other_from_the_classroom(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import door
    from courses import reference_run
    from courses.reading import find_lesson
    from fault import Fault

    lessons = [lesson for name in ("j7-03", "p1-03") if (lesson := find_lesson(name))]

    def refuse(lessons: list, *_: object, **more: object) -> dict:
        if any(lesson.id == "j7-03" for lesson in lessons):
            raise Fault("j7-03 做不出学生版")
        return {lesson.id: reference_run.ReferenceRun() for lesson in lessons}

    monkeypatch.setattr(reference_run, "reference_runs", refuse)
    assert door.run_lessons(lessons, lambda *_: None, variants=False).keys() == {"p1-03"}
    monkeypatch.setattr("courses.checks.check", lambda *_, **more: [])
    assert [lesson.id for lesson in door.sound_lessons(lessons, lambda *_: None, alone=True)] == ["p1-03"]
    assert "j7-03 做不出学生版" in capsys.readouterr().out
