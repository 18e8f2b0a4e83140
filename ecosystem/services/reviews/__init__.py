"""Reviews of completed trips: writing, revealing together, ratings that follow."""

from ecosystem.services.reviews.forms import ReplyForm, ReviewForm
from ecosystem.services.reviews.keys import ReviewKeys
from ecosystem.services.reviews.ratings import Ratings
from ecosystem.services.reviews.reading import Reading
from ecosystem.services.reviews.revealing import TripsOver
from ecosystem.services.reviews.writing import Writing


class Reviews(Writing, Reading):
    """What travellers and operators write of trips, and who may read it when."""


__all__ = ["Ratings", "ReplyForm", "ReviewForm", "ReviewKeys", "Reviews", "TripsOver"]
