"""A site of ours: the tracker's script in its pages sends visits, page views, goals and forms.

Nothing is delivered to an address of its own: the source's token is the key that stands in the pages, for everybody to
see. It opens the tracker's endpoint and nothing else.
"""

from collectors.letters.addresses import check_address
from collectors.sources.source import Source
from collectors.vendors.base import Ask, Level, PulledVendor


class Site(PulledVendor):
    slug = "site"
    title = "Site with the tracker's script"
    level = Level.DOCUMENTED
    asks = (
        Ask("origins", "Its hosts, with spaces between (dealer.example *.dealer.example)"),
        Ask("numbers", "Pool of telephone numbers to lease to visits, with commas between", required=False),
        Ask("default_number", "Number to show when the pool is used up; empty: the page's own", required=False),
        Ask("address", "Address of letters with {visit} in it, as sales+{visit}@dealer.example", required=False),
    )

    def examine(self, source: Source) -> None:
        check_address(source.settings.get("address", ""), numbered=True)

    guide = (
        "Put this into the head of every page:\n"
        '<script>window.closedloop=window.closedloop||[]</script>\n<script async src="{base}/t.js" data-key="{key}">'
        "</script>\n"
        "docs/how-to/track-a-site.md tells of consent, forms, goals and telephone numbers, and how the site's own\n"
        "server passes the script on, so that it is the site's own for browsers and blockers."
    )


VENDOR = Site()
