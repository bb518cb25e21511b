"""Bring a database to the shape that this Hearback knows; refuse one that is newer."""

from pathlib import Path
from typing import Final, Literal

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect
from sqlmodel import SQLModel

from storage import report_tables, source_tables, tables, time_tables, triggers

METADATA: Final = SQLModel.metadata
SHAPES: Final = (tables, time_tables, source_tables, report_tables, triggers)  # importing them is what fills METADATA
_FOLDER: Final = Path(__file__).parent / "migrations"
# Any number will do, as long as every process asks for the same one.
_UPGRADE_LOCK: Final = 4_711_042

Age = Literal["empty", "older", "current", "newer", "foreign"]


class WrongDatabaseError(RuntimeError):
    """This database can't be used; the message says why, and what to do."""


def upgrade(engine: Engine) -> None:
    """Make an empty or older database current. Raises WrongDatabaseError for a newer one, and for somebody else's."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # several processes may start at once: one upgrades
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})")
        age = age_of(connection)
        if age == "newer":
            raise WrongDatabaseError(
                "The database was made by a newer Hearback than this one. Start the newer version, "
                "or restore the backup from before its upgrade."
            )
        if age == "foreign":
            raise WrongDatabaseError(
                "The database holds tables that aren't Hearback's. Give DATABASE_URL a database of its own."
            )
        if age != "current":
            command.upgrade(_config(connection), "head")


def age_of(connection: Connection) -> Age:
    """Compare a database with what this Hearback knows."""
    revision = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(_config(connection))
    if revision is None:
        return "foreign" if inspect(connection).get_table_names() else "empty"
    if revision == script.get_current_head():
        return "current"
    return "older" if revision in {one.revision for one in script.walk_revisions()} else "newer"


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config
