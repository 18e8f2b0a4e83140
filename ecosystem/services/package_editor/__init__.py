"""Editing a package: see ``editor.PackageEditor``."""
