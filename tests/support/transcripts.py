"""A transcript in a document: commands of a shell with their outputs, which a test can run."""

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from app.domain.ids import EXAMPLE_ID
from infra.local.program import wait_until
from tests.support.documents import ROOT

SECONDS: Final = 60
INTERRUPTED: Final = 130
READY: Final = "Press Ctrl-C to stop.\n"
INTERRUPT: Final = "^C\n"
PROMPTS: Final = re.compile(r"E-mail: (.*)\nPassword:\n")
KEEP_INTERRUPT: Final = ("env", "--default-signal=INT")  # `make test &` makes all programs ignore SIGINT
NOTICE: Final = re.compile(r"^Waiting until .*\n", re.MULTILINE)  # its number depends on the machine
VARIABLES: Final = (
    (re.compile(r"^[0-9a-z]{26}  ", re.MULTILINE), f"{EXAMPLE_ID}  "),
    (re.compile(r"process \d+"), "process N"),
    (re.compile(r"\b[\d,.]+ (bytes|kB|MB)"), "SIZE"),
)


@dataclass(frozen=True)
class Step:
    """A command, and the output that the document shows."""

    command: str
    output: str


def read_transcript(document: str, heading: str) -> list[Step]:
    """Return the commands in the blocks of a section, in their order."""
    section = (ROOT / document).read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    text = "".join(re.findall(r"^```text\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))
    entries = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    return [Step(command, output) for command, _, output in (entry.partition("\n") for entry in entries)]


def normalize(output: str) -> str:
    """Return an output without what differs between two runs."""
    for pattern, replacement in VARIABLES:
        output = pattern.sub(replacement, output)
    return output


@dataclass
class Shell:
    """Runs the commands of a transcript in a folder.

    Attributes:
        folder: The current folder of all commands.
        variables: The environment variables.
        password: What the commands get when they ask for a password.
        is_underway: Says whether a command that the transcript interrupts has done a part of its work.
    """

    folder: Path
    variables: Mapping[str, str]
    password: str
    is_underway: Callable[[], bool]
    _servers: "list[subprocess.Popen[str]]" = field(default_factory=list)

    def run(self, step: Step) -> str:
        """Run a command, and return its output.

        A command whose output ends with `READY` continues to run. One with `^C` gets this signal when it is underway.
        """
        if step.output.endswith(READY):
            return self._start(step.command)
        prompts = PROMPTS.match(step.output)
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        with self._open(step.command, **pipes) as process:
            if step.output.startswith(INTERRUPT):
                wait_until(self.is_underway, SECONDS, "The command does nothing.")
                os.killpg(process.pid, signal.SIGINT)
            output, errors = process.communicate(f"{prompts[1]}\n{self.password}\n" if prompts else "", SECONDS)
        is_interrupted = step.output.startswith(INTERRUPT)
        assert process.returncode == (INTERRUPTED if is_interrupted else 0), f"{step.command}: {output}{errors}"
        if prompts:
            output = f"{prompts[0]}{output}"
        return f"{INTERRUPT if is_interrupted else ''}{output}{NOTICE.sub('', errors)}"

    def _start(self, command: str) -> str:
        log = self.folder / f"server-{len(self._servers)}.log"
        with log.open("w") as output:
            process = self._open(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self._servers.append(process)
        wait_until(lambda: READY in log.read_text() or process.poll() is not None, SECONDS, "PixTag does not start.")
        return log.read_text()

    def _open(self, command: str, **streams: Any) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*KEEP_INTERRUPT, "bash", "-c", command],
            cwd=self.folder,
            env=dict(self.variables),
            text=True,
            start_new_session=True,  # so that Ctrl-C reaches all its processes, and not the tests
            **streams,
        )

    def stop(self) -> list[int]:
        """Stop the servers with Ctrl-C, and return their exit statuses."""
        running = [server for server in self._servers if server.poll() is None]
        for server in running:
            os.killpg(server.pid, signal.SIGINT)
        return [server.wait(SECONDS) for server in self._servers]


@contextmanager
def open_shell(
    folder: Path, variables: Mapping[str, str], password: str, is_underway: Callable[[], bool]
) -> Iterator[Shell]:
    """Yield a shell whose servers end with the block."""
    shell = Shell(folder, variables, password, is_underway)
    try:
        yield shell
    finally:
        shell.stop()
