"""The distance between two places on the Earth."""

import math

EARTH_RADIUS_KM = 6371.0
"""Mean radius of the Earth, kilometres. Source: International Union of Geodesy and Geophysics."""


def great_circle_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """The great-circle distance in kilometres (haversine) of two places given in degrees."""
    up, along = math.radians(other_latitude - latitude), math.radians(other_longitude - longitude)
    width = math.cos(math.radians(latitude)) * math.cos(math.radians(other_latitude)) * math.sin(along / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(math.sin(up / 2) ** 2 + width, 1.0)))
