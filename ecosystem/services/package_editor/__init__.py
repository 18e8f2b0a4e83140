"""Editing a package: its draft, versions and history.

``editor`` is what others call; ``saving`` how a change reaches two move groups whole.
"""

from ecosystem.services.package_editor.editor import PackageEditor
from ecosystem.services.package_editor.forms import DraftForm, PackageContentForm

__all__ = ["DraftForm", "PackageContentForm", "PackageEditor"]
