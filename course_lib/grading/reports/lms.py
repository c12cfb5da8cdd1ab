"""Marks for Canvas and Moodle: the table that they exported comes back with our cells filled in.

Every other cell keeps its very bytes, and so do delimiter, byte-order mark and line endings. Students are matched by
the LMS's own id, else by login, number or e-mail address, else by name; whoever fits no row, or more than one, is
reported and never guessed. A student who handed nothing in gets no mark: what that means is the instructor's to say.
"""

import html
import re

from course_lib.grading.reports.marks import number, title
from course_lib.grading.reports.tables import Finder, assign, plain, read_table

# Header cells of Moodle's sheet in lower case, as seen in sheets and language packs: English, German, French, Spanish,
# and of the first also Dutch and Swedish. The import wants these very words back, so they are never changed.
_MAXIMUM = {"maximum grade", "bestwertung", "note maximale", "calificación máxima", "maximaal cijfer", "maximalt betyg"}
_FEEDBACK = {"feedback comments", "feedback als kommentar", "feedback par commentaires",
             "comentarios de retroalimentación"}
POINTS = "Points Possible"  # Canvas takes any row for its own whose first cell has this in it
_READ_ONLY = re.compile(r"(Current|Final|Override) (Score|Points|Grade|Status)")


def canvas(path, sheets):
    """Fill in the gradebook that Canvas exports.

    The export begins with the columns Student (or LastName and FirstName), ID, often SIS User ID, SIS Login ID,
    Integration ID, Root Account, and Section; then one column "Title (id)" an assignment, then totals, which are read
    only. Under the header there may be a row "Manual Posting", then "    Points Possible", then one row a student. On
    import, Canvas finds students by ID and assignments by "(id)"; a title that it doesn't know becomes a new
    assignment, wherever its column is. Decimal commas are understood, "EX" is an excused student, "N/A" one who has
    not got the assignment. A name that begins with "=" is exported as ="name", so that no spreadsheet runs it.
    Source: canvas-lms, lib/gradebook_exporter.rb and lib/gradebook_importer.rb (2024).

    A notebook's marks go to the column whose title is the notebook's name or title, or the only one that begins with
    it, scaled to its Points Possible; without one, to a new column at the end. "EX" and "N/A" are left as they are.

    Parameters
    ----------
    path : path
    sheets : list of Sheet

    Returns
    -------
    text : str
        The file.
    problems : list of str
    """
    table = read_table(path)
    header = table.header()
    names = [i for i, text in enumerate(header) if text in ("Student", "LastName", "FirstName")]
    if not names or "ID" not in header or not any("Section" in text for text in header):
        raise ValueError(f"{path} begins with the columns {', '.join(header[:6])}; expected the gradebook that Canvas "
                         "exports (Grades, Export entire gradebook): Student, ID, SIS Login ID, Section, ...")
    number_column = header.index("ID")
    points_row = _points_row(table, number_column)
    rows = [row for row in range(1, len(table.rows)) if row != points_row
            and any(table.value(row, column).strip() for column in [*names, number_column])]
    logins = [header.index(text) for text in ("SIS Login ID", "SIS User ID") if text in header]
    finder = Finder({table.value(row, number_column).strip(): row for row in rows},
                    [(row, [table.value(row, column).strip() for column in logins]) for row in rows],
                    [(row, ", ".join(table.value(row, column) for column in names)) for row in rows])
    problems = []
    width = len(table.rows[0])
    for notebook in dict.fromkeys(sheet.notebook for sheet in sheets):
        try:
            column = _canvas_column(table, header, points_row, notebook)
        except ValueError as error:
            problems.append(f"Canvas: {error}")
            continue
        there = [sheet for sheet in sheets if sheet.notebook == notebook and sheet.handed_in]
        if column is None:
            column, width = width, width + 1
            _new_column(table, column, notebook, points_row, there)
        points = _number(table.value(points_row, column)) if points_row else None
        comma = points_row is not None and "," in table.value(points_row, column)
        found, wrong = _match(finder, there, "canvas")
        problems += [f"Canvas: {student!r} got no mark for {notebook}: {why}." for student, why in wrong]
        for sheet in there:
            row = found.get(sheet.student)
            if row is None:
                continue
            kept = table.value(row, column).strip().upper()
            if POINTS in table.value(row, 0):
                problems.append(f"Canvas: {sheet.student!r} got no mark for {notebook}: on import Canvas would take it "
                                "for the points to be had, as in its own row of that name. Enter it in Canvas.")
            elif kept in ("EX", "N/A"):
                problems.append(f"Canvas: {sheet.student!r} keeps {kept} for {notebook}.")
            else:
                table.fill(row, column, _scaled(sheet, points, comma))
    return table.text(), problems


def _points_row(table, number_column):
    """Return Canvas's own row of points: under the header, or one further down, and without an ID, as students have."""
    return next((row for row in range(1, min(3, len(table.rows)))
                 if POINTS in table.value(row, 0) and not table.value(row, number_column).strip()), None)


def _canvas_column(table, header, points_row, notebook):
    wanted = {plain(notebook), plain(title(notebook))} - {""}
    titles = {}
    for column, text in enumerate(header):
        read_only = points_row and "read only" in table.value(points_row, column)
        if not (_READ_ONLY.search(text) or read_only):
            titles[column] = plain(re.sub(r"\s\(\d+\)$", "", text))
    same = [column for column, text in titles.items() if text in wanted]
    found = same or [column for column, text in titles.items() if text.startswith(tuple(wanted))]
    if len(found) > 1:
        raise ValueError(f"the columns {', '.join(repr(header[column]) for column in found)} could all be {notebook}: "
                         "none was filled. Give one of them the notebook's very name.")
    return found[0] if found else None


