"""How a worker ends in the middle of something, for tests."""

from tests.migration.sides import Killed, Sides
from tests.moving.conftest import World


def dies_at(world: World, step: str) -> None:
    def on_step(name: str) -> None:
        if name == step:
            raise Killed

    world.engines.on_step = on_step


def silent(sides: Sides) -> None:
    """As long as it takes until the others believe that a worker is gone."""
    sides.target.execute("update migration_jobs set beat_at = now() - interval '11 seconds'")
