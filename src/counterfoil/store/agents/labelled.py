"""Labels as they are kept."""

import json

from counterfoil.terms.label import Integrity, Label, Secrecy


def written(label: Label) -> str:
    """A label as text."""
    return json.dumps([label.integrity.value, label.secrecy.value, sorted(label.sources)])


def label_of(text: str) -> Label:
    """The label that was written."""
    integrity, secrecy, sources = json.loads(text)
    return Label(Integrity(integrity), Secrecy(secrecy), frozenset(sources))