def _new_column(table, column, notebook, points_row, sheets):
    for row in range(len(table.rows)):
        if any(table.rows[row]):  # an empty line stays one
            table.fill(row, column, "")
    table.fill(0, column, notebook)
    if points_row:
        table.fill(points_row, column, number(max((sheet.max for sheet in sheets), default=0)))


def moodle(path, sheets, notebook=None):
    """Fill in the grading worksheet of one Moodle assignment.

    Its columns are Identifier, Full name (not where marking is anonymous), further identity fields such as Email
    address, Status, perhaps Group and marker, Grade, Maximum grade (Scale where the assignment uses one), perhaps the
    workflow's state, Grade can be changed, Last modified (submission), Last modified (grade), and one for each kind of
    feedback, all in the teacher's language. The number that ends an Identifier ("Participant 12345",
    "Teilnehmer/in12345") is also in the names of the downloaded submissions. On import Moodle reads Identifier, Grade,
    Last modified (grade) and the feedback, which is HTML; it skips grades that are empty or above the maximum. The
    worksheet has to be allowed in the assignment's settings (Feedback types, Offline grading worksheet).
    Source: moodle, mod/assign/gradingtable.php and mod/assign/feedback/offline/importgradeslib.php (4.x).

    The grade is taken to be the column before the maximum. Where the maximum's header is in an unknown language,
    it is the only column with one and the same positive number in every row.

    Parameters
    ----------
    path : path
    sheets : list of Sheet
    notebook : str, optional
        Whose marks the sheet wants: name or number. Needed where the grades hold more than one.

    Returns
    -------
    text : str
        The file.
    problems : list of str
    """
    notebook = _the_notebook(sheets, notebook)
    table = read_table(path)
    header = [text.casefold() for text in table.header()]
    rows = [row for row in range(1, len(table.rows)) if table.value(row, 0).strip()]
    ids = {match[1]: row for row in rows if (match := re.search(r"(\d+)\s*$", table.value(row, 0)))}
    maximum = _maximum_column(table, header, rows)
    if not maximum or len(ids) < len(rows):
        raise ValueError(f"{path} begins with the columns {', '.join(table.header()[:6])}; expected the grading "
                         "worksheet of a Moodle assignment that gives points (Submissions, Download grading "
                         "worksheet): Identifier, Full name, Email address, Status, Grade, Maximum grade, ...")
    feedback = next((column for column, text in enumerate(header) if text in _FEEDBACK), None)
    others = [(row, [table.value(row, column).strip() for column in range(2, maximum - 1)]) for row in rows]
    others = [(row, [text for text in texts if " " not in text]) for row, texts in others]  # no status, no group
    finder = Finder(ids, others, [(row, table.value(row, 1)) for row in rows])
    there = [sheet for sheet in sheets if sheet.notebook == notebook and sheet.handed_in]
    found, wrong = _match(finder, there, "moodle")
    problems = [f"Moodle: {student!r} got no mark: {why}." for student, why in wrong]
    if feedback is None:
        problems.append("Moodle: the sheet has no column for feedback comments, so only grades were filled in.")
    for sheet in there:
        row = found.get(sheet.student)
        if row is not None:
            points = table.value(row, maximum)
            table.fill(row, maximum - 1, _scaled(sheet, _number(points), "," in points))
            if feedback is not None:
                table.fill(row, feedback, html.escape(_comment(sheet), quote=False))
    return table.text(), problems


def _the_notebook(sheets, notebook):
    known = sorted({sheet.notebook for sheet in sheets if sheet.handed_in})
    fitting = [name for name in known if notebook in (None, name, name.split("_")[0])]
    if len(fitting) == 1:
        return fitting[0]
    asked = "" if notebook is None else f", and {notebook!r} names none of them"
    raise ValueError(f"The grades hold {len(known)} notebooks ({', '.join(known) or 'none'}){asked}. A Moodle sheet "
                     'belongs to one assignment: say which notebook that is, such as "01".')


def _maximum_column(table, header, rows):
    for column, text in enumerate(header):
        if text in _MAXIMUM:
            return column
    same = []
    for column in range(2, len(header)):
        numbers = {_number(table.value(row, column)) for row in rows}
        if len(numbers) == 1 and (numbers.pop() or 0) > 0:
            same.append(column)
    return same[0] if len(same) == 1 else None


def _match(finder, sheets, lms):
    """Return what `assign` makes of sheets; whom the LMS gives one number is one, even if called otherwise before."""
    def who(sheet):
        return dict(sheet.ids).get(lms) or ("", sheet.student)

    newest = {who(sheet): sheet for sheet in sorted(sheets, key=lambda sheet: (sheet.modified, sheet.student))}
    older = [(sheet.student, f"{newest[who(sheet)].student!r} has the same number and is newer") for sheet in sheets
             if newest[who(sheet)] is not sheet]
    rows, problems = assign([(sheet.student, *finder.find(sheet.student, dict(sheet.ids).get(lms)))
                             for sheet in sheets if newest[who(sheet)] is sheet])
    return rows, problems + older


def _number(text):
    text = text.strip().replace(",", ".")
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else None


def _scaled(sheet, points, comma):
    """A sheet's points on the LMS's scale; as they are where it has none."""
    score = min(sheet.score / sheet.max, 1) * points if points and sheet.max else sheet.score
    return number(score).replace(".", "," if comma else ".")


def _comment(sheet):
    parts = [f"{line.exercise}: {line.status}, {number(line.score)} of {number(line.max)}" for line in sheet.lines]
    if sheet.waiting:
        parts.append("what waits for a person counts as shown so far")
    return f"{number(sheet.score)} of {number(sheet.max)} points. " + "; ".join(parts) + "."
