"""Operators' own pictures: ``upload`` to ``ready``, their order and words, and who sees them."""

from ecosystem.services.package_pictures.desk import PackagePictures, PictureStart
from ecosystem.services.package_pictures.serving import PictureFiles

__all__ = ["PackagePictures", "PictureFiles", "PictureStart"]
