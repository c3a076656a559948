"""A real sound device without hardware: PulseAudio with two null sinks.

`virtmic` is what the microphone hears, `speaker` is where the program talks to. Both are real
devices to ALSA, PortAudio and sounddevice, so nothing in the program has to be replaced.
Needs the Debian packages pulseaudio, pulseaudio-utils and libasound2-plugins.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_SPEAKER = ("module-null-sink sink_name=speaker",)
_MICROPHONE = (
    "module-null-sink sink_name=virtmic",
    "module-remap-source master=virtmic.monitor source_name=mic",
)
_MODULES = ("module-native-protocol-unix", *_SPEAKER, *_MICROPHONE)
_START_S = 10.0
_ASOUNDRC = "pcm.!default { type pulse }\nctl.!default { type pulse }\n"


class PulseAudio:
    """A sound server of its own. `start` or `with`; programs that get `env` use its devices.

    Any number of them run side by side, each with its own devices of the same names.
    """

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._listeners: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def env(self) -> dict[str, str]:
        """The whole environment for a subprocess that is to use these devices."""
        return os.environ | self.variables

    @property
    def variables(self) -> dict[str, str]:
        """The part of `env` that leads to these devices. HOME is the server's own folder."""
        assert self._folder is not None, "start the sound server first"
        # PortAudio looks for ~/.asoundrc; HOME also keeps the server's cookie out of the user's.
        return {
            "HOME": str(self._folder),
            "XDG_RUNTIME_DIR": str(self._folder),
            "PULSE_RUNTIME_PATH": str(self._folder / "pulse"),
            "PULSE_SERVER": f"unix:{self._folder}/pulse/native",
        }

    def start(self) -> None:
        """Start the server and wait until sound flows. Raises RuntimeError with the reason."""
        pulseaudio = program("pulseaudio")
        # A socket's path has at most 107 bytes, so not in pytest's long folders.
        self._folder = Path(tempfile.mkdtemp(prefix="vt-", dir="/tmp"))
        (self._folder / "pulse").mkdir(mode=0o700)
        (self._folder / ".asoundrc").write_text(_ASOUNDRC)
        loads = [word for module in _MODULES for word in ("-L", module)]
        with (self._folder / "log").open("wb") as log:
            self._server = subprocess.Popen(
                [pulseaudio, "-n", "--daemonize=no", "--exit-idle-time=-1", *loads],
                env=self.env,
                stdout=log,
                stderr=log,
            )
        self._wait()
        self._use("speaker", "mic")

    def stop(self) -> None:
        """End the server; calling it again does nothing."""
        for device in list(self._listeners):
            self._leave(device)
        if self._server is not None:
            self._server.terminate()
            try:
                self._server.wait(5)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
            self._server = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def load(self, module: str) -> int:
        """Load a module of PulseAudio's, with its arguments; returns its number."""
        return int(self.control("load-module", *module.split()))

    def unload(self, number: int) -> None:
        """Unload a module. What it made is gone for the programs that use it."""
        self.control("unload-module", str(number))

    def unplug(self, device: str) -> None:
        """Take "mic" or "speaker" away, as when somebody pulls the plug.

        As on a real machine, the server moves the streams to another device where there is one.
        """
        self._leave(device)
        lines = self.control("list", "short", "modules").splitlines()
        for module in reversed(_MICROPHONE if device == "mic" else _SPEAKER):
            wanted = module.split(" ", 1)
            for number, *named in (line.rstrip("\t").split("\t") for line in lines):
                if named == wanted:
                    self.unload(int(number))

    def plug(self, device: str) -> None:
        """Bring "mic" or "speaker" back, as the default device."""
        for module in _MICROPHONE if device == "mic" else _SPEAKER:
            self.load(module)
        self._use(device)

    def _use(self, *devices: str) -> None:
        """Make them the defaults, and wait until sound flows."""
        sources = {name: "mic" if name == "mic" else f"{name}.monitor" for name in devices}
        for name, source in sources.items():
            self.control(f"set-default-{'source' if name == 'mic' else 'sink'}", name)
            # An idle null sink moves its clock in steps of 2 s; who listens keeps it to 20 ms.
            self._listeners[name] = self._parec(source, "/dev/null", 20)
        for source in sources.values():
            self._wait_for_sound(source)

    def _leave(self, device: str) -> None:
        listener = self._listeners.pop(device)
        listener.terminate()
        listener.wait()

    def speak(self, path: Path) -> None:
        """Play a sound file into the microphone; returns when it has been played."""
        subprocess.run(
            [program("paplay"), "--device=virtmic", str(path)],
            env=self.env,
            check=True,
            timeout=60,
        )

    def record(self, path: Path, seconds: float) -> None:
        """Record what the program says into a WAV file (16 kHz mono int16)."""
        with self.recorder(path) as recorder:
            time.sleep(seconds)
            # SIGINT lets it write the length into the header.
            recorder.send_signal(signal.SIGINT)

    def recorder(self, path: Path) -> subprocess.Popen[bytes]:
        """Like record, but goes on until the returned process gets SIGINT."""
        return self._parec("speaker.monitor", str(path), 50)

    def _parec(self, device: str, path: str, latency_ms: int) -> subprocess.Popen[bytes]:
        words = ["--file-format=wav", "--format=s16le", "--rate=16000", "--channels=1"]
        return subprocess.Popen(
            [
                program("parecord"),
                f"--device={device}",
                f"--latency-msec={latency_ms}",
                *words,
                path,
            ],
            env=self.env,
        )

    def _wait(self) -> None:
        assert self._folder is not None
        assert self._server is not None
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline and self._server.poll() is None:
            if self._answers():
                return
            time.sleep(0.05)
        log = (self._folder / "log").read_text(errors="replace")
        self.stop()
        raise RuntimeError(f"PulseAudio doesn't start:\n{log}")

    def _wait_for_sound(self, device: str) -> None:
        probe = subprocess.Popen(
            [program("parec"), f"--device={device}", "--latency-msec=20"],
            env=self.env,
            stdout=subprocess.PIPE,
        )
        with probe:
            assert probe.stdout is not None
            probe.stdout.read(1)
            probe.terminate()

    def _answers(self) -> bool:
        words = [program("pactl"), "get-default-source"]
        done = subprocess.run(words, env=self.env, capture_output=True, timeout=10, check=False)
        return done.returncode == 0

    def control(self, *words: str) -> str:
        """What `pactl` prints when told so. Raises RuntimeError when it fails."""
        done = subprocess.run(
            [program("pactl"), *words], env=self.env, capture_output=True, text=True, timeout=10,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"pactl {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout


def program(name: str) -> str:
    """Where it is. Raises RuntimeError that says what to install."""
    path = shutil.which(name)
    if path is None:
        raise RuntimeError(
            f"{name} not found: sudo apt install pulseaudio pulseaudio-utils libasound2-plugins"
        )
    return path
