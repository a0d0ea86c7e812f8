"""The JupyterHub of one school server. Everything comes from the data folder (HAIKE_DATA) and from settings.py.

deploy/hub.py chooses the ports and starts this; `jupyterhub -f deploy/jupyterhub_config.py` works too, on fixed ports.
"""

import json
import os
import sys
from pathlib import Path

from markupsafe import Markup
from traitlets.utils.importstring import import_item

import settings as settings_module
from deploy import look
from deploy.idle_servers import end_idle_servers
from deploy.processes import launch_command
from deploy.runtime_folder import runtime_folder
from deploy.signin import RosterAuthenticator
from grading.roster import read_rosters
from kits import startup

c = get_config()  # type: ignore[name-defined] # noqa: F821

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
settings = settings_module.load()
rosters = read_rosters(settings.classes)
state = settings.hub
state.mkdir(parents=True, exist_ok=True)
records = state / "processes"
ports = json.loads(os.environ.get("HAIKE_PORTS") or "{}")
spawner = import_item(settings.spawner)
local = any(each.__name__ == "LocalProcessSpawner" for each in spawner.__mro__)
as_root = ["--allow-root"] if os.name == "posix" and os.getuid() == 0 else []


def recorded(role: str, command: list[str]) -> list[str]:
    return launch_command(records, role, command)


# --- the hub and its proxy -------------------------------------------------------------------------------------------
c.JupyterHub.bind_url = f"http://{ports.get('address', '127.0.0.1')}:{ports.get('public', settings.port)}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{ports.get('hub', settings.port + 81)}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{ports.get('proxy', settings.port + 82)}"
c.JupyterHub.db_url = f"sqlite:///{state / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(state / "cookie_secret")
c.JupyterHub.template_paths = [str(HERE / "templates" / "hub")]
# the hub calls a callable with the user before it reaches the page
c.JupyterHub.template_vars = {"picture": lambda user: lambda name: Markup(look.picture(name))}
c.JupyterHub.default_url = "/hub/spawn"
# hub.py ends servers and proxy itself, by their records: the hub's own clean-up took more than 15 seconds
c.JupyterHub.cleanup_servers = False
c.JupyterHub.cleanup_proxy = False
# the pure Python proxy cuts a request after 20 seconds unless told (milliseconds)
proxy = [sys.executable, "-m", "deploy.proxy", "--timeout", "600000", "--proxy-timeout", "600000"]
c.ConfigurableHTTPProxy.command = recorded("proxy", proxy)
c.ConfigurableHTTPProxy.pid_file = str(state / "proxy.pid")

# --- who may come in -------------------------------------------------------------------------------------------------
c.JupyterHub.authenticator_class = RosterAuthenticator
c.RosterAuthenticator.classes = str(settings.classes)
c.JupyterHub.load_groups = {}
c.JupyterHub.load_roles = [{"name": "server", "scopes": ["inherit"]}]
c.JupyterHub.services = []
c.Proxy.extra_routes = {}

# --- what every server of ours is told -------------------------------------------------------------------------------
shared = {
    "HAIKE_DATA": str(settings.data),
    "HAIKE_EXCHANGE_ROOT": str(settings.exchange_root),
    # nbgrader runs alembic, the hub runs jupyterhub-singleuser: both by name
    "PATH": os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)]),
    "PYTHONPATH": str(HERE.parent),
    # first our kernel (kits.startup), then our Voila template
    "JUPYTER_PATH": os.pathsep.join([str(startup.jupyter_path(state / "jupyter")), str(HERE)]),
    "JUPYTERHUB_SINGLEUSER_APP": "jupyter_server.serverapp.ServerApp",
    "LANG": "C.UTF-8",
    "LANGUAGE": "zh_CN",
    **end_idle_servers(c, settings.idle_seconds, recorded),
}


def config_path(role: str) -> str:
    return os.pathsep.join(str(HERE / "jupyter" / part) for part in (role, "common"))


