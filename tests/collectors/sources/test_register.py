"""The register of sources: what is connected stays as it was told, and its secrets stay secret."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from collectors.sources.register import SourceRegister
from collectors.sources.tables import sources
from infra.audit import audit_log
from infra.errors import InvalidInput, NotFound
from tests.collectors.sources.places import a_source


def test_a_source_is_kept_as_it_was_connected(register: SourceRegister) -> None:
    source = a_source(dealer="north", vat_included=True)
    register.connect(source, author="a", next_pull_at=None)
    assert register.get("north") == source
    assert register.by_token("mango", source.token) == source
    assert register.by_token("amocrm", source.token) is None
    assert register.by_token("mango", "another") is None
    assert list(register.all()) == [source]


def test_a_source_that_is_connected_again_keeps_its_address(register: SourceRegister) -> None:
    first = a_source()
    register.connect(first, author="a", next_pull_at=None)
    register.connect(a_source(secrets={"api_key": "k2", "api_salt": "s2"}), author="a", next_pull_at=None)
    assert register.get("north") == replace(first, secrets={"api_key": "k2", "api_salt": "s2"})


@pytest.mark.parametrize("key", ["", "North", "a b", "-a", "a" * 41, "дилер"])
def test_an_id_that_cannot_be_one(register: SourceRegister, key: str) -> None:
    with pytest.raises(InvalidInput, match="cannot name a source"):
        register.connect(a_source(key), author="a", next_pull_at=None)


def test_a_removed_source_is_gone(register: SourceRegister) -> None:
    register.connect(a_source(), author="a", next_pull_at=None)
    register.remove("north", author="a")
    with pytest.raises(NotFound):
        register.get("north")
    with pytest.raises(NotFound):
        register.remove("north", author="a")


def test_a_rotated_token_is_kept_beside_the_others(register: SourceRegister) -> None:
    register.connect(a_source(), author="a", next_pull_at=None)
    register.save_secrets("north", {"api_key": "new"})
    assert register.get("north").secrets == {"api_key": "new", "api_salt": "s"}


def test_neither_table_nor_audit_log_shows_secrets(register: SourceRegister, database: Engine) -> None:
    secret = "very-secret-value"
    source = a_source(secrets={"api_key": secret})
    register.connect(source, author="a", next_pull_at=None)
    register.connect(source, author="b", next_pull_at=None)
    register.remove("north", author="c")
    with database.connect() as connection:
        kept = [*connection.execute(select(sources)), *connection.execute(select(audit_log))]
        notes = connection.execute(select(audit_log.c.who).order_by(audit_log.c.id)).scalars().all()
    assert secret not in str(kept)
    assert source.token not in str(kept)
    assert notes == ["a", "b", "c"]
    assert secret not in repr(source)
