"""Countries and cities: their names for people, and looking up real ones."""

from ecosystem.services.places.cities import Place, Places
from ecosystem.services.places.countries import country_name

__all__ = ["Place", "Places", "country_name"]
