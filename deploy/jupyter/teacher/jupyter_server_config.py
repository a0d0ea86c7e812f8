"""A teacher's server: our home page with the classes, and JupyterLab in Chinese."""

from pathlib import Path

c = get_config()  # type: ignore[name-defined] # noqa: F821

HERE = Path(__file__).resolve().parent

c.ServerApp.jpserver_extensions = {
    "deploy.pupil_pages": True,
    "jupyterlab": True,
    "notebook": True,
    "voila.server_extension": False,
    "jupyter_lsp": False,
    "nbgrader.server_extensions.formgrader": False,
}
c.LabApp.app_settings_dir = str(HERE / "settings")
c.JupyterNotebookApp.app_settings_dir = str(HERE / "settings")
