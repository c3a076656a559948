"""Loaded by every Python that the tests start: it refuses sockets that lead off this machine."""

import errno
import os
import socket
import sys
from pathlib import Path

_connect = socket.socket.connect
_look_up = socket.getaddrinfo
_LOOPBACK = "127.0.0.1" if os.environ.get("LOOPBACK") else None  # for a cluster on this machine


def _refuse(self, address):
    if self.family == socket.AF_UNIX or address[0] == _LOOPBACK:
        return _connect(self, address)
    os.write(2, f"NETWORK TOUCHED: {address}\n".encode())
    os._exit(99)


def _refuse_lookup(*args, **names):
    if _LOOPBACK and args[0] == _LOOPBACK:
        return _look_up(*args, **names)
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

if _flag := os.environ.get("RENDERING_HANGS"):  # while this file exists, speech is never rendered
    import time

    import pyttsx3.engine

    _loop = pyttsx3.engine.Engine.startLoop

    def _hang(self, *args):
        while Path(_flag).exists():
            time.sleep(0.05)
        return _loop(self, *args)

    pyttsx3.engine.Engine.startLoop = _hang

if _full := os.environ.get("DISK_FULL"):  # a folder on a disk that has no room left

    def _no_room(event, args):
        if event == "open" and isinstance(args[0], str) and args[0].startswith(_full + "/"):
            path, _, flags = args
            if flags & os.O_CREAT and not os.path.lexists(path):
                if flags & os.O_EXCL:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
                Path(path).symlink_to("/dev/full")

    sys.addaudithook(_no_room)
