"""A tenant's book of sandboxes."""

from dataclasses import replace

from profile_service.sandboxes import (
    OPEN_MAX,
    Asked,
    Book,
    Decided,
    SandboxOutcome,
    decide_create,
    decide_end,
    forget,
    has_ended,
)


def asked(name: str, content: str = "") -> Asked:
    """A request by its name."""
    return Asked(name.encode(), content.encode())


def made(decided: Decided) -> Book:
    """The book that a request was entered in."""
    assert decided.outcome is SandboxOutcome.MADE
    assert decided.book is not None
    return decided.book


def test_numbers_are_never_used_again() -> None:
    """Neither that of one that was replaced nor that of one that ended for good."""
    book = made(decide_create(Book("shop"), asked("a"), "Tests", 7))
    book = made(decide_end(book, asked("b"), 1, 100, with_successor=True))
    assert [(2, "Tests", 7)] == [(o.number, o.display_name, o.start_ms) for o in book.opened]
    book = made(decide_end(book, asked("c"), 2, 200, with_successor=False))
    assert () == book.opened
    book = made(decide_create(book, asked("d"), "More", 8))
    assert [3] == [one.number for one in book.opened]
    assert [True, True, False, False] == [has_ended(book, number) for number in (1, 2, 3, 4)]


def test_a_request_is_answered_once() -> None:
    """The same again changes nothing, other content is refused, also after its sandbox ended."""
    book = made(decide_create(Book("shop"), asked("a"), "Tests", 7))
    again = decide_create(book, asked("a"), "Tests", 9)
    assert (SandboxOutcome.REPEATED, None) == (again.outcome, again.book)
    assert again.slot == book.opened[0]
    other = decide_create(book, asked("a", "other"), "Tests", 7)
    assert SandboxOutcome.REQUEST_CONFLICT is other.outcome
    book = made(decide_end(book, asked("b"), 1, 100, with_successor=True))
    assert book.opened[0] == decide_end(book, asked("b"), 1, 200, with_successor=True).slot
    assert (
        SandboxOutcome.NOT_FOUND
        is decide_end(book, asked("c"), 1, 300, with_successor=True).outcome
    )


def test_a_tenant_has_few_and_replacing_one_is_always_possible() -> None:
    """A reset of the fifth is no sixth; the last number of all is the end."""
    book = Book("shop")
    for number in range(OPEN_MAX):
        book = made(decide_create(book, asked(f"a{number}"), "Tests", 0))
    assert SandboxOutcome.TOO_MANY is decide_create(book, asked("b"), "Tests", 0).outcome
    assert OPEN_MAX == len(made(decide_end(book, asked("c"), 1, 1, with_successor=True)).opened)
    spent = replace(book, last_number=9999, opened=book.opened[:1])
    assert SandboxOutcome.TOO_MANY is decide_create(spent, asked("d"), "Tests", 0).outcome
    ended = decide_end(spent, asked("e"), 1, 1, with_successor=True)
    assert SandboxOutcome.TOO_MANY is ended.outcome


def test_a_sandbox_that_left_nothing_is_forgotten_once() -> None:
    """Its number stays used."""
    book = made(decide_create(Book("shop"), asked("a"), "Tests", 7))
    book = made(decide_end(book, asked("b"), 1, 100, with_successor=False))
    forgotten = forget(book, 1)
    assert forgotten is not None
    assert ((), 1, book.version + 1) == (
        forgotten.ended,
        forgotten.last_number,
        forgotten.version,
    )
    assert forget(forgotten, 1) is None
    assert has_ended(forgotten, 1)
