from pathlib import Path

from tests.grading.corpus import World, cell_of, edited


def make(folder: Path, world: World) -> None:
    with edited(folder) as notebook:
        notebook.metadata.update(allow_errors=False, haike_autograde={"flags": [["x", "y"]], "stamp": "1"})
        notebook.metadata.update(execution={"timeout": 0, "allow_errors": False})
        for name in ("add-shown", "add-judge", "mean-judge"):
            cell_of(notebook, name).metadata.update(
                tags=["raises-exception", "remove_output", "remove_cell", "hide"],
                collapsed=True,
                execution={"timeout": 0},
                jupyter={"outputs_hidden": True, "source_hidden": True},
                run_control={"frozen": True},
                init_cell=False,
                skip_execution=True,
            )
