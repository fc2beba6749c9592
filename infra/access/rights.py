"""What somebody may do, and which roles may do it."""

from enum import StrEnum


class Right(StrEnum):
    SEND = "send"
    """Events in."""
    REPORTS = "reports"
    """Figures, in which nobody is named."""
    PERSONAL = "personal"
    """Personal data: customer cards, rejected items."""
    RULES = "rules"
    """Change what figures are made by: channel rules, measures, contractors, rates, noise."""
    PLANS = "plans"
    """Work on the plans, budgets and funds of what one sees: numbers, comments, decisions."""
    TASKS = "tasks"
    """Work on tasks: briefs, files, comments."""
    SOURCES = "sources"
    """Connect systems, repair and replay what they sent."""
    USERS = "users"
    """Users, keys and the audit log."""


class UserRole(StrEnum):
    ADMIN = "admin"
    MARKETING_DIRECTOR = "marketing_director"
    BRAND_MANAGER = "brand_manager"
    DEALER_MARKETER = "dealer_marketer"
    CONTRACTOR = "contractor"
    ANALYST = "analyst"
    SALES = "sales"

    @property
    def rights(self) -> frozenset[Right]:
        return _RIGHTS[self]

    @property
    def is_of_dealers(self) -> bool:
        """Whether it sees the rows of its own dealers only."""
        return self in (UserRole.DEALER_MARKETER, UserRole.SALES)

    @property
    def is_of_brands(self) -> bool:
        """Whether it sees the rows of the dealers of its own brands only."""
        return self is UserRole.BRAND_MANAGER

    @property
    def is_of_contractors(self) -> bool:
        """Whether it sees the rows of its own contractors only."""
        return self is UserRole.CONTRACTOR


EVERY_RIGHT = frozenset(Right)

_RIGHTS = {
    UserRole.ADMIN: EVERY_RIGHT,
    UserRole.MARKETING_DIRECTOR: frozenset({Right.REPORTS, Right.PERSONAL, Right.RULES, Right.PLANS, Right.TASKS}),
    UserRole.BRAND_MANAGER: frozenset({Right.REPORTS, Right.PLANS, Right.TASKS}),
    UserRole.DEALER_MARKETER: frozenset({Right.REPORTS, Right.PERSONAL, Right.PLANS, Right.TASKS}),
    UserRole.CONTRACTOR: frozenset({Right.REPORTS, Right.TASKS}),
    UserRole.ANALYST: frozenset({Right.REPORTS}),
    UserRole.SALES: frozenset({Right.PERSONAL}),
}
