"""Cards as others read them: the npm package `adaptivecards`, in node."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from bot.domain.canonical import JsonObject

BUNDLE: Final = Path.home() / ".cache/countersign-peers/node_modules/adaptivecards/dist/adaptivecards.min.js"
"""Where `.ci/run` installs it."""
needs_the_package = pytest.mark.skipif(
    not BUNDLE.exists() and "CI" not in os.environ,  # noqa: TID251 - tests have no settings
    reason="the npm package adaptivecards is not installed; .ci/run does",
)
_PATIENCE_S: Final = 120
_PROGRAM: Final = """
const told = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const { AdaptiveCard, HostConfig, SerializationContext, Versions } = require(told.bundle);
const found = told.cards.map((card) => {
  const read = new AdaptiveCard();
  read.hostConfig = new HostConfig(told.config);
  const context = new SerializationContext(Versions.v1_5);
  read.parse(card, context);
  const events = Array.from({ length: context.eventCount }, (_, at) => context.getEventAt(at).message);
  const failures = read.validateProperties().validationEvents.map((event) => event.message);
  return [...events, ...failures];
});
process.stdout.write(JSON.stringify(found));
"""


def complaints(cards: Sequence[JsonObject], config: JsonObject) -> list[list[str]]:
    """Gives what the package has against each card: errors, warnings and hints."""
    answer = subprocess.run(
        ["node", "-e", _PROGRAM],
        input=json.dumps({"cards": cards, "config": config, "bundle": str(BUNDLE)}),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=_PATIENCE_S,
    )
    found = json.loads(answer.stdout)
    return [[str(message) for message in one] for one in found]
