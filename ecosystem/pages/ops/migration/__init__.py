"""``/ops/migration``: tables on their way from Supabase to AWS."""

from ecosystem.pages.ops.migration.page import page

__all__ = ["page"]
