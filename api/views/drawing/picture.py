"""A report as a picture that is read in a mail: its figures in all, a chart, and the table with its totals.

Nothing that it draws with is shared but matplotlib's cache of fonts, so pictures are drawn one after the other.
"""

import io
from collections.abc import Sequence
from threading import Lock

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from api.language import gettext as _
from api.report_notes import ReportNotes
from api.views.drawing.chart import Chart
from api.views.drawing.sheet import GREY, INNER, MARGIN, PAPER, WIDTH, Sheet
from api.views.drawing.table import MOST_ROWS, ReportTable
from api.views.drawing.words import TIMES, brief, fitted, is_missing, titled, told, width_of, wrapped
from attribution.answer import Answer
from attribution.measures import Measure

_DPI = 200
_MOST_FIGURES, _MOST_TILES, _MOST_PANELS = 8, 6, 3
_SHOWN_FIRST = ("cost", "leads", "cpl", "sales", "cps", "romi", "revenue", "margin")
_CHARTED_FIRST = ("cost", "sales", "romi", "revenue", "leads")
_HEAD, _HEAD_LINE, _TILES, _FOOT_LINE, _END = 66.0, 16.0, 60.0, 15.0, 14.0
_drawing = Lock()


def picture(answer: Answer, notes: ReportNotes) -> bytes:
    """A PNG. The table shows the first rows of the report as it is ordered, and says how many there are more."""
    figures = _chosen(answer.figures, _SHOWN_FIRST, _MOST_FIGURES)
    tiles = [each for each in figures if not is_missing(answer.totals.get(each.slug))][:_MOST_TILES]
    over_time = len(answer.names) == 1 and answer.names[0] in TIMES
    chart = Chart(answer.rows if over_time else answer.rows.head(MOST_ROWS), answer.names, _charted(answer, figures))
    table = ReportTable(answer.rows, answer.names, figures, answer.totals)
    foot = _foot(notes)
    head = [line for each in _said_first(notes) for line in wrapped(each, 8.5, INNER)]
    after_head = _HEAD + (len(head) - 1) * _HEAD_LINE
    after_tiles = after_head + (_TILES if tiles else 0)
    after_chart = after_tiles + chart.height
    height = after_chart + table.height + len(foot) * _FOOT_LINE + 2 * _END
    with _drawing:
        sheet = _new_sheet(height)
        sheet.text(MARGIN, 26, fitted(notes.title, 15, INNER, bold=True), 15, fontweight="bold")
        for number, line in enumerate(head):
            sheet.text(MARGIN, 49 + number * _HEAD_LINE, line, 8.5, color=GREY)
        _draw_tiles(sheet, answer, tiles, after_head)
        if chart.height:
            chart.draw(sheet, after_tiles)
        table.draw(sheet, after_chart)
        for number, line in enumerate(reversed(foot)):
            sheet.text(MARGIN, height - _END - (number + 0.5) * _FOOT_LINE, line, 7.5, color=GREY)
        return _as_png(sheet, notes)


def _new_sheet(height: float) -> Sheet:
    figure = Figure(figsize=(WIDTH / 100, height / 100), dpi=_DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(height, 0))
    axes.set_axis_off()
    return Sheet(figure, axes, height)


def _as_png(sheet: Sheet, notes: ReportNotes) -> bytes:
    buffer = io.BytesIO()
    told_within = {"Title": notes.title.encode("latin-1", "replace").decode("latin-1"), "Software": "Closed Loop"}
    sheet.figure.savefig(buffer, format="png", dpi=_DPI, metadata=told_within)
    return buffer.getvalue()


def _said_first(notes: ReportNotes) -> list[str]:
    filters = notes.filters
    return [notes.in_a_line, *([f"{_('Filters')}: {filters}"] if filters not in ("", _("none")) else [])]


def _draw_tiles(sheet: Sheet, answer: Answer, tiles: Sequence[Measure], top: float) -> None:
    gap = 8.0
    width = (INNER - gap * (len(tiles) - 1)) / max(len(tiles), 1)
    for number, figure in enumerate(tiles):
        left, value = MARGIN + number * (width + gap), answer.totals[figure.slug]
        sheet.band(left, top, width, _TILES - 14)
        sheet.text(left + 9, top + 13, fitted(titled(figure), 8, width - 14), 8, color=GREY)
        written = told(figure, value)
        short = written if width_of(written, 13, bold=True) <= width - 14 else brief(figure, value)
        sheet.text(left + 9, top + 32, short, 13, fontweight="bold")


def _charted(answer: Answer, figures: Sequence[Measure]) -> list[Measure]:
    known = [each for each in answer.figures if not answer.rows[each.slug].isna().all()]
    first = [each for each in known if each.slug in _CHARTED_FIRST]
    first = sorted(first, key=lambda each: _CHARTED_FIRST.index(each.slug))[:_MOST_PANELS]
    return first or [each for each in figures if each in known][:_MOST_PANELS]


def _chosen(figures: Sequence[Measure], first: Sequence[str], most: int) -> list[Measure]:
    """Those that are looked at first; where they are few, others in the order of the report, without their bounds."""
    usual = sorted((each for each in figures if each.slug in first), key=lambda each: first.index(each.slug))
    if len(usual) >= 3:
        return usual[:most]
    others = [each for each in figures if each not in usual and not each.slug.endswith(("_low", "_high"))]
    return [*usual, *others][:most]


def _foot(notes: ReportNotes) -> list[str]:
    computed = notes.computed
    said = [*notes.caveats, *([f"{_('Computed')} {computed}"] if computed else [])]
    return [line for each in said for line in wrapped(each, 7.5, INNER)]
