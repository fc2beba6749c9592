"""A digest as a letter, in its reader's language: what waits with its deadline, what is late with others, and links."""

from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from api.approval_words import day_words
from api.inbox_view import in_words, kind_names
from api.language import gettext as _
from api.language import language, ngettext
from planning.approval.reminding import Digest, Late
from planning.offers import FUND, MEDIA, WORK
from planning.waiting import Waiting

_POLICY = SMTP.clone(cte_type="7bit")
_STYLE = "font-family:Segoe UI,Helvetica,Arial,sans-serif;font-size:14px;color:#1b1f24;margin:16px"
_LINK = "color:#2f6fb7"
_LATE = "color:#b42318"
_MOST = 50


def compose_digest(digest: Digest, *, address: str, sender: Address, message_id: str, at: datetime) -> EmailMessage:
    """`address` is where the service answers. The same `message_id` for the same day and person."""
    letter = EmailMessage(policy=_POLICY)
    letter["Subject"] = _subject(digest)
    letter["From"] = sender
    letter["To"] = [Address(addr_spec=digest.person.name)]
    letter["Date"] = format_datetime(at)
    letter["Message-ID"] = f"<{message_id}@{sender.domain}>"
    letter["Auto-Submitted"] = "auto-generated"
    waiting = [in_words(each) for each in digest.waiting[:_MOST]]
    letter.set_content(_text(digest, waiting, address))
    letter.add_alternative(_html(digest, waiting, address), subtype="html")
    return letter


def _subject(digest: Digest) -> str:
    late = sum(each.days_late(digest.day) > 0 for each in digest.waiting)
    parts = []
    if digest.waiting:
        count = len(digest.waiting)
        parts.append(ngettext("%(num)s thing waits for you", "%(num)s things wait for you", count) % {"num": count})
    if late:
        parts.append(ngettext("%(num)s late", "%(num)s late", late) % {"num": late})
    if digest.late_with_others:
        count = len(digest.late_with_others)
        parts.append(ngettext("%(num)s late with others", "%(num)s late with others", count) % {"num": count})
    return _("Plans: %(what)s") % {"what": ", ".join(parts)}


def _text(digest: Digest, waiting: list[Waiting], address: str) -> str:
    lines = [_("This waits for you:"), ""] if waiting else []
    for each in waiting:
        lines += [f"- {_what(each)}: {_when(each, digest.day)}", f"  {address}{each.link}"]
    lines += [_more(digest), ""]
    if digest.late_with_others:
        lines += [_("This is late with others:"), ""]
        for late in digest.late_with_others[:_MOST]:
            lines += [
                f"- {_what(in_words(late.waiting))}: {_days(late)}; {_asked(late)}",
                f"  {address}{late.waiting.link}",
            ]
        lines.append("")
    lines += [f"{_('Your inbox:')} {address}/inbox", f"{_off()} {address}/account"]
    return "\n".join(lines) + "\n"


def _html(digest: Digest, waiting: list[Waiting], address: str) -> str:
    own = "".join(_item(each, _when(each, digest.day), address, each.days_late(digest.day) > 0) for each in waiting)
    others = "".join(
        _item(in_words(late.waiting), f"{_days(late)}; {_asked(late)}", address, is_late=True)
        for late in digest.late_with_others[:_MOST]
    )
    parts = []
    if own:
        parts.append(f"<p>{escape(_('This waits for you:'))}</p><ul>{own}</ul><p>{escape(_more(digest))}</p>")
    if others:
        parts.append(f"<p>{escape(_('This is late with others:'))}</p><ul>{others}</ul>")
    return f"""<!doctype html>
<html lang="{language()}"><head><meta charset="utf-8"><title>{escape(_subject(digest))}</title></head>
<body style="{_STYLE}">
{"".join(parts)}
<p><a href="{escape(address)}/inbox" style="{_LINK}">{escape(_("Open the inbox"))}</a></p>
<p style="color:#5c6672;font-size:12px">{escape(_off())} <a href="{escape(address)}/account" style="{_LINK}">\
{escape(address)}/account</a></p>
</body></html>
"""


def _item(waiting: Waiting, when: str, address: str, is_late: bool) -> str:
    link = f'<a href="{escape(address + waiting.link)}" style="{_LINK}">{escape(_what(waiting))}</a>'
    style = f' style="{_LATE}"' if is_late else ""
    return f"<li>{link}: <span{style}>{escape(when)}</span></li>"


def _what(waiting: Waiting) -> str:
    kind = kind_names().get(waiting.kind, "") if waiting.kind.startswith((FUND, WORK, MEDIA)) else ""
    said = ", ".join(filter(None, (waiting.about, kind, waiting.full_title)))
    return f"{said} ({_('in place of %(who)s') % {'who': waiting.for_whom}})" if waiting.for_whom else said


def _when(waiting: Waiting, day: date) -> str:
    return day_words(waiting.due, day) if waiting.due else _("no deadline")


def _days(late: Late) -> str:
    return ngettext("%(num)s day late", "%(num)s days late", late.days) % {"num": late.days}


def _asked(late: Late) -> str:
    return ", ".join(late.asked) or _("nobody is asked")


def _more(digest: Digest) -> str:
    more = len(digest.waiting) - _MOST
    return _("And %(count)s more, in the inbox.") % {"count": more} if more > 0 else ""


def _off() -> str:
    return _("You get this letter on days before and after deadlines. Switch it off on the page of your account:")
