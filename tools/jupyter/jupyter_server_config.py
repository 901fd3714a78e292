"""Settings of Jupyter's server for `make lab` and the tests: answers to a move go at once.

A kernel answers a move with several small messages. Without ``TCP_NODELAY`` the second waits until
the browser has acknowledged the first, which takes it up to 40 ms.
"""

import asyncio

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """What carries messages between browser and kernel, without waiting to fill packets."""

    def connect(self) -> asyncio.Future[None] | None:
        """Handle a connection."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()


c = get_config()  # noqa: F821 - Jupyter defines it
c.ServerApp.kernel_websocket_connection_class = PromptConnection
