"""The plan and the knowledge map that ship are whole."""

from __future__ import annotations

from courses.curriculum import GRADES, grade_folder, grade_name, read_curriculum
from courses.knowledge import KnowledgeMap, KnowledgePoint, read_knowledge
from courses.reading import read_all


def test_plan_and_written_lessons_are_a_hundred_and_meet_the_legal_hours() -> None:
    curriculum, lessons = read_curriculum(), read_all()
    entries = curriculum.entries(lessons)
    assert len(entries) == 100
    hours = curriculum.hours(lessons)
    for grade, minimum in curriculum.minimum_hours.items():
        assert hours[grade] >= minimum, f"grade {grade}: {hours[grade]} of {minimum} class hours"


def test_a_written_lesson_is_not_planned_as_well() -> None:
    planned = {entry.id for entry in read_curriculum().plan}
    assert not planned & {lesson.id for lesson in read_all()}


def test_every_grade_has_a_band_a_name_and_a_folder() -> None:
    curriculum = read_curriculum()
    assert [curriculum.band(grade) for grade in (0, 5, 6, 10, "voc", "teacher")] == [
        "学前",
        "小学",
        "初中",
        "高中",
        "中职",
        "师资",
    ]
    assert grade_name(7) == "七年级" and grade_folder(7) == "grade-07" and grade_folder("voc") == "vocational"
    assert all(grade_name(grade) for grade in GRADES)


def test_the_knowledge_map_has_no_loop_and_no_loose_end() -> None:
    knowledge = read_knowledge()
    assert knowledge.cycles() == [] and knowledge.unknown_needs() == []
    for entry in read_curriculum().entries(read_all()):
        assert all(point in knowledge for point in entry.knowledge), entry.id


def test_a_loop_is_spelled_out() -> None:
    def point(key: str, *needs: str) -> KnowledgePoint:
        return KnowledgePoint(key, key, "学习", "", needs, 7)

    loop = KnowledgeMap({key: point(key, need) for key, need in {"A": "B", "B": "C", "C": "A"}.items()}).cycles()
    assert len(loop) == 1 and loop[0][0] == loop[0][-1] and set(loop[0]) == {"A", "B", "C"}
