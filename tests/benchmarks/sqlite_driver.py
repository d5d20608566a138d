"""What asking SQLite's thread once a statement saves: `python -m tests.benchmarks.sqlite_driver`.

The peer is aiosqlite as it comes, with the same statements in the same transactions; rounds alternate.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.storage.sqlite_driver import connect

ROUNDS: Final = 9
TRANSACTIONS: Final = 100
INSERTS: Final = 5


def engine_of(file: Path, **options: Any) -> AsyncEngine:
    """Gives an engine on the file, with these options for its driver."""
    return create_async_engine(f"sqlite+aiosqlite:///{file}", connect_args=options, pool_size=1)


async def seconds(engine: AsyncEngine) -> float:
    """Gives the processor seconds of one round: transactions of some inserts and one select."""
    begun = time.process_time()
    for _ in range(TRANSACTIONS):
        async with engine.begin() as connection:
            for number in range(INSERTS):
                await connection.execute(text("INSERT INTO t VALUES (:a, 'x')"), {"a": number})
            _ = (await connection.execute(text("SELECT * FROM t LIMIT 5"))).all()
    return time.process_time() - begun


async def measured(folder: Path) -> tuple[float, float]:
    """Gives the median of ours and of the peer."""
    ours = engine_of(folder / "ours.db", async_creator_fn=connect)
    peer = engine_of(folder / "peer.db")
    for engine in (ours, peer):
        async with engine.begin() as connection:
            await connection.execute(text("CREATE TABLE t (a INT, b TEXT)"))
    found = [(await seconds(ours), await seconds(peer)) for _ in range(ROUNDS)]
    await ours.dispose()
    await peer.dispose()
    return median(one for one, _ in found), median(one for _, one in found)


def main() -> None:
    """Prints both, and how they relate."""
    with tempfile.TemporaryDirectory() as folder:
        ours, peer = asyncio.run(measured(Path(folder)))
    statements = TRANSACTIONS * (INSERTS + 1)
    for name, found in (("asked once", ours), ("aiosqlite", peer)):
        sys.stdout.write(f"{name}: {found / statements * 1e6:.0f} µs of processor time a statement\n")
    sys.stdout.write(f"ratio: {ours / peer:.2f}\n")


if __name__ == "__main__":
    main()
