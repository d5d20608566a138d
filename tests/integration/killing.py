"""Kills the bot again and again: `python -m tests.integration.killing DATABASE FOLDER SEED KILLS`.

Everything is imported once; each life is a fork. What became of it is printed as JSON.
"""

import asyncio
import json
import os
import random
import select
import signal
import sys
import time
from collections import Counter
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final

from sqlalchemy.orm import configure_mappers

from bot.agent.runbook import Runbooks
from bot.agent.runbook_file import load_runbooks
from tests.integration.life import alive, written_down
from tests.integration.reckoning import faults_of

LAST_LIFE_S: Final = 120.0
"""Seconds that the life which is left alone has to tell its story to the end."""
LEASES_END: Final = timedelta(minutes=1)
"""How far a life's clock is ahead of the one before, where leases are not forgotten."""


class Killing:
    """One run: a database, a folder, and a source of chances."""

    def __init__(self, database: str, folder: Path, seed: int) -> None:
        self._database = database
        self._folder = folder
        self._chance = random.Random(seed)  # noqa: S311 - a test that can be run again
        self._runbooks: Runbooks = load_runbooks(Path(str(files("bot.demo").joinpath("runbooks.yaml"))))
        self._lives = 0
        self._kills = 1

    def run(self, kills: int) -> dict[str, object]:
        """Kills so many lives, lets one more come to its end, and gives what was found."""
        self._kills = kills
        ends = [self._life(mortal=True) for _ in range(kills)]
        ends.append(self._life(mortal=False))
        told = len(self._read("told"))
        lines = [line for number in range(1, told + 1) for line in self._read(f"{number}/found")]
        met = [met for line in lines for met in _met(json.loads(line))]
        return {"ends": Counter(ends), "stories": told, "met": Counter(met), "faults": self._read("faults")}

    def _read(self, name: str) -> list[str]:
        file = self._folder / name
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def _life(self, *, mortal: bool) -> str:
        """Gives how the life ended: killed, or by itself."""
        self._lives += 1
        reading, writing = os.pipe()
        sys.stdout.flush()
        process = os.fork()
        if process == 0:
            os.close(reading)
            self._lived(writing, mortal=mortal)
        os.close(writing)
        try:
            if not self._waited(reading, mortal=mortal):
                os.kill(process, signal.SIGKILL)
            _, status = os.waitpid(process, 0)
        finally:
            os.close(reading)
        return "killed" if os.WIFSIGNALED(status) else f"ended with {os.waitstatus_to_exitcode(status)}"

    def _waited(self, reading: int, *, mortal: bool) -> bool:
        """Waits for the moment to kill: while it starts, while it works, or while a call is on its way.

        Later lives are given more time, so that a slow machine gets through the story as well. Gives whether
        it ended by itself first.
        """
        if not mortal:
            return _heard(reading, b"", LAST_LIFE_S)
        kind, ease = self._chance.random(), 1 + 5 * self._lives / self._kills
        if kind < 0.1:
            return _heard(reading, b"", ease * self._chance.uniform(0.0, 0.15))
        if kind < 0.8:
            return _heard(reading, b"u", 10.0) or _heard(reading, b"", ease * self._chance.uniform(0.0, 0.4))
        return _heard(reading, b"c", 1.0) or _heard(reading, b"", ease * self._chance.uniform(0.0, 0.06))

    def _lived(self, writing: int, *, mortal: bool) -> None:
        log = os.open(self._folder / "lives.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        code = 1
        try:
            asyncio.run(self._stories(writing, mortal=mortal))
            code = 0
        except BaseException as error:
            written_down(self._folder / "faults", f"life {self._lives} broke: {error!r}")
            raise
        finally:
            os._exit(code)

    async def _stories(self, writing: int, *, mortal: bool) -> None:
        is_postgresql = self._database.startswith("postgresql")
        ahead = self._lives * LEASES_END if is_postgresql else timedelta()
        is_first = True

        def told(point: str) -> None:
            os.write(writing, point[:1].encode())

        while mortal or is_first:
            number = len(self._read("told")) + 1
            folder = self._folder / str(number)
            await asyncio.to_thread(folder.mkdir, exist_ok=True)
            async with alive(
                database=self._database,
                folder=folder,
                number=number,
                ahead=ahead,
                runbooks=self._runbooks,
                told=told,
            ) as life:
                is_first = False
                await life.play()
                for fault in await faults_of(life):
                    written_down(self._folder / "faults", f"story {number}: {fault}")
                written_down(self._folder / "told", str(number))


def _met(found: dict[str, dict[str, str]]) -> list[str]:
    """Gives where a kill fell, as things and their status."""
    requests = [f"request {status}" for status in found["requests"].values()]
    reads = [f"read {status}" for status in found["reads"].values() if status == "executing"]
    steps = [f"call {status}" for status in found["steps"].values() if status in {"proposed", "executing"}]
    return [*requests, *reads, *steps] or ["nothing under way"]


def _heard(reading: int, sign: bytes, patience_s: float) -> bool:
    """Waits until the life says the sign, or for so long; gives whether it ended by itself."""
    deadline = time.monotonic() + patience_s
    while (left := deadline - time.monotonic()) > 0:
        ready, _, _ = select.select([reading], [], [], left)
        if ready:
            said = os.read(reading, 1)
            if not said:
                return True
            if said == sign:
                return False
    return False


def main() -> None:
    """Runs and prints what was found."""
    database, folder, seed, kills = sys.argv[1:]
    configure_mappers()
    found = Killing(database, Path(folder), int(seed)).run(int(kills))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
