"""The package editor: everything of a package, saved while one types."""

import reflex as rx

from ecosystem.state.provider.package.actions import EditorActions


class ProviderPackageState(EditorActions, rx.State):
    """One package on its editor's desk; the parts are in ``desk``, ``lists`` and ``actions``."""
