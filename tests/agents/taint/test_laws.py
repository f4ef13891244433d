"""Laws of labels: joined they only grow, and nothing that a run does makes it less tainted."""

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.taint.test_trace import FETCH, HOTELS, INBOX, MAIL, PAY, SEND
from counterfoil.agents.taint.trace import Trace
from counterfoil.terms.label import OWNERS, Integrity, Label, Secrecy

LABELS = st.builds(
    Label,
    st.sampled_from(Integrity),
    st.sampled_from(Secrecy),
    st.frozensets(st.sampled_from(["owner", "mail/inbox#1", "web/fetch#2"])),
)
WORDS = st.text("ab @.'3{}", max_size=30)
STEPS = st.lists(
    st.sampled_from(
        [
            (INBOX, MAIL),
            (HOTELS, {"Good Night": "1 Rue"}),
            (FETCH, "a page"),
            (SEND, None),
            (PAY, {"done": True}),
        ]
    ),
    max_size=6,
)


def below(one: Label, other: Label) -> bool:
    """Whether another label is at least as tainted, as secret, and from as many places."""
    joined = one | other
    return joined == other


@given(one=LABELS, other=LABELS, third=LABELS)
def test_labels_join_in_any_order_and_only_grow(one: Label, other: Label, third: Label) -> None:
    assert one | other == other | one
    assert (one | other) | third == one | (other | third)
    assert one | one == one and OWNERS | one == Label(one.integrity, one.secrecy, one.sources | {"owner"})
    assert below(one, one | other)


@settings(max_examples=60)
@given(words=WORDS, steps=STEPS, begins=LABELS)
def test_a_run_never_becomes_less_tainted(
    words: str, steps: list[tuple[object, object]], begins: Label
) -> None:
    trace, before = Trace(words, label=begins), begins
    for tool, value in steps:
        trace.answered(tool, {}, value)  # type: ignore[arg-type]
        assert below(before, trace.label)
        before = trace.label


@settings(max_examples=60)
@given(words=WORDS, steps=STEPS, text=st.text("ab ", min_size=1, max_size=8))
def test_memory_and_delegates_are_as_tainted_as_the_run(
    words: str, steps: list[tuple[object, object]], text: str
) -> None:
    trace = Trace(words)
    for tool, value in steps:
        trace.answered(tool, {}, value)  # type: ignore[arg-type]
    child = Trace(words, label=trace.label)
    assert below(trace.label, child.label)
    kept = trace.composed(f"about {text}")
    later = Trace(words)
    later.told(kept.text, kept.label)
    assert later.label.integrity >= trace.label.integrity and later.label.secrecy >= trace.label.secrecy
    child.answered(INBOX, {}, MAIL)
    answer = child.composed("what the delegate found")
    trace.told(answer.text, answer.label)
    assert trace.tainted and below(child.label, trace.label)


@settings(max_examples=80)
@given(words=WORDS, text=st.text("ab @.'3", min_size=1, max_size=20))
def test_after_something_foreign_nothing_is_the_owners_but_what_they_said(words: str, text: str) -> None:
    trace = Trace(words)
    trace.answered(INBOX, {}, MAIL)
    for argument in trace.arguments(SEND, {"to": [text], "text": text}):
        if argument.label.integrity is Integrity.OWNER:
            assert " ".join(text.split()).casefold() in " ".join(words.split()).casefold()
