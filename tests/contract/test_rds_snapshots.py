"""Snapshots of the RDS instance, over RDS' own protocol as MiniStack speaks it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from ecosystem.adapters.rds_snapshots import RdsSnapshots, instance_of
from ecosystem.domain.errors import Unavailable
from ecosystem.local.aws import REGION, EmbeddedAws

TOMORROW = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    with EmbeddedAws(tmp_path_factory.mktemp("rds-aws"), persist=False) as running:
        yield running


@pytest.fixture(scope="module")
def instance(aws: EmbeddedAws) -> str:
    aws.client("rds").create_db_instance(
        DBInstanceIdentifier="ecosystem",
        Engine="postgres",
        DBInstanceClass="db.t4g.medium",
        AllocatedStorage=20,
        MasterUsername="travel_agent",
        MasterUserPassword="not-a-secret-1",
    )
    return "ecosystem"


def names(aws: EmbeddedAws) -> list[str]:
    found = aws.client("rds").describe_db_snapshots()["DBSnapshots"]
    return sorted(one["DBSnapshotIdentifier"] for one in found)


def test_one_is_begun_once_and_removed_when_it_is_old(aws: EmbeddedAws, instance: str) -> None:
    snapshots = RdsSnapshots(REGION, instance, aws.endpoint)
    begun = snapshots.begin("package_extras-rds-20261122t213000z-0a1b2c")
    assert begun == "ecosystem-move-package-extras-rds-20261122t213000z-0a1b2c"
    assert snapshots.begin("package_extras-rds-20261122t213000z-0a1b2c") == begun
    aws.client("rds").create_db_snapshot(
        DBInstanceIdentifier=instance, DBSnapshotIdentifier="somebody-elses"
    )
    assert names(aws) == [begun, "somebody-elses"]
    assert snapshots.forget(datetime.now(UTC) - timedelta(days=30)) == 0
    assert snapshots.forget(TOMORROW) == 1
    assert names(aws) == ["somebody-elses"]


def test_an_instance_that_is_not_there_is_said(aws: EmbeddedAws) -> None:
    with pytest.raises(Unavailable, match=r"takes no snapshot of another now: .*not found"):
        RdsSnapshots(REGION, "another", aws.endpoint).begin("x")


@pytest.mark.parametrize(
    ("host", "identifier"),
    [
        ("ecosystem.cxyz12abc.eu-west-1.rds.amazonaws.com", "ecosystem"),
        ("Eco-2.cxyz12abc.us-gov-west-1.rds.amazonaws.com", "eco-2"),
        ("eco.cxyz12abc.cn-north-1.rds.amazonaws.com.cn", "eco"),
        ("eco.cluster-cxyz12abc.eu-west-1.rds.amazonaws.com", ""),
        ("eco.proxy-cxyz12abc.eu-west-1.rds.amazonaws.com", ""),
        ("eco.cxyz12abc.eu-west-1.rds.amazonaws.com.example", ""),
        ("127.0.0.1", ""),
        ("", ""),
    ],
)
def test_the_address_names_the_instance(host: str, identifier: str) -> None:
    assert instance_of(host) == identifier
