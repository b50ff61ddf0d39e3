"""The repository's documents and their fenced blocks of commands, which tests can run."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
DOCUMENTS: Final = [*sorted(path.name for path in ROOT.glob("*.md")), *PAGES]
AWS_MARK: Final = "**On AWS**"  # in the paragraph before commands that need an AWS account
BUILD_COMMAND: Final = ".venv/bin/python -m detector build"


@dataclass(frozen=True)
class Block:
    """A fenced block, and the paragraph before it."""

    document: str
    before: str
    language: str
    text: str

    @property
    def lines(self) -> list[str]:
        """Return the commands, with continued lines joined and comments removed."""
        joined = self.text.replace("\\\n", " ")
        return [re.sub(r"\s+#\s.*", "", line).strip() for line in joined.splitlines() if line.strip()]

    @property
    def needs_aws(self) -> bool:
        return AWS_MARK in self.before


def list_blocks() -> Iterator[Block]:
    """Yield the fenced blocks of all documents."""
    for document in DOCUMENTS:
        text = (ROOT / document).read_text()
        for fence in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            before = text[: fence.start()].rstrip().rpartition("\n\n")[2]
            yield Block(document, before, fence[1], fence[2])


def find_block(beginning: str) -> Block:
    """Return the only block whose text begins with `beginning`."""
    (block,) = [block for block in list_blocks() if block.text.startswith(beginning)]
    return block


def run_bash(script: str, folder: Path, **variables: str) -> str:
    """Run a script in a folder, assert that it succeeds, and return its output."""
    process = subprocess.run(
        ["bash", "-euc", script], cwd=folder, env=os.environ | variables, check=False, capture_output=True, text=True
    )
    assert process.returncode == 0, process.stderr
    return process.stdout
