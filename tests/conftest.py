"""What tests share: one folder and one Postgres server for the whole run, databases that are as
new for each test.

The process that leads the run makes the folder, starts the server and prepares a template of
each database by the real migrations; tests use pairs that are cloned from them.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine

from ecosystem.database.engines import Address, rds_engine, supabase_engine
from ecosystem.database.unit_of_work import Database
from ecosystem.database.upgrade import upgrade_rds, upgrade_supabase
from ecosystem.local.postgres import (
    RDS_DATABASE,
    RDS_ROLE,
    SUPABASE_DATABASE,
    SUPABASE_ROLE,
    EmbeddedPostgres,
)
from ecosystem.local.supabase_auth.schema import apply_schema
from ecosystem.services import rate_limits
from tests import folders
from tests.kept_pair import POOL_SIZE, KeptPairs
from tests.moved import leave_supabase

# How long an example takes on a machine that is busy says nothing of what is tested.
settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")

pytest_plugins = ["tests.live", "tests.memory_sign_in", "tests.product", "tests.rest"]

_server = pytest.StashKey[EmbeddedPostgres]()
_number = count()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--soak",
        action="store_true",
        help="run the long forms of the fault, race and life suites (`make soak`)",
    )
    parser.addoption(
        "--moved",
        action="store_true",
        help="run with the operators' tables in RDS, as after a move of all of them",
    )
    parser.addoption(
        "--pictures",
        action="store_true",
        help="save pictures of the pages that browser tests look over in .local/screenshots",
    )


@pytest.fixture(scope="session")
def soak(request: pytest.FixtureRequest) -> bool:
    """Whether the long forms are wanted."""
    return bool(request.config.getoption("--soak"))


# First of all: what others clean up at the end has to be gone before the folder is.
@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.option.collectonly:
        return
    given = getattr(config, "workerinput", None)
    if given:
        config.stash[folders.FOLDER] = Path(given["folder"])
        folders.use(config.stash[folders.FOLDER])
        return
    folder = config.stash[folders.FOLDER] = folders.new_folder()
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    folders.use(folder)
    server = EmbeddedPostgres.temporary()
    server.start()
    config.stash[_server] = server
    config.add_cleanup(server.destroy)
    _prepare_templates(server)


def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where folder and server are."""
    node.workerinput["folder"] = str(node.config.stash[folders.FOLDER])
    node.workerinput["postgres"] = _addresses(node.config.stash[_server])


def _addresses(server: EmbeddedPostgres) -> dict[str, str]:
    return {
        "superuser": server.superuser_url(),
        "rds": server.url(RDS_DATABASE, RDS_ROLE),
        "supabase": server.url(SUPABASE_DATABASE, SUPABASE_ROLE),
    }


def _prepare_templates(server: EmbeddedPostgres) -> None:
    rds = create_engine(Address.from_url(server.url()).url)
    upgrade_rds(rds)
    rds.dispose()
    supabase = server.url(SUPABASE_DATABASE, SUPABASE_ROLE)
    with psycopg.connect(supabase) as connection:
        apply_schema(connection)
    upgrade_supabase(supabase)


@pytest.fixture(scope="session")
def run_folder(request: pytest.FixtureRequest) -> Path:
    """A folder that all workers of this run share."""
    return request.config.stash[folders.FOLDER]


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> dict[str, str]:
    """Addresses of the run's server: ``superuser``, and the two migrated templates."""
    given = getattr(request.config, "workerinput", None)
    return given["postgres"] if given else _addresses(request.config.stash[_server])


@contextmanager
def fresh_pair(postgres: dict[str, str], worker_id: str) -> Iterator[dict[str, Address]]:
    """A fresh pair of databases: ``rds`` and ``supabase``, each entered by its own role."""
    made: dict[str, Address] = {}
    with psycopg.connect(postgres["superuser"], autocommit=True) as connection:
        for name, template, role in (
            ("rds", RDS_DATABASE, RDS_ROLE),
            ("supabase", SUPABASE_DATABASE, SUPABASE_ROLE),
        ):
            database = f"t_{worker_id}_{next(_number)}_{name}"
            connection.execute(
                f'create database "{database}" template "{template}"'  # type: ignore[arg-type]
                f' owner "{role}" strategy file_copy'
            )
            connection.execute(f'revoke all on database "{database}" from public')  # type: ignore[arg-type]
            base = Address.from_url(postgres[name])
            made[name] = Address(base.host, base.port, database, base.user, base.password)
        yield made
        for address in made.values():
            connection.execute(f'drop database "{address.database}" with (force)')  # type: ignore[arg-type]


@pytest.fixture
def addresses(postgres: dict[str, str], worker_id: str) -> Iterator[dict[str, Address]]:
    """A fresh pair of databases for this test."""
    with fresh_pair(postgres, worker_id) as made:
        yield made


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is marked ``either_side`` runs once with the operators' tables in each database."""
    if "operators_in" in metafunc.fixturenames and any(
        metafunc.definition.iter_markers("either_side")
    ):
        moved = metafunc.config.option.moved
        metafunc.parametrize("operators_in", ["rds"] if moved else ["supabase", "rds"])


@pytest.fixture
def operators_in(request: pytest.FixtureRequest) -> str:
    """The database in which the operators' tables are: ``supabase`` or ``rds``."""
    return "rds" if request.config.option.moved else "supabase"


@pytest.fixture(scope="session")
def kept_pairs(postgres: dict[str, str]) -> Iterator[KeptPairs]:
    """The pairs of databases that this worker's tests use one after another."""
    pairs = KeptPairs(postgres["superuser"])
    yield pairs
    pairs.close()


@pytest.fixture
def database(
    request: pytest.FixtureRequest,
    postgres: dict[str, str],
    worker_id: str,
    operators_in: str,
    kept_pairs: KeptPairs,
) -> Iterator[Database]:
    """Both databases as the migrations leave them, behind one unit of work.

    Who also wants their addresses, to enter them by other ways, has a fresh pair.
    """
    if "addresses" in request.fixturenames:
        addresses: dict[str, Address] = request.getfixturevalue("addresses")
        if operators_in == "rds":
            leave_supabase(addresses)
        both = Database(
            rds_engine(addresses["rds"], pool_size=POOL_SIZE),
            supabase_engine(addresses["supabase"], pool_size=POOL_SIZE),
        )
        yield both
        both.dispose()
        return

    @contextmanager
    def clone() -> Iterator[dict[str, Address]]:
        with fresh_pair(postgres, worker_id) as made:
            if operators_in == "rds":
                leave_supabase(made)
            yield made

    with kept_pairs.lend(operators_in, clone) as both:
        yield both


class MovableClock:
    """A clock that stands at the real time of its making plus what a test adds."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def move(self, **by: float) -> None:
        """Move ahead: ``clock.move(minutes=36)``."""
        self._ahead += timedelta(**by)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(autouse=True)
def _nobody_has_knocked_before() -> None:  # pyright: ignore[reportUnusedFunction]
    """The same guest comes in many tests; what she did in one must not keep her out of the next."""
    rate_limits.PROCESS._buckets.clear()


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """``gw0`` … under pytest-xdist, ``main`` without it."""
    given = getattr(request.config, "workerinput", None)
    return given["workerid"] if given else "main"
