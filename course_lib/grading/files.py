"""Writing a report's file so that there is always a whole one: the former or the new."""

import os


def put(path, content):
    """Put text or bytes into a file in one step, and only if it doesn't hold just that already.

    Parameters
    ----------
    path : pathlib.Path
        The folders above it are made.
    content : str or bytes

    Returns
    -------
    pathlib.Path
        The path.

    Raises
    ------
    OSError
        If it can't be written; the former file is still whole.
    """
    # a file name that is no UTF-8 leaves surrogates in a student's name
    data = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    fresh = path.with_name(f".{os.getpid()}.new")  # not longer: a name may have 255 bytes, and some have
    try:
        if path.is_file() and path.read_bytes() == data:
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            fresh.write_bytes(data)
            os.replace(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise OSError(f"{path} can't be written: {error.strerror}. What was there before is still whole; "
                      "mend it and run course report again.") from error
    return path
