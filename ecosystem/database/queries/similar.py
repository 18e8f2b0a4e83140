"""Packages like another one, from the search index. Group: rds."""

from uuid import UUID

from sqlalchemy import text

from ecosystem.database.unit_of_work import RoutedSession

_SIMILAR = text(
    """
    with this as (select * from package_search where package_id = :id),
    near as (
      -- As stays, because those have an index.
      select distinct on (o.package_id) o.package_id, o.city_keys, o.tags, o.nights, o.rating
      from this, unnest(this.countries) as country, package_search o
      where o.cities @> jsonb_build_array(jsonb_build_object('country', country))
        and o.package_id <> this.package_id
    )
    select o.package_id from this, near o
    order by
      4 * (select count(*) from unnest(o.city_keys) c where c = any(this.city_keys))
      + 2 * (select count(*) from unnest(o.tags) t where t = any(this.tags))
      - 0.5 * abs(o.nights - this.nights)
      + coalesce(o.rating, 0) desc,
      o.package_id
    limit :limit
    """
)


def similar(session: RoutedSession, package_id: UUID, limit: int) -> list[UUID]:
    """Other packages in the same countries: shared cities count most, then shared tags, a
    similar length and the rating."""
    return list(session.execute(_SIMILAR, {"id": package_id, "limit": limit}).scalars())
