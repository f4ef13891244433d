"""Who is running this: the git identities that count as the runner's own."""

import subprocess
from collections.abc import Sequence

GIT_CONFIG = ("git", "config", "--get-all", "user.email")


def my_emails(repositories: Sequence[str], stated: Sequence[str]) -> frozenset[str]:
    """The runner's e-mail addresses in lower case: those stated, those git is configured with."""
    found = {email.strip().lower() for email in stated}
    for where in ("/", *repositories):
        asked = subprocess.run(GIT_CONFIG, cwd=where, capture_output=True, check=False)  # noqa: S603
        found |= {line.strip().lower() for line in asked.stdout.decode("utf-8", "replace").splitlines()}
    return frozenset(found - {""})
