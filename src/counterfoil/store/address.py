"""Where a data directory's registry is: a file in it, or a PostgreSQL database that `registry.url` names."""

from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from counterfoil.terms.error import StoreError

ADDRESS, REGISTRY = "registry.url", "registry.sqlite"
POSTGRESQL = "postgresql"
SECONDS = 5
"""How long a database may take to answer the door."""


def address_of(folder: Path, *, named: str = ADDRESS, file: str = REGISTRY) -> URL:
    """The address of a data directory's registry, or of another database that has other names there.

    It may hold a password, so it is in no option or variable.

    Raises: StoreError where `registry.url` is open to others, or holds no address.
    """
    path = folder / named
    try:
        open_to_others = path.stat().st_mode & 0o077
        told = path.read_text("utf-8").strip()
    except FileNotFoundError:
        return in_file(folder / file)
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError("registry-url", f"{path} can't be read", hint=f"run: chmod 600 {path}") from error
    if open_to_others:
        said = f"{path}: others may read it, and it may hold a password"
        raise StoreError("registry-url-open", said, hint=f"run: chmod 600 {path}")
    try:
        url = make_url(told)
    except (ArgumentError, ValueError):
        url = None
    # What is in the file is not repeated: it may hold a password.
    if url is None or url.get_backend_name() not in {POSTGRESQL, "postgres"} or not url.database:
        hint = "write one line such as postgresql://counterfoil@db.example.com/counterfoil"
        raise StoreError("registry-url", f"{path} holds no address of a PostgreSQL database", hint=hint)
    return url.set(drivername=f"{POSTGRESQL}+psycopg")


def in_file(path: Path) -> URL:
    """The address of a registry in one file."""
    return URL.create("sqlite", database=str(path))


def engine_of(address: URL) -> Engine:
    """What speaks to the registry at an address.

    Raises: StoreError where the package for it is missing.
    """
    if address.get_backend_name() == POSTGRESQL:
        try:
            import psycopg  # noqa: F401
        except ImportError as error:
            hint = "pip install 'counterfoil[postgresql]'"
            raise StoreError("no-postgresql", "psycopg is not installed", hint=hint) from error
        return create_engine(
            address,
            pool_pre_ping=True,
            connect_args={"connect_timeout": SECONDS, "application_name": "counterfoil"},
        )
    engine = create_engine(address)

    @event.listens_for(engine, "connect")
    def durable(connection, _) -> None:  # type: ignore[no-untyped-def]
        """WAL, and a sync at each commit, so that what was acknowledged is there after a power cut."""
        # The driver would begin transactions by itself, but not before statements that change the shape.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")

    @event.listens_for(engine, "begin")
    def begun(connection) -> None:  # type: ignore[no-untyped-def]
        if not connection.get_execution_options().get("isolation_level"):
            connection.exec_driver_sql("BEGIN")

    return engine
