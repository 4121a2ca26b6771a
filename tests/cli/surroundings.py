"""Where things are, and what programs under test find around them; not in conftest.py, for others have that name.

LABELCAP_BUILD names the folder of the build under test (default: build/ in the repository),
LABELCAP_SHARED the folder with captures/ (default: shared/ beside the repository).
"""

import os
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("LABELCAP_BUILD", REPO / "build")).resolve()
SHARED = Path(os.environ.get("LABELCAP_SHARED", REPO.parent / "shared")).resolve()

# The exit status of a sanitizer that found something; see tests/check.sh.
SANITIZER_STATUS = 99


def clean_environment(extra=None):
    environment = dict(os.environ, LC_ALL="C", TZ="UTC")
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
        environment[name] = f"exitcode={SANITIZER_STATUS}:" + environment.get(name, "")
    environment.update(extra or {})
    return environment


def texts_of(findings):
    """Findings of a JSON object, with their places in front."""
    return [finding["text"] if finding["place"] is None else f"{finding['place']}: {finding['text']}"
            for finding in findings]
