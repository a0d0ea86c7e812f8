"""Every server of the classroom: a pupil's, a teacher's, a formgrader's."""

import os

c = get_config()  # type: ignore[name-defined] # noqa: F821

c.ServerApp.terminals_enabled = os.environ.get("HAIKE_ROLE") == "teacher"
c.ServerApp.open_browser = False
# nobody upgrades or installs from inside the classroom
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
# the hub's own header forbids every frame and so blanks the formgrader tab inside JupyterLab
c.ServerApp.tornado_settings = {"headers": {"Content-Security-Policy": "frame-ancestors 'self'"}}
# sockets in a private folder instead of TCP ports that every local process can reach
c.KernelManager.transport = "ipc"
c.MappingKernelManager.cull_idle_timeout = int(os.environ["HAIKE_IDLE_SECONDS"])
c.MappingKernelManager.cull_interval = 120
