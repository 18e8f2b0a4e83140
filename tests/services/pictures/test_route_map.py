"""Route maps: legible whatever the route, the same everywhere, and small enough to inline."""

from hashlib import sha256
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecosystem.services.pictures import land, route_map
from ecosystem.services.pictures.frame import framed
from ecosystem.services.pictures.lettering import Area, placed, shortened, text_width
from ecosystem.services.pictures.markers import marked
from ecosystem.services.pictures.route_map import Stop

SVG = "{http://www.w3.org/2000/svg}"
ITALY = (Stop("Rome", 41.89, 12.48), Stop("Florence", 43.77, 11.25), Stop("Venice", 45.44, 12.33))
PACIFIC = (Stop("Suva", -18.14, 178.44), Stop("Apia", -13.83, -171.77))
ADRIATIC = tuple(
    Stop(name, latitude, longitude)
    for name, latitude, longitude in (
        ("Zagreb", 45.81, 15.98),
        ("Plitvice", 44.86, 15.62),
        ("Zadar", 44.12, 15.23),
        ("Šibenik", 43.73, 15.89),
        ("Trogir", 43.52, 16.25),
        ("Split", 43.51, 16.44),
        ("Hvar", 43.17, 16.44),
        ("Vis", 43.06, 16.18),
        ("Korčula", 42.96, 17.14),
        ("Mljet", 42.75, 17.5),
        ("Dubrovnik", 42.65, 18.09),
        ("Kotor", 42.42, 18.77),
    )
)
WORLD = (
    Stop("London", 51.5, -0.12),
    Stop("Dubai", 25.2, 55.3),
    Stop("Sydney", -33.87, 151.2),
    Stop("Los Angeles", 34.05, -118.2),
    Stop("New York", 40.7, -74.0),
)

stops = st.builds(
    Stop,
    name=st.text(max_size=60) | st.sampled_from(["Rome", "東京", "مراكش", "Llanfairpwllgwyngyll"]),
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
)
# Most routes are within one country: places near each other are the hard case for lettering.
near = st.tuples(st.floats(-60, 65), st.floats(-180, 180), st.sampled_from([0.05, 2.0, 12.0]))


@st.composite
def routes(draw: st.DrawFn) -> list[Stop]:
    if draw(st.booleans()):
        return draw(st.lists(stops, min_size=1, max_size=12))
    latitude, longitude, spread = draw(near)
    return [
        Stop(
            stop.name,
            latitude + spread * stop.latitude / 90,
            (longitude + spread * stop.longitude / 180 + 180) % 360 - 180,
        )
        for stop in draw(st.lists(stops, min_size=1, max_size=12))
    ]


def texts(picture: str, of: str) -> list[str]:
    root = ElementTree.fromstring(picture)
    return [element.text or "" for element in root.iter(f"{SVG}text") if element.get("class") == of]


@settings(max_examples=60, deadline=None)
@given(route=routes(), shape=st.sampled_from([(460, 420), (720, 420), (358, 300)]))
def test_any_route_gives_a_small_well_formed_map(route: list[Stop], shape: tuple[int, int]) -> None:
    picture = route_map.svg(route, width=shape[0], height=shape[1])

    ElementTree.fromstring(picture)
    assert len(picture.encode()) <= route_map.MOST_BYTES


@settings(max_examples=80, deadline=None)
@given(route=routes())
def test_nothing_on_a_map_covers_a_name(route: list[Stop]) -> None:
    view = Area(4, 4, 456, 416)
    _, points = framed([(stop.longitude, stop.latitude) for stop in route], 460, 420)
    markers = marked(points, [stop.name for stop in route], view)
    areas = [marker.area for marker in markers]
    labels = placed([" · ".join(marker.names) for marker in markers], areas, [], view)

    shown = [label for label in labels if label]
    assert sorted(visit for marker in markers for visit in marker.visits) == [*range(len(route))]
    for index, label in enumerate(shown):
        assert label.area.within(view)
        assert not any(label.area.meets(area) for area in areas)
        assert not any(label.conflicts(other) for other in shown[index + 1 :])


@settings(max_examples=60, deadline=None)
@given(route=routes())
def test_stops_stay_in_view_and_apart(route: list[Stop]) -> None:
    view = Area(4, 4, 456, 416)
    _, points = framed([(stop.longitude, stop.latitude) for stop in route], 460, 420)
    markers = marked(points, [""] * len(points), view)

    for index, marker in enumerate(markers):
        assert view.left <= marker.area.left
        assert marker.area.right <= view.right
        assert view.top <= marker.area.top
        assert marker.area.bottom <= view.bottom
        for other in markers[index + 1 :]:
            distance = ((marker.x - other.x) ** 2 + (marker.y - other.y) ** 2) ** 0.5
            assert distance > marker.radius


