"""Files of packages and departures coming in: ``desk`` for people, ``working`` for the worker."""

from ecosystem.services.imports.departures import DepartureJudge
from ecosystem.services.imports.desk import FileForm, Imports, ImportView, ReportLine, Sending
from ecosystem.services.imports.packages import PackageJudge
from ecosystem.services.imports.working import ImportWork

__all__ = [
    "DepartureJudge",
    "FileForm",
    "ImportView",
    "ImportWork",
    "Imports",
    "PackageJudge",
    "ReportLine",
    "Sending",
]
