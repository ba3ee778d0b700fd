"""The API about groups of people: every answer is made of what `domain.groups.group` tells (law 9)."""

from services.analytics.api.groups.asking import Asking
from services.analytics.api.groups.routes import Groups, add_routes

__all__ = ["Asking", "Groups", "add_routes"]
