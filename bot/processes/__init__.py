"""What runs until it is told to stop: the server, the worker, and the demo company."""

from bot.processes.demo import run_demo, run_transcript
from bot.processes.serve import run_serve, run_work

__all__ = ["run_demo", "run_serve", "run_transcript", "run_work"]
