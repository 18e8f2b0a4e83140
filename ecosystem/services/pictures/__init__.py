"""Pictures that the product draws itself: covers and route maps, as SVG text.

`cover.svg` paints a trip that has no pictures of its own; `route_map.svg` shows where it goes.
Both are pure: the same arguments give the same bytes on every machine, so results may be cached.
"""
