"""Loaded by every Python that the tests start: it refuses sockets that lead off this machine."""

import os
import socket
import sys

_connect = socket.socket.connect


def _refuse(self, address):
    if self.family == socket.AF_UNIX:
        return _connect(self, address)
    os.write(2, f"NETWORK TOUCHED: {address}\n".encode())
    os._exit(99)


def _refuse_lookup(*args, **names):
    os.write(2, f"NETWORK TOUCHED: {args} {names}\n".encode())
    os._exit(99)


socket.socket.connect = socket.socket.connect_ex = _refuse
socket.getaddrinfo = socket.gethostbyname = _refuse_lookup

if os.environ.get("WITHOUT_PORTAUDIO"):  # as on a machine where libportaudio2 isn't installed
    import ctypes.util

    _find = ctypes.util.find_library
    ctypes.util.find_library = lambda name: None if "portaudio" in name else _find(name)

for _name in os.environ.get("WITHOUT_MODULES", "").split():  # as where an extra isn't installed
    sys.modules[_name] = None
