"""A class's formgrader: nothing but nbgrader's own pages."""

c = get_config()  # type: ignore[name-defined] # noqa: F821

c.ServerApp.jpserver_extensions = {
    "nbgrader.server_extensions.formgrader": True,
    "nbgrader.server_extensions.assignment_list": False,
    "nbgrader.server_extensions.course_list": False,
    "voila.server_extension": False,
    "jupyter_lsp": False,
    "jupyterlab": False,
    "notebook": True,
}
