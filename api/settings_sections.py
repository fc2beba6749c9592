"""What can be set, in the order of the page of settings, and who may look at it."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.auth import Needs, may_administer, may_read
from api.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Section:
    """`text` says what is set there; both are English, and put into the reader's language by templates."""

    title: str
    address: str
    text: str
    needs: Needs = may_read


SECTIONS = (
    Section("Account", "/settings/account", "Currency, VAT, how long a touch counts, and deadlines for responses."),
    Section("Channel rules", "/settings/channel-rules", "Which touches make which channel."),
    Section("Dealers", "/settings/reference/dealers", "Brands, cities, and weights of shared cost."),
    Section("Contractors", "/settings/contractors", "Who runs which campaigns, for which fees, and claims what."),
    Section(
        "Tracking numbers", "/settings/reference/tracking_numbers", "Which number stands for which source and dealer."
    ),
    Section("E-mail addresses", "/settings/reference/tracking_addresses", "Which address stands for which source."),
    Section("Promo codes", "/settings/reference/promo_codes", "Which code stands for which source."),
    Section("Target calls", "/settings/reference/target_calls", "Which calls count as leads."),
    Section("How did you hear of us", "/settings/reference/self_reported", "Which answer names which channel."),
    Section("Offline media", "/settings/reference/offline_media", "Radio, television, outdoor: by which marks."),
    Section("Measures", "/settings/measures", "Figures of your own, by a formula."),
    Section("Dimensions", "/settings/dimensions", "What else reports can be grouped by."),
    Section("Noise rules", "/settings/noise", "What becomes of bots, floods and repetitions."),
    Section("Exchange rates", "/sources/rates", "What one unit of a currency is worth, from a date on."),
    Section("Users", "/settings/users", "Who may come in, with which role, and whose rows they see.", may_administer),
    Section("Keys", "/settings/keys", "Keys of programs that send events or read reports.", may_administer),
    Section("Environment", "/settings/environment", "What the service is told when it starts."),
)


def sections_for(viewer: Viewer) -> Sequence[Section]:
    return [section for section in SECTIONS if section.needs.lets_in(viewer)]
