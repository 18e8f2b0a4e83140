"""How Reflex compiles and runs the app. Values come from ``ecosystem.settings``."""

import reflex as rx
from reflex_base.constants import StateManagerMode
from reflex_base.plugins.sitemap import SitemapPlugin

from ecosystem.domain.language import assume
from ecosystem.frontend_plugin import SameOriginPlugin
from ecosystem.settings import load

settings = load()
# Before a page is imported: their words are compiled in, once per language.
assume(settings.pages_language)
# A page opened by its numeric local address is the same page.
origins = [settings.origin, *([f"http://127.0.0.1:{settings.port}"] if settings.local else [])]

config = rx.Config(
    app_name="ecosystem",
    app_module_import="ecosystem.ecosystem",
    plugins=[rx.plugins.TailwindV4Plugin({"plugins": []}), SameOriginPlugin()],
    disable_plugins=[SitemapPlugin],
    telemetry_enabled=False,
    show_built_with_reflex=False,
    react_strict_mode=False,
    frontend_compression_formats=["brotli", "gzip"],
    frontend_lazy_bundled_libraries=True,
    cors_allowed_origins=origins,
    trusted_proxy_hops=settings.trusted_proxy_hops,
    redis_url=settings.redis_url or None,
    # One worker keeps browser state in memory; several share it through Redis.
    state_manager_mode=StateManagerMode.REDIS if settings.redis_url else StateManagerMode.MEMORY,
)
