import json
import os
import subprocess
import sys

CONFIG = "deploy/jupyterhub_config.py"
READ = """
import json
from traitlets.config.loader import PyFileConfigLoader
c = PyFileConfigLoader('deploy/jupyterhub_config.py').load_config()
print(json.dumps({
    'spawner': c.JupyterHub.spawner_class.__name__,
    'exchange': c.Spawner.environment['HAIKE_EXCHANGE_ROOT'],
    'services': [s['name'] for s in c.JupyterHub.services],
    'groups': {k: v['users'] for k, v in c.JupyterHub.load_groups.items()},
    'cmd': list(c.Spawner.cmd),
    'culler': [s['command'][-3:] for s in c.JupyterHub.services if s['name'] == '_idle-culler'],
    'scopes': [r['scopes'] for r in c.JupyterHub.load_roles if r['name'] == 'idle-culler'],
    'idle': c.Spawner.environment['HAIKE_IDLE_SECONDS'],
}))
"""


def read_hub_config(data, **environment):
    given = {**os.environ, "HAIKE_DATA": str(data), **environment}
    done = subprocess.run([sys.executable, "-c", READ], env=given, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_hub_config_knows_every_class(data):
    found = read_hub_config(data)
    assert [name for name in found["services"] if not name.startswith("_")] == ["demo7"]
    assert found["groups"] == {"nbgrader-demo7": ["demo7-01"], "formgrade-demo7": ["teacher1", "grader-demo7"]}


def test_spawner_and_exchange_are_chosen_by_configuration(data, tmp_path):
    assert read_hub_config(data)["spawner"] == "SimpleLocalProcessSpawner"
    assert read_hub_config(data)["exchange"] == str(data / "exchange")
    (data / "hub.yml").write_text(f"spawner: jupyterhub.spawner.LocalProcessSpawner\nexchange: {tmp_path}/x\n", "utf-8")
    found = read_hub_config(data)
    assert (found["spawner"], found["exchange"]) == ("LocalProcessSpawner", f"{tmp_path}/x")
    found = read_hub_config(data, HAIKE_SPAWNER="jupyterhub.spawner.SimpleLocalProcessSpawner")
    assert found["spawner"] == "SimpleLocalProcessSpawner"


def test_idle_servers_are_ended_by_a_service_that_may_do_nothing_else(data):
    found = read_hub_config(data, HAIKE_IDLE_MINUTES="10")
    assert found["culler"] == [["jupyterhub_idle_culler", "--timeout=600", "--cull-every=150"]]
    assert found["scopes"] == [["list:users", "read:users:activity", "read:servers", "delete:servers"]]
    assert found["idle"] == "600", "a server's kernels end after the same time"


def test_no_time_means_no_end(data):
    for never in ("0", "none"):
        found = read_hub_config(data, HAIKE_IDLE_MINUTES=never)
        assert (found["services"], found["culler"], found["scopes"], found["idle"]) == (["demo7"], [], [], "0")
