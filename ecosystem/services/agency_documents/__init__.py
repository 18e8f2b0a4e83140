"""Files that agencies keep: sent by the browser, looked at, found, shared, forgotten.

    start    a row ``uploading`` and a form that lets the browser post one file to S3
    finish   the row is ``scanning``; what was posted is copied where no form reaches, looked at
             here, then by the scanner that the settings name
    clean    it can be taken out and shared; ``refused``: it can't, and is forgotten

What is handed out is the copy that was looked at, never what lies where the form put it. A
process that dies between any two lines leaves a row that ``Checking`` takes up again.
"""

from ecosystem.services.agency_documents.checking import Checking
from ecosystem.services.agency_documents.desk import AgencyDocuments
from ecosystem.services.agency_documents.forgetting import ERASE, eraser
from ecosystem.services.agency_documents.sharing import SEALED_FOR, DocumentShares

__all__ = ["ERASE", "SEALED_FOR", "AgencyDocuments", "Checking", "DocumentShares", "eraser"]
