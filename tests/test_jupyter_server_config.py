"""What `make lab` tells Jupyter's server."""

from pathlib import Path

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from traitlets.config import PyFileConfigLoader

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "tools" / "jupyter"


def test_a_connection_does_not_hold_small_messages_back(monkeypatch):
    config = PyFileConfigLoader("jupyter_server_config.py", path=str(FOLDER)).load_config()
    connection_class = config.ServerApp.kernel_websocket_connection_class
    calls = []
    monkeypatch.setattr(
        ZMQChannelsWebsocketConnection, "connect", lambda self: calls.append("connect")
    )
    handler = KernelWebsocketHandler.__new__(KernelWebsocketHandler)
    handler.set_nodelay = calls.append
    connection = connection_class.__new__(connection_class)
    connection.websocket_handler = handler
    connection.connect()
    assert calls == [True, "connect"]


def test_make_lab_and_the_tests_use_it():
    assert "tools/jupyter:" in (ROOT / "Makefile").read_text("utf-8")
    assert '"JUPYTER_CONFIG_PATH": str(ROOT / "tools" / "jupyter")' in (
        ROOT / "tools" / "browsing.py"
    ).read_text("utf-8")
