"""Small classes on disk for the classroom's tests: rosters, and a stand-in lesson released by nbgrader's own API."""

import csv
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.passwords import hash_secret
from grading.picture_passwords import picture_password

PASSWORD = "hai-ke-9"
PICTURES = picture_password("boat", "swan", "kelp")


def make_class(data: Path, code: str, title: str, grade: int, pupils: dict[str, str], secret: str = PASSWORD) -> Path:
    folder = data / "classes" / code
    folder.mkdir(parents=True)
    about = f"code: {code}\ntitle: {title}\ngrade: {grade}\nteachers: [teacher1]\n"
    (folder / "class.yml").write_text(about, "utf-8")
    with (folder / "roster.csv").open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["id", "name", "role", "secret"])
        rows.writerow(["teacher1", "演示老师", "teacher", hash_secret(PASSWORD)])
        for identifier, name in pupils.items():
            rows.writerow([identifier, name, "pupil", hash_secret(secret)])
    return folder


def lesson_source(lesson: str, title: str, grade: int) -> nbformat.NotebookNode:
    """A function to write from grade 5 on, a widget to tap below."""
    young = grade <= 4
    answer = "### BEGIN SOLUTION\n    return a + b\n    ### END SOLUTION"
    cells = [
        new_markdown_cell(f"## 引入：{title}\n\n" + ("小灰想请你帮忙。" if young else "两个数加起来是几？")),
    ]
    if young:
        cells += [
            new_code_cell(TAP, metadata={"tags": ["hide-input"]}),
            new_code_cell(
                "from kits import answers\n### BEGIN HIDDEN TESTS\n"
                "assert answers.last('lamp') == 3, '再看看灯？'\n### END HIDDEN TESTS",
                metadata={"nbgrader": nbgrader_keys("lamp-judge", points=2)},
            ),
        ]
    else:
        cells += [
            new_code_cell(f"def add(a, b):\n    {answer}", metadata={"nbgrader": nbgrader_keys("add", solution=True)}),
            new_code_cell(
                "assert add(1, 2) == 3, '一加二再算一次？'", metadata={"nbgrader": nbgrader_keys("add-shown", points=1)}
            ),
            new_code_cell(
                "### BEGIN HIDDEN TESTS\nassert add(2, 5) == 7, '换两个数呢？'\n### END HIDDEN TESTS",
                metadata={"nbgrader": nbgrader_keys("add-judge", points=1)},
            ),
        ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    haike = {"id": lesson, "grade": grade, "title": title}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "haike": haike})


def nbgrader_keys(grade_id: str, *, points: int = 0, solution: bool = False) -> dict:
    keys = {"grade_id": grade_id, "solution": solution, "grade": points > 0, "locked": points > 0, "task": False}
    return {**keys, "schema_version": 3, **({"points": points} if points else {}), "cell_type": "code"}


TAP = '''
import anywidget, traitlets
from kits import answers

class Lamp(anywidget.AnyWidget):
    _esm = """
    export default { render({ model, el }) {
      const draw = () => { tap.textContent = '灯：' + model.get('value'); };
      const tap = document.createElement('button');
      tap.className = 'lamp';
      tap.style.cssText = 'font-size: 24px; min-height: 96px; min-width: 192px';
      tap.onclick = () => { model.set('value', model.get('value') + 1); model.save_changes(); };
      model.on('change:value', draw);
      el.append(tap);
      draw();
    } };
    """
    value = traitlets.Int(0).tag(sync=True)

lamp = Lamp(value=answers.last('lamp') or 0)
lamp.observe(lambda change: answers.record('lamp', change.new), 'value')
lamp
'''.strip()


def release(data: Path, code: str, lesson: str, title: str, grade: int) -> None:
    """source/ → release/ → exchange, by nbgrader's API as the grading commands use it."""
    from nbgrader.apps import NbGraderAPI

    folder = data / "classes" / code
    source = folder / "source" / lesson
    source.mkdir(parents=True)
    nbformat.write(lesson_source(lesson, title, grade), source / f"{lesson}.ipynb")
    (data / "exchange").mkdir(exist_ok=True, mode=0o777)
    api = NbGraderAPI(config=course_config(data, code))
    for step in (api.generate_assignment, api.release_assignment):
        result = step(lesson)
        assert result["success"], result


def course_config(data: Path, code: str):
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(data / "classes" / code)
    config.CourseDirectory.course_id = code
    config.Exchange.root = str(data / "exchange")
    config.Exchange.path_includes_course = True
    config.ExchangeCollect.check_owner = False
    config.KernelManager.transport = "tcp"
    return config
