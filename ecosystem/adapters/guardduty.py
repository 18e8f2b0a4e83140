"""Amazon GuardDuty Malware Protection for S3: it scans what is put into the bucket and writes what
it found on the object, as a tag.

https://docs.aws.amazon.com/guardduty/latest/ug/monitor-enable-s3-object-tagging-malware-protection.html
"""

from ecosystem.services.ports import Files, ScanAnswer, Scanner

TAG = "GuardDutyMalwareScanStatus"
FOUND_NOTHING = "NO_THREATS_FOUND"
WHY = {
    "THREATS_FOUND": "A virus was found in it.",
    "UNSUPPORTED": "It could not be checked for viruses: it may be protected by a password.",
}
"""Other answers (``ACCESS_DENIED``, ``FAILED``) are faults of ours: a scan may follow yet."""


class GuardDuty:
    """Implements ``Scanner``: first what we look at ourselves, then what GuardDuty says."""

    def __init__(self, files: Files, first: Scanner) -> None:
        self._files = files
        self._first = first

    def scan(self, key: str, content_type: str) -> ScanAnswer:
        """The tag on the file; until it is there, ``waiting``. Raises ``NotFound``,
        ``Unavailable``."""
        status = self._files.tags(key).get(TAG, "")
        if status in WHY:
            return ScanAnswer("refused", WHY[status])
        own = self._first.scan(key, content_type)
        if own.state != "clean" or status == FOUND_NOTHING:
            return own
        return ScanAnswer("waiting")