# --- pupils' and teachers' servers -----------------------------------------------------------------------------------
c.JupyterHub.spawner_class = spawner
c.Spawner.default_url = "/haike/"
c.Spawner.http_timeout = c.Spawner.start_timeout = settings.start_seconds
c.Spawner.args = as_root
c.Spawner.environment = shared
# SIGINT only makes a Jupyter server ask whether it should stop, so do not wait ten seconds for its answer
c.LocalProcessSpawner.interrupt_timeout = 0
if local:
    c.Spawner.cmd = recorded("server", [str(BIN / "jupyterhub-singleuser")])
    c.SimpleLocalProcessSpawner.home_dir_template = str(settings.homes / "{username}")


def equip(spawner) -> None:
    """What differs from person to person: role, classes, folders."""
    name = spawner.user.name
    today = read_rosters(settings.classes)
    role = "teacher" if today.is_teacher(name) else "pupil"
    titles = {each.code: {"title": each.title, "grade": each.grade} for each in today.classes_of(name)}
    person = next(iter(today.people(name)), None)
    spawner.environment = {
        **spawner.environment,
        "HAIKE_ROLE": role,
        "HAIKE_NAME": person.name if person else name,
        "HAIKE_CLASSES": json.dumps(titles, ensure_ascii=False),
        "JUPYTER_CONFIG_PATH": config_path(role),
    }
    if local:
        home = settings.homes / name
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        spawner.environment["JUPYTER_RUNTIME_DIR"] = str(runtime_folder(settings.data, name))
        spawner.environment["TMPDIR"] = str(runtime_folder(settings.data, name))


c.Spawner.pre_spawn_hook = equip

# --- one formgrader for each class -----------------------------------------------------------------------------------
for number, each in enumerate(rosters.classes):
    grader, formgrade = f"grader-{each.code}", f"formgrade-{each.code}"
    c.JupyterHub.load_groups[f"nbgrader-{each.code}"] = {"users": [pupil.id for pupil in each.pupils]}
    c.JupyterHub.load_groups[formgrade] = {"users": [*each.teachers, grader]}
    open_it = [f"access:services!service={each.code}", "list:services", f"read:services!service={each.code}"]
    c.JupyterHub.load_roles += [
        {"name": formgrade, "groups": [formgrade], "services": [each.code], "scopes": open_it},
        {
            "name": f"service-{each.code}",
            "services": [each.code],
            "scopes": ["list:users", "read:users", "groups", "admin:groups", "list:groups"],
        },
    ]
    port = ports.get("graders", {}).get(each.code, settings.port + 100 + number)
    prefix = f"/services/{each.code}/"
    # A service with a `url` is waited for, one after another, before the hub opens. Thirty classes would be minutes, so
    # the route and what else the hub would derive from `url` are given by hand, and all of them start at once.
    c.Proxy.extra_routes[prefix] = f"http://127.0.0.1:{port}"
    c.JupyterHub.services.append(
        {
            "name": each.code,
            "display": False,
            "command": recorded("service", [str(BIN / "jupyterhub-singleuser"), *as_root]),
            "oauth_client_id": f"service-{each.code}",
            "oauth_redirect_uri": f"{prefix}oauth_callback",
            "oauth_no_confirm": True,
            "cwd": str(each.folder),
            "environment": {
                **shared,
                "HAIKE_CLASS": each.code,
                "HAIKE_ROLE": "grader",
                "HOME": str(each.folder),
                "JUPYTER_CONFIG_PATH": config_path("grader"),
                "JUPYTER_RUNTIME_DIR": str(runtime_folder(settings.data, grader)),
                # nbgrader's exchange asks the hub in this name; without it formgrader answers 500
                "JUPYTERHUB_USER": grader,
                "JUPYTERHUB_DEFAULT_URL": "/formgrader",
                "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}{prefix}",
                "JUPYTERHUB_SERVICE_PREFIX": prefix,
                "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{prefix}oauth_callback",
            },
        }
    )
