"""A pupil's server: our home page, one document at a time, and pages without code for the young ones."""

from pathlib import Path

from deploy import child_page

c = get_config()  # type: ignore[name-defined] # noqa: F821

HERE = Path(__file__).resolve().parent

c.ServerApp.jpserver_extensions = {
    "deploy.pupil_pages": True,
    "notebook": True,
    "voila.server_extension": True,
    "jupyterlab": False,
    "jupyter_server_terminals": False,
    "jupyter_lsp": False,
    "nbgrader.server_extensions.formgrader": False,
    "nbgrader.server_extensions.validate_assignment": False,
    "nbgrader.server_extensions.assignment_list": False,
    "nbgrader.server_extensions.course_list": False,
}
c.JupyterNotebookApp.app_settings_dir = str(HERE / "settings")
c.JupyterNotebookApp.expose_app_in_browser = True
c.JupyterNotebookApp.custom_css = False

c.VoilaConfiguration.template = "haike"
c.VoilaConfiguration.theme = "light"
c.VoilaConfiguration.extension_allowlist = [
    "@voila-dashboards/widgets-manager8",
    "@jupyter-widgets/jupyterlab-manager",
    "anywidget",
]
c.VoilaConfiguration.page_config_hook = child_page.page_config
c.VoilaConfiguration.show_tracebacks = False
c.VoilaConfiguration.file_allowlist = [r".*\.(png|jpg|gif|svg|mp3|ogg|wav)"]
# a cell that fails says one Chinese sentence (the template's), and the cells below it still run
c.VoilaExecutor.allow_errors = True
c.VoilaExporter.preprocessors = [child_page.WithoutTests]
c.VoilaExporter.markdown_renderer_class = child_page.PicturesByAddress
c.VoilaExporter.filters = child_page.FILTERS
