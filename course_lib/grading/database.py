"""An SQLite file for one process at a time, whose errors say which folder, why and what to do."""

import os
import sqlite3
from contextlib import contextmanager
from pathlib import Path

REASONS = {
    "SQLITE_FULL": "the disk is full: free some space, then call the same command again",
    "SQLITE_READONLY": "it can't be written to: give another folder with --out, or the right to write to this one",
    "SQLITE_CANTOPEN": "it can't be opened: give another folder with --out, or the right to write to this one",
    "SQLITE_BUSY": "another course command is using it: wait until that has ended",
    "SQLITE_LOCKED": "another course command is using it: wait until that has ended",
    "SQLITE_IOERR": "reading or writing failed: is the disk full or gone?",
    "SQLITE_CORRUPT": "it is damaged: put a backup in its place, or move it away and grade again",
    "SQLITE_NOTADB": "it is no database: move it away, or give another folder with --out",
}


class StoreError(OSError):
    """The store can't be used; the message names the folder, says why and what to do."""


class Database:
    """An SQLite file that this process alone uses; made, with its tables, if it isn't there.

    Parameters
    ----------
    path : Path
        Its folder must exist. Only its owner can read the file.
    tables : str
        What makes the tables.
    application, version : int
        Tell a file of ours and of this format from others.

    Raises
    ------
    StoreError
        Here and in every method.
    """

    def __init__(self, path, tables, application, version):
        self.path = Path(path)
        with self.explained():
            # SQLite's own words for it depend on what it tries first
            if not os.access(self.path if self.path.exists() else self.path.parent, os.W_OK):
                raise self.error(REASONS["SQLITE_READONLY"])
            if not self.path.exists():
                os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            # Transactions are begun by hand
            self._connection = sqlite3.connect(self.path, timeout=2, isolation_level=None)
        try:
            # Held until this process ends, however it ends; and another program's file is not touched
            self.rows("pragma locking_mode = exclusive")
            with self.transaction():
                self._check_or_make(tables, application, version)
            self.rows("pragma journal_mode = wal")
            self.rows("pragma synchronous = normal")
        except BaseException:
            self._connection.close()
            raise

    def _check_or_make(self, tables, application, version):
        if self.rows("pragma quick_check(1)")[0][0] != "ok":
            raise self.error(REASONS["SQLITE_CORRUPT"])
        found = [self.rows(f"pragma {name}")[0][0] for name in ("application_id", "user_version")]
        if not self.rows("select name from sqlite_master"):
            for statement in (*tables.split(";"), f"pragma application_id = {application}",
                              f"pragma user_version = {version}"):
                self.rows(statement)
        elif found[0] != application:
            raise self.error("it is some other program's database: give another folder with --out")
        elif found[1] != version:
            raise self.error(f"its format has version {found[1]}, and this course writes {version}: use the course's "
                             "release that made it, or another folder with --out")

    def close(self):
        """Close the file; what was stored is in it already."""
        with self.explained():
            self._connection.close()

    def rows(self, statement, *values):
        """Carry out a statement and return its rows."""
        with self.explained():
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def transaction(self):
        """Make all that is stored inside the block stored together, or not at all."""
        self.rows("begin immediate")
        try:
            yield
            self.rows("commit")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            raise

    def error(self, reason):
        """Return the error that says why the file can't be used."""
        return StoreError(f"The marks can't be kept in {self.path}: {reason}.")

    @contextmanager
    def explained(self):
        """Turn SQLite's and the system's errors into `StoreError`."""
        try:
            yield
        except StoreError:
            raise
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", None) or ""
            known = next((reason for start, reason in REASONS.items() if name.startswith(start)), f"{error}")
            raise self.error(known) from error
        except OSError as error:
            raise self.error(error.strerror or str(error)) from error