def test_a_map_is_the_same_on_every_machine() -> None:
    pictures = "".join(route_map.svg(route) for route in (ITALY, PACIFIC, ADRIATIC, WORLD))

    assert sha256(pictures.encode()).hexdigest()[:16] == "0deeda716c1961c6"


def test_every_city_is_named_and_numbered_in_order() -> None:
    picture = route_map.svg(ITALY, label="Carte du voyage : {cities}", separator=" – ")

    assert texts(picture, "num") == ["1", "2", "3"]
    assert texts(picture, "city") == ["Rome", "Florence", "Venice"]
    root = ElementTree.fromstring(picture)
    assert root.get("role") == "img"
    assert root.get("aria-label") == "Carte du voyage : Rome – Florence – Venice"
    assert root.findtext(f"{SVG}title") == root.get("aria-label")


def test_twelve_towns_on_one_coast_are_all_named() -> None:
    assert set(texts(route_map.svg(ADRIATIC), "city")) == {stop.name for stop in ADRIATIC}


def test_a_city_visited_twice_has_one_mark() -> None:
    picture = route_map.svg([*ITALY, ITALY[0]])

    assert texts(picture, "num") == ["1, 4", "2", "3"]
    assert texts(picture, "city").count("Rome") == 1


def test_two_names_at_one_place_share_a_mark() -> None:
    picture = route_map.svg([Stop('A & <B> "c"', 51, -2), Stop("Bath", 51, -2)])

    assert texts(picture, "num") == ["1–2"]
    assert texts(picture, "city") == ['A & <B> "c" · Bath']


def test_characters_that_xml_forbids_are_left_out() -> None:
    picture = route_map.svg([Stop("Ro\x00me\ud800\x1b", 41.9, 12.5)], label="\x07{cities}")

    assert texts(picture, "city") == ["Ro me"]


def test_a_route_across_the_antimeridian_takes_the_short_way() -> None:
    frame, (suva, apia) = framed([(178.44, -18.14), (-171.77, -13.83)], 460, 420)

    assert frame.width / frame.scale < 20
    assert suva[0] < apia[0]


def test_a_map_is_at_least_ten_degrees_wide_with_a_margin() -> None:
    frame, _ = framed([(12.5, 41.9)], 460, 420)
    assert frame.width / frame.scale == pytest.approx(10)

    frame, points = framed([(0.0, 0.0), (40.0, 0.0)], 460, 420)
    assert points[0][0] / (points[1][0] - points[0][0]) == pytest.approx(0.28)


def test_land_is_where_it_is() -> None:
    def on_land(longitude: float, latitude: float) -> bool:
        box = land.Box(longitude - 4, latitude - 4, longitude + 4, latitude + 4)
        return (
            sum(_encloses(outline, longitude, latitude) for outline in land.inside(box, 0.02)) % 2
            == 1
        )

    assert on_land(12.5, 42.2)
    assert on_land(179.0 + 360, 67.5)  # Chukotka, east of the antimeridian of another copy
    assert on_land(-179.0, 67.5)
    assert on_land(30.0, -80.0)
    assert not on_land(5.0, 40.0)
    assert not on_land(-140.0, 0.0)


def test_land_meets_at_the_antimeridian_without_a_gap() -> None:
    box = land.Box(170, 60, 195, 75)
    outlines = list(land.inside(box, 0.02))

    assert any(
        min(x for x, _ in outline) < 179.9 and max(x for x, _ in outline) > 180.1
        for outline in outlines
    )


def test_coarser_views_have_fewer_points() -> None:
    box = land.Box(-20, 30, 60, 72)
    counts = [sum(map(len, land.inside(box, pixel))) for pixel in (0.02, 0.2, 1.0)]

    assert counts[0] > 2 * counts[1] > 4 * counts[2]


def test_long_names_are_shortened_by_what_fits() -> None:
    short = shortened("Garmisch-Partenkirchen", 14, 80)

    assert short.endswith("…")
    assert text_width(short, 14) <= 80
    assert shortened("Rome", 14, 80) == "Rome"
    assert text_width("東京", 14) == 28


@pytest.mark.parametrize(
    "route",
    [[], [Stop("Nowhere", 91, 0)], [Stop("Nowhere", float("nan"), 0)], [ITALY[0]] * 41],
)
def test_what_is_no_route_is_refused(route: list[Stop]) -> None:
    with pytest.raises(ValueError, match=r"stops|no place"):
        route_map.svg(route)


def test_a_view_too_small_to_read_is_refused() -> None:
    with pytest.raises(ValueError, match="120"):
        route_map.svg(ITALY, width=80)


def _encloses(outline: list[tuple[float, float]], x: float, y: float) -> bool:
    inside = False
    for (ax, ay), (bx, by) in zip([outline[-1], *outline], outline, strict=False):
        if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
            inside = not inside
    return inside
