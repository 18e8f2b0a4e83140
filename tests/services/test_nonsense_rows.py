"""The operators' own system writes what it likes into its tables: what nobody can make sense of
keeps itself out of what we make of them, and nothing else."""

from ecosystem.services.marketplace import items
from tests.product import Product
from tests.services.test_search import found, outside, trip, work

NONSENSE = {
    "no currency": ("packages", "currency = 'eur'"),
    "no price": ("packages", "base_price = 'NaN'"),
    "no place on earth": ("package_cities", "latitude = 'NaN'"),
    "a city too long for an index": (
        "package_cities",
        "city = (select string_agg(md5(n::text), ' ') from generate_series(1, 300) as n)",
    ),
}


def test_a_row_of_nonsense_keeps_only_itself_from_being_found(product: Product) -> None:
    good = [trip(product, f"Trip {number}", "Rome") for number in range(3)]
    bad = {name: trip(product, name, "Rome") for name in NONSENSE}
    work(product)
    for name, (table, value) in NONSENSE.items():
        key = "id" if table == "packages" else "package_id"
        sql = f"update multi_city_hotel_{table} set {value} where {key} = :id"
        outside(product, sql, id=bad[name])
    changed = "update multi_city_hotel_packages set title = title || ' again' where id = any(:ids)"
    outside(product, changed, ids=good)
    work(product)
    assert sorted(found(product)) == ["Trip 0 again", "Trip 1 again", "Trip 2 again"]
    unpriced = [bad["no currency"], bad["no price"]]
    made = items.current(product.database, "PACKAGE", [*unpriced, *good], 1)
    assert [one.values is not None for one in made] == [False, False, True, True, True]
    for name in ("no currency", "no price"):
        fixed = (
            "update multi_city_hotel_packages set currency = 'EUR', base_price = 9 where id = :id"
        )
        outside(product, fixed, id=bad[name])
    work(product)
    assert {"no currency", "no price"} < set(found(product))
