"""The nouns of a lesson, without any input or output: Lesson, Cell, Exercise, Mistake and its front matter."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from courses.finding import Finding
from courses.stage import Stage, stage

Strand = Literal["感知", "数据", "学习", "推理", "生成", "评估", "社会", "创造"]
Form = Literal["widget", "unplugged+widget", "slider", "one-line", "function", "project"]
Direction = Literal["学科融合", "基础重塑", "沉浸体验"]
Tier = Literal["管理者", "骨干", "全员"]
Move = Literal[
    "predict-then-see", "fool-then-repair", "be-the-machine", "detective", "build-then-library", "race", "one-knob",
    "teach-someone", "field-trip", "design-for-one", "debate", "model-card", "repair-code", "cheaper-mistake",
    "same-data-two-stories", "rule-then-learned",
]  # fmt: skip

Think = Literal["谁受益谁吃亏", "谁来定", "数据谁给的", "换个地方还对吗", "值不值", "不用行不行"]

#: The headings (`##`) a lesson is made of, in order; own words may follow after a full-width colon.
SECTIONS = ("引入", "体验", "讲解", "动手", "自测", "思考", "小结", "家庭")
#: Faults of reading with which nothing can be made of a lesson: no release, no run, no page.
UNUSABLE = frozenset(
    {"front-matter", "missing-file", "not-utf8", "unclosed-cell", "unclosed-region", "cell-options", "exercise"}
)


class FrontMatter(BaseModel):
    """What the front matter of lesson.md says under `haike:`; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z]\d*-\d\d$")]
    title: Annotated[str, Field(min_length=1, max_length=16)]
    grade: Annotated[int, Field(ge=0, le=12)] | Literal["voc", "teacher"]
    hours: Annotated[float, Field(gt=0, le=4)]
    strand: Strand
    form: Form
    direction: Direction
    local: bool
    subjects: Annotated[list[str], Field(min_length=1)]
    knowledge: Annotated[list[str], Field(min_length=1)]
    data: list[str] = []
    frameworks: dict[Literal["ailit", "unesco"], list[str]]
    move: Move
    objectives: dict[Literal["知识", "技能", "思维", "价值观"], str]
    terms: list[str] = []
    tier: Tier | None = None
    scenario: list[str] = []
    home: Annotated[str, Field(min_length=4)]
    think: Think | None = None
    today: str = ""
    needs: list[str] = []


@dataclass(frozen=True)
class Cell:
    """One cell of lesson.md or mistakes.md. `line` is the 1-based line of its first line of text in the file."""

    kind: Literal["code", "text"]
    source: str
    line: int
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def nbgrader(self) -> dict[str, Any]:
        value = self.options.get("nbgrader")
        return value if isinstance(value, dict) else {}

    @property
    def grade_id(self) -> str:
        return str(self.nbgrader.get("grade_id", ""))

    @property
    def points(self) -> float:
        value = self.nbgrader.get("points", 0)
        return float(value) if isinstance(value, int | float) else 0.0

    @property
    def tags(self) -> list[str]:
        value = self.options.get("tags", [])
        return [str(tag) for tag in value] if isinstance(value, list) else []

    @property
    def runs(self) -> int:
        """How many times a pupil is to run it, each time with another value."""
        value = self.options.get("runs", 1)
        return value if isinstance(value, int) else 1


ExerciseForm = Literal["function", "widget", "written"]


@dataclass(frozen=True)
class Exercise:
    """One graded exercise: the cell the pupil answers in and the cells that judge it.

    A *function* is answered in a solution cell, a *widget* in an ordinary cell that ends in the widget, a *written*
    answer in a text cell with a mark scheme.
    """

    id: str
    form: ExerciseForm
    answer: Cell
    tests: tuple[Cell, ...] = ()

    @property
    def points(self) -> float:
        """Full marks, hand-graded points included."""
        return sum(test.points for test in self.tests) + (self.answer.points if self.form == "written" else 0.0)


@dataclass(frozen=True)
class Mistake:
    """A typical wrong answer: how a child writes it, what it shows, and the hint that this child alone gets."""

    of: str
    id: str
    shows: str
    hint: str
    source: str
    line: int


@dataclass(frozen=True)
class Variant:
    """A right answer in another style (`also-right`), or the reference answer of a widget (`reference`)."""

    of: str
    source: str
    line: int


@dataclass(frozen=True)
class Equivalent:
    """A small change of a reference (`before` → `after`) that changes nothing a test could see, and why."""

    of: str
    before: str
    after: str
    why: str
    line: int


@dataclass(frozen=True)
class Claim:
    """What the lesson says of its data, and a cell with `holds(draw) -> bool` that tries it on other draws.

    `least` is the share of draws of which it must be true.
    """

    says: str
    least: float
    source: str
    line: int


@dataclass(frozen=True)
class Section:
    """A `##` part of the lesson: its fixed name, its own words, the half (1 or 2) and the cells in it."""

    name: str
    title: str
    line: int
    half: int
    cells: tuple[int, ...]


@dataclass(frozen=True)
class Lesson:
    """A lesson as it stands in its folder, with every fault found while reading it."""

    id: str
    folder: Path
    front: FrontMatter | None
    cells: tuple[Cell, ...] = ()
    exercises: tuple[Exercise, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    also_right: tuple[Variant, ...] = ()
    references: tuple[Variant, ...] = ()
    equivalents: tuple[Equivalent, ...] = ()
    claims: tuple[Claim, ...] = ()
    sections: tuple[Section, ...] = ()
    texts: dict[str, str] = field(default_factory=dict, hash=False)
    key: str = ""  # key.md: what the sheet's blanks and the plan's rows come to, for the teacher alone
    findings: tuple[Finding, ...] = ()

    @property
    def path(self) -> Path:
        return self.folder / "lesson.md"

    @property
    def mistakes_path(self) -> Path:
        return self.folder / "mistakes.md"

    @property
    def slug(self) -> str:
        return self.folder.name.removeprefix(f"{self.id}-")

    @property
    def title(self) -> str:
        return self.front.title if self.front else self.id

    @property
    def stage(self) -> Stage:
        """What holds for the children of its grade; without front matter, what holds for grown-ups."""
        return stage(self.front.grade if self.front else None)

    @property
    def points(self) -> float:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def obstacles(self) -> list[Finding]:
        """Why nothing can be made of this lesson yet; empty for a lesson that can be released, run and published."""
        own = [one for one in self.findings if one.rule in UNUSABLE and one.path in (self.path, self.mistakes_path)]
        if own or (self.front and self.cells):
            return own
        return [Finding(self.path, 1, "front-matter", "课文是空的", "从 courses/starter/lesson.md 抄一份再改")]

    def exercise(self, exercise_id: str) -> Exercise | None:
        return next((one for one in self.exercises if one.id == exercise_id), None)

    def reference(self, exercise_id: str) -> Variant | None:
        return next((one for one in self.references if one.of == exercise_id), None)

    def section_of(self, cell_index: int) -> Section | None:
        return next((section for section in self.sections if cell_index in section.cells), None)

    @property
    def data_folders(self) -> list[Path]:
        """The lesson's own data sets: data/<slug>/ with a card.yml each."""
        data = self.folder / "data"
        return sorted(path for path in data.iterdir() if path.is_dir()) if data.is_dir() else []
