"""An author's JupyterLab: the sources as notebooks, nothing of the classroom."""

c = get_config()  # type: ignore[name-defined] # noqa: F821

c.ServerApp.jpserver_extensions = {
    "jupyterlab": True,
    "jupytext": True,
    "deploy.pupil_pages": False,
    "jupyter_lsp": False,
    "voila.server_extension": False,
    "nbgrader.server_extensions.formgrader": False,
    "nbgrader.server_extensions.assignment_list": False,
    "nbgrader.server_extensions.course_list": False,
}
