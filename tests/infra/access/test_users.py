"""Users, their sessions and the keys of programs, in both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from infra.access.keys import Key, KeyRegister
from infra.access.rights import Right, UserRole
from infra.access.sessions import Sessions, sessions
from infra.access.users import User, UserRegister, users
from infra.audit import find_changes
from infra.clock import FrozenClock
from infra.errors import InvalidInput, NotFound

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
def register(database: Engine, clock: FrozenClock) -> UserRegister:
    return UserRegister(database, clock)


def test_a_user_is_kept_as_told(register: UserRegister) -> None:
    told = User(" Ivan@Example.com ", UserRole.DEALER_MARKETER, "Иван", dealers=("north", " south ", "north", ""))
    kept = register.add(told, PASSWORD, author="boss")
    assert (kept.email, kept.dealers, kept.has_password) == ("ivan@example.com", ("north", "south"), True)
    assert register.all() == [kept]
    assert register.by_email("IVAN@example.com") == kept
    with pytest.raises(InvalidInput, match="is a user already"):
        register.add(User("ivan@example.com", UserRole.ANALYST), author="boss")


@pytest.mark.parametrize(("user", "where"), [
    (User("no address", UserRole.ADMIN), "email"),
    (User("a@example.com", UserRole.DEALER_MARKETER), "dealers"),
    (User("a@example.com", UserRole.SALES), "dealers"),
    (User("a@example.com", UserRole.BRAND_MANAGER, dealers=("north",)), "brands"),
    (User("a@example.com", UserRole.CONTRACTOR, dealers=("north",)), "contractors"),
])  # fmt: skip
def test_a_user_who_would_see_nothing_is_refused(register: UserRegister, user: User, where: str) -> None:
    with pytest.raises(InvalidInput) as told:
        register.add(user, author="boss")
    assert told.value.where == where
    assert register.all() == []


def test_brands_of_a_brand_manager_are_kept(register: UserRegister) -> None:
    told = User("b@example.com", UserRole.BRAND_MANAGER, dealers=("north",), brands=(" Lada ", "Chery", "Lada"))
    kept = register.add(told, author="boss")
    assert (kept.brands, kept.dealers) == (("Lada", "Chery"), ())
    assert register.get(kept.id) == kept


def test_limits_of_a_former_role_go_with_it(register: UserRegister) -> None:
    kept = register.add(User("a@example.com", UserRole.SALES, dealers=("north",)), author="boss")
    changed = register.change(User("a@example.com", UserRole.ANALYST, dealers=("north",), id=kept.id), author="boss")
    assert changed.dealers == ()


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaaaaaaa", "ab" * 10, "x" * 201])
def test_easy_passwords_are_refused(register: UserRegister, password: str) -> None:
    with pytest.raises(InvalidInput, match="too easy"):
        register.add(User("a@example.com", UserRole.ADMIN), password, author="boss")


def test_only_the_right_password_of_an_active_user_counts(register: UserRegister, database: Engine) -> None:
    kept = register.add(User("a@example.com", UserRole.ADMIN), PASSWORD, author="boss")
    register.add(User("sso@example.com", UserRole.ADMIN), author="boss")
    assert register.signed_in("A@example.com ", PASSWORD) == kept
    assert register.signed_in("a@example.com", PASSWORD + "x") is None
    assert register.signed_in("nobody@example.com", PASSWORD) is None
    assert register.signed_in("sso@example.com", "") is None
    with database.connect() as connection:
        stored = connection.execute(select(users.c.password).where(users.c.id == kept.id)).scalar_one()
    assert stored.startswith("$argon2id$")
    register.change(User("a@example.com", UserRole.ADMIN, id=kept.id, is_active=False), author="boss")
    assert register.signed_in("a@example.com", PASSWORD) is None
    assert register.came_by_single_sign_on("a@example.com") is None


def test_changes_stand_in_the_audit_log_without_secrets(register: UserRegister, database: Engine) -> None:
    kept = register.add(User("a@example.com", UserRole.ADMIN), PASSWORD, author="boss")
    register.change(User("a@example.com", UserRole.ANALYST, id=kept.id), author="boss")
    register.set_password(kept.id, "another four good words", author="a@example.com")
    found, total = find_changes(database, what="a@example.com")
    assert total == 3
    assert [(each.who, each.what) for each in found] == [
        ("a@example.com", "password of a@example.com"), ("boss", "user a@example.com"), ("boss", "user a@example.com"),
    ]  # fmt: skip
    assert '"role":"admin"' in found[1].before
    assert '"role":"analyst"' in found[1].after
    assert "argon2" not in str(found)
    assert find_changes(database, what="100%") == ([], 0)


def test_a_session_lasts_while_it_is_used_and_a_month_at_most(
    register: UserRegister, database: Engine, clock: FrozenClock
) -> None:
    user = register.add(User("a@example.com", UserRole.ADMIN), author="boss")
    kept = Sessions(database, register, clock)
    used, idle = kept.begin(user), kept.begin(None)
    with database.connect() as connection:
        assert used not in str(connection.execute(select(sessions)).all())
    for _ in range(4):
        clock.advance(timedelta(days=6))
        found = kept.find(used)
        assert found
        assert found.user == user
    assert kept.find(idle) is None
    clock.advance(timedelta(days=6, hours=1))
    assert kept.find(used) is None
    assert kept.find("guessed") is None


def test_a_key_is_told_once_and_can_be_revoked(database: Engine, clock: FrozenClock) -> None:
    register, elsewhere = KeyRegister(database, clock), KeyRegister(database, clock)
    made, secret = register.add(Key("bi", frozenset({Right.REPORTS}), dealers=("north",)), author="boss")
    assert register.find(secret) == made == elsewhere.find(secret)
    assert secret not in str(register.all()) + str(find_changes(database))
    assert secret.startswith(made.hint)
    register.revoke(made.id, author="boss")
    assert register.find(secret) is None
    clock.advance(timedelta(seconds=6))
    assert elsewhere.find(secret) is None
    assert register.all()[0].revoked_at == NOW
    with pytest.raises(NotFound):
        register.revoke(99, author="boss")


@pytest.mark.parametrize(("key", "where"), [
    (Key(" ", frozenset({Right.REPORTS})), "name"),
    (Key("x", frozenset()), "scopes"),
    (Key("x", frozenset({Right.USERS})), "scopes"),
    (Key("x", frozenset({Right.SEND, Right.REPORTS})), "scopes"),
])  # fmt: skip
def test_keys_that_could_do_harm_are_refused(database: Engine, clock: FrozenClock, key: Key, where: str) -> None:
    with pytest.raises(InvalidInput) as told:
        KeyRegister(database, clock).add(key, author="boss")
    assert told.value.where == where
