"""What people are told of questions that no agent asked: beforehand, and once they answered one."""

from counterfoil.agents.canary import APART, GAVE_AWAY, MOST_OPEN


def planted(one_in: int) -> str:
    """What is measured of those who answer, in the open; empty where nothing is."""
    if not one_in:
        return ""
    return (
        f"At most one question in {one_in:,} is one that no agent asked: a call that is plainly wrong, to "
        "see whether whoever answers has looked. It can never be made, whatever is said. Once you answered, "
        "you are told that it was one, and what gave it away. You are asked one in "
        f"{APART.days} days at most, and none while more than {MOST_OPEN} questions wait for you. Answers "
        "are counted over everybody, and told as a share of a month from five people on. What you said is "
        f"kept nowhere; that you were asked one is, for those {APART.days} days."
    )


def was_planted(way: str) -> str:
    """What whoever answered such a question is told at once."""
    return (
        f"That question was planted: no agent wanted to make that call. {GAVE_AWAY[way]} Nothing comes of "
        "your answer, which is counted over everybody and kept nowhere else."
    )
