"""The letter that brings a view: what it is, its figures in all, a link to it, and the report itself.

It is written in the language that is spoken where it is composed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import Any

import pandas as pd

from api.exports import ExportFormat
from api.language import gettext as _
from api.language import language
from api.numbers import written_in
from api.report_notes import ReportNotes
from api.told import told
from api.views.schedules import MailForm
from api.workbook import workbook
from attribution.answer import Answer

_POLICY = SMTP.clone(cte_type="7bit")
_MOST_TOTALS = 8
_TOLD_FIRST = ("cost", "leads", "cpl", "visits", "sales", "cps", "revenue", "margin", "romi")
_STYLE = "font-family:Segoe UI,Helvetica,Arial,sans-serif;color:#1b1f24"


@dataclass(frozen=True, slots=True)
class Sending:
    """What the letter says of the view beside its report. `link` leads to it; `when` is its schedule in words."""

    name: str
    link: str
    when: str
    form: MailForm


def compose(
    answer: Answer,
    notes: ReportNotes,
    sending: Sending,
    *,
    sender: Address,
    recipients: Sequence[str],
    message_id: str,
    at: datetime,
) -> EmailMessage:
    """The same `message_id` for the same mail, however often it is tried."""
    letter = EmailMessage(policy=_POLICY)
    letter["Subject"] = " ".join(filter(None, (sending.name, f"· {notes.period}" if notes.period else "")))
    letter["From"] = sender
    letter["To"] = [Address(addr_spec=each) for each in recipients]
    letter["Date"] = format_datetime(at)
    letter["Message-ID"] = f"<{message_id}@{sender.domain}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(_text(answer, notes, sending))
    if sending.form is MailForm.PNG:
        _add_picture(letter, answer, notes, sending)
    else:
        letter.add_alternative(_html(answer, notes, sending), subtype="html")
        main, _, kind = ExportFormat.XLSX.media_type.partition("/")
        letter.add_attachment(workbook(answer, notes), maintype=main, subtype=kind, filename=_file(sending, notes))
    return letter


def _add_picture(letter: EmailMessage, answer: Answer, notes: ReportNotes, sending: Sending) -> None:
    """It stands in the letter itself."""
    from api.views.drawing import WIDTH, picture  # here, for matplotlib would keep every command waiting

    drawn = picture(answer, notes)
    shown = f'<img src="cid:report" width="{WIDTH}" alt="{escape(notes.title)}" style="max-width:100%;height:auto">'
    letter.add_alternative(_html(answer, notes, sending, shown), subtype="html")
    html = letter.get_body(("html",))
    if html is None:
        raise LookupError("The letter has lost its body.")
    html.add_related(drawn, "image", "png", cid="<report>", filename=_file(sending, notes), disposition="inline")


def _text(answer: Answer, notes: ReportNotes, sending: Sending) -> str:
    totals = [f"  {title}: {value}" for title, value in _totals(answer)]
    lines = [sending.name, notes.title, notes.in_a_line, f"{_('Filters')}: {notes.filters}", ""]
    lines += [_("In all:"), *totals, ""] if totals else []
    lines += [f"{_('Open it:')} {sending.link}", ""]
    lines += [*(f"{_('Mind:')} {caveat}" for caveat in notes.caveats), _end(notes, sending)]
    return "\n".join(lines) + "\n"


def _end(notes: ReportNotes, sending: Sending) -> str:
    computed = _("Computed %(at)s.") % {"at": notes.computed} if notes.computed else ""
    return " ".join(filter(None, (computed, _("Sent by Closed Loop %(when)s.") % {"when": sending.when})))


def _html(answer: Answer, notes: ReportNotes, sending: Sending, shown: str = "") -> str:
    cells = "".join(
        f'<td style="padding:8px 18px 8px 0"><div style="color:#5c6672;font-size:12px">{escape(title)}</div>'
        f'<div style="font-size:18px;font-weight:600;white-space:nowrap">{escape(value)}</div></td>'
        for title, value in ([] if shown else _totals(answer))
    )
    caveats = "".join(f"<li>{escape(caveat)}</li>" for caveat in notes.caveats)
    return f"""<!doctype html>
<html lang="{language()}"><head><meta charset="utf-8"><title>{escape(sending.name)}</title></head>
<body style="{_STYLE};font-size:14px;margin:16px">
<h1 style="font-size:20px;margin:0 0 4px">{escape(sending.name)}</h1>
<p style="margin:0 0 12px;color:#5c6672">{escape(notes.title)}<br>{escape(notes.in_a_line)}<br>\
{_("Filters")}: {escape(notes.filters)}</p>
{f'<table role="presentation" cellspacing="0" cellpadding="0"><tr>{cells}</tr></table>' if cells else ""}
{shown}
<p style="margin:16px 0"><a href="{escape(sending.link)}" style="color:#2f6fb7">{_("Open it in Closed Loop")}</a></p>
{f'<ul style="color:#5c6672;padding-left:18px">{caveats}</ul>' if caveats else ""}
<p style="color:#5c6672;font-size:12px">{escape(_end(notes, sending))}</p>
</body></html>
"""


def _totals(answer: Answer) -> list[tuple[str, str]]:
    """The figures in all that are looked at first, else the first there are, as they are written for people."""
    known = [each for each in answer.figures if _is_there(answer.totals.get(each.slug))]
    first = [each for each in known if each.slug in _TOLD_FIRST] or known
    return [(told(each.title), written_in(each.unit, answer.totals[each.slug])) for each in first[:_MOST_TOTALS]]


def _is_there(value: Any) -> bool:
    return isinstance(value, int | float) and not pd.isna(value)


def _file(sending: Sending, notes: ReportNotes) -> str:
    name = re.sub(r"[^\w .,()–-]+", "_", f"{sending.name} {notes.period}").strip(" .")[:100]
    return f"{name or 'report'}.{sending.form}"
