"""Says which paths hold written code: generated, vendored, locked, minified and fixture files do not."""

import re

_FOLDERS = (
    "node_modules|vendor|vendored|third_party|third-party|bower_components|dist|build|target|out|"
    "__snapshots__|snapshots|cassettes|fixtures|__fixtures__|testdata|goldens|__generated__|generated|"
    r"\.yarn|\.venv|venv|site-packages|__pycache__"
)
_NAMES = (
    r"package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|bun\.lockb?|go\.sum|go\.work\.sum|"
    r"Gemfile\.lock|Pipfile\.lock|flake\.lock|gradle\.lockfile|packages\.lock\.json|"
    r"[^/]*\.lock|[^/]*[-.]lock\.(?:json|ya?ml|toml|txt)"
)
_ENDINGS = (
    r"\.min\.(?:js|css|mjs)|\.(?:js|css)\.map|\.snap|\.ambr|\.approved\.\w+|\.pb\.(?:go|cc|h)|_pb2(?:_grpc)?\.pyi?|"
    r"\.g\.dart|\.freezed\.dart|\.designer\.cs|\.generated\.\w+|\.svg|\.ipynb|\.csv|\.tsv|\.jsonl|\.po|\.pot"
)
_UNCOUNTED = re.compile(
    rf"(?:^|/)(?:{_FOLDERS})/|(?:^|/)(?:{_NAMES})$|(?:{_ENDINGS})$",
    re.IGNORECASE,
)


def counted(path: str) -> bool:
    """Whether lines of this path enter figures; every path has origins.

    Example:
        >>> counted("src/app.py"), counted("web/node_modules/x/index.js"), counted("poetry.lock")
        (True, False, False)
    """
    return _UNCOUNTED.search(path) is None
