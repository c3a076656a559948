"""The child process that loads a model and decodes a second of silence with it.

Vosk ends the whole process on some broken files, so nobody loads an unproven model at home.
`python -m voice_triage.models.decode MODEL` exits with 0 when the model works; otherwise the reason
stands on the standard error stream, among Vosk's own lines.
"""

import json
import os
import sys
from pathlib import Path

from voice_triage.errors import ModelError
from voice_triage.models import files

RATE_HZ = 16_000
_GIB = 2**30


def decode_silence(model_dir: Path) -> None:
    """Raises ModelError, or whatever Vosk raises, when the model doesn't work."""
    import vosk

    words = sorted(files.vocabulary(model_dir))[:2]
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(model_dir))
    for word in words:
        if model.vosk_model_find_word(word) < 0:
            raise ModelError(f"the graph doesn't know “{word}”, a word of its own table")
    # Vosk doesn't undo \u escapes in a grammar.
    grammar = json.dumps([*words, "[unk]"], ensure_ascii=False)
    recognizer = vosk.KaldiRecognizer(model, RATE_HZ, grammar)
    recognizer.SetWords(True)
    for _ in range(10):
        recognizer.AcceptWaveform(bytes(RATE_HZ * 2 // 10))
    result = json.loads(recognizer.FinalResult())
    if not isinstance(result.get("text"), str):
        raise ModelError("Vosk gave no text for a second of silence")


def _limit_memory(model_dir: Path) -> None:
    """A damaged size inside a file must not take the whole machine's memory, nor dump a core."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.maxsize > 2**32:
        size = sum((model_dir / name).stat().st_size for name in files.parts(model_dir))
        # Address space, not memory in use: BLAS reserves a good deal of it for every core.
        limit = 4 * _GIB + 8 * size + (os.cpu_count() or 1) * _GIB // 4
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def main(arguments: list[str]) -> int:
    """Takes the model's folder; returns the exit status."""
    model_dir = Path(arguments[0])
    try:
        _limit_memory(model_dir)
        decode_silence(model_dir)
    except Exception as error:  # noqa: BLE001 - Vosk raises bare Exception; any reason counts
        sys.stderr.write(f"ERROR {error or type(error).__name__}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
