"""By what harm is known: the test virus, programs, and names that start one."""

# In two pieces, so that this file is not taken for it.
_EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""https://www.eicar.org/download-anti-malware-testfile/"""
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!")
_STARTED = (
    ".bat", ".cmd", ".com", ".cpl", ".dll", ".exe", ".hta", ".jar", ".js", ".jse", ".lnk", ".msi",
    ".ps1", ".reg", ".scr", ".sh", ".vbe", ".vbs", ".wsf",
)  # fmt: skip


def virus_in(content: bytes) -> str:
    """Why a file with this content is refused; empty if nothing is known of it."""
    return "A virus was found in it." if _EICAR in content else ""


def is_program(content: bytes) -> bool:
    """Whether it begins as programs do: of Windows, Linux, macOS, Java, or a script."""
    return content.startswith(_PROGRAMS)


def names_program(name: str) -> bool:
    """Whether opening a file of this name would start it."""
    return name.lower().endswith(_STARTED)
