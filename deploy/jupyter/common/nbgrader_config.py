"""nbgrader inside the classroom: pupils, teachers and formgraders read this besides the course's own file."""

import os
from pathlib import Path

from nbgrader.auth import JupyterHubAuthPlugin

import settings as settings_module

c = get_config()  # type: ignore[name-defined] # noqa: F821

settings = settings_module.load()
c.Authenticator.plugin_class = JupyterHubAuthPlugin
settings_module.tell_nbgrader(c, settings)
c.KernelManager.transport = "ipc"

role = os.environ.get("HAIKE_ROLE")
if role == "pupil":
    c.CourseDirectory.student_id = os.environ["JUPYTERHUB_USER"]
    c.Exchange.assignment_dir = str(Path.home())
    # what nbgrader hands in: the notebook, answers.json and the child's drawings, not the feedback of last time
    c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback"]
if role == "grader":
    c.CourseDirectory.course_id = os.environ["HAIKE_CLASS"]
    c.CourseDirectory.root = str(settings.classes / os.environ["HAIKE_CLASS"])
    # demo pupils share one OS user, so the owner of a file says nothing about its author
    c.ExchangeCollect.check_owner = False
