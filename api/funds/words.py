"""What states, steps and amounts of funds are called on pages, in the reader's language."""

from babel.numbers import get_decimal_symbol

from api.language import gettext as _
from api.language import language
from planning.funds.ledger import Account, EntryKind
from planning.funds.states import Act, Party, State
from planning.money import amount_of


def written_units(units: int | None) -> str:
    """An amount in the language's form, with its decimals where it has any; a missing one is —."""
    if units is None:
        return "—"
    text = f"{amount_of(units):,.2f}".removesuffix(".00")
    return text.translate({ord(","): " ", ord("."): get_decimal_symbol(language())})


def state_names() -> dict[State, str]:
    return {
        State.ASKED: _("waits for approval"),
        State.RETURNED: _("sent back to the dealer"),
        State.REFUSED: _("refused"),
        State.APPROVED: _("approved, money is reserved"),
        State.CLAIMED: _("claimed, waits to be checked"),
        State.CLAIM_RETURNED: _("claim sent back to the dealer"),
        State.CLAIM_REFUSED: _("claim refused"),
        State.SETTLED: _("settled, waits for payment"),
        State.PAID: _("paid"),
        State.CANCELLED: _("cancelled"),
        State.LAPSED: _("lapsed: never claimed in time"),
    }


def step_names() -> dict[Act, str]:
    """What somebody has done."""
    return {
        Act.ASK: _("asked for approval"),
        Act.APPROVE: _("approved it"),
        Act.RETURN: _("sent it back"),
        Act.REFUSE: _("refused it"),
        Act.CANCEL: _("cancelled it"),
        Act.EXTEND: _("extended the deadline of the claim"),
        Act.CLAIM: _("claimed it"),
        Act.RETURN_CLAIM: _("sent the claim back"),
        Act.REFUSE_CLAIM: _("refused the claim"),
        Act.SETTLE: _("settled the claim"),
        Act.PAY: _("paid it"),
        Act.LAPSE: _("closed it unclaimed"),
    }


def act_names() -> dict[Act, str]:
    """What a button does."""
    return {
        Act.APPROVE: _("Approve and reserve the money"),
        Act.RETURN: _("Send back with the comment"),
        Act.REFUSE: _("Refuse"),
        Act.CANCEL: _("Cancel the activity"),
        Act.EXTEND: _("Extend the deadline"),
        Act.RETURN_CLAIM: _("Send the claim back"),
        Act.REFUSE_CLAIM: _("Refuse the claim"),
        Act.SETTLE: _("Settle"),
        Act.PAY: _("It is paid"),
        Act.LAPSE: _("Close it unclaimed"),
    }


def done_names() -> dict[str, str]:
    """What a page says after a change, by the word in its address."""
    return {
        Act.ASK.value: _("It waits for the payer's approval now."),
        Act.APPROVE.value: _("It is approved, and its money is reserved."),
        Act.RETURN.value: _("It is sent back: the dealer answers the comment."),
        Act.REFUSE.value: _("It is refused."),
        Act.CANCEL.value: _("It is cancelled; what was reserved for it is free again."),
        Act.EXTEND.value: _("The deadline is extended."),
        Act.CLAIM.value: _("The claim is sent: the payer checks it."),
        Act.RETURN_CLAIM.value: _("The claim is sent back: the dealer completes it."),
        Act.REFUSE_CLAIM.value: _("The claim is refused; what was reserved is free again."),
        Act.SETTLE.value: _("The claim is settled; what was reserved beyond it is free again."),
        Act.PAY.value: _("The payment is noted."),
        Act.LAPSE.value: _("It is closed; what was reserved for it is free again."),
        "attached": _("The file is attached."),
        "added": _("The programme is added, and dealers have earned what its rules give."),
        "changed": _("The programme is changed; what dealers have earned follows it."),
        "purchases": _("The purchases are entered; what dealers have earned follows them."),
        "adjusted": _("The fund is adjusted."),
    }


def waiting_names() -> dict[str, str]:
    return {
        "decide": _("approve, send back or refuse"),
        "answer": _("answer the comment and ask again"),
        "claim": _("claim with proof"),
        "extend": _("not claimed in time: extend the deadline, or close it"),
        "check": _("check the claim and settle it"),
        "pay": _("pay, and note the payment"),
        "expires": _("reserve it before it expires"),
    }


def party_names() -> dict[Party, str]:
    return {Party.DEALER: _("dealer"), Party.PAYER: _("payer"), Party.EITHER: _("either side")}


def entry_names() -> dict[EntryKind, str]:
    return {
        EntryKind.ACCRUAL: _("earned by rule"),
        EntryKind.ADJUSTMENT: _("adjusted by the payer"),
        EntryKind.RESERVATION: _("reserved"),
        EntryKind.RELEASE: _("freed again"),
        EntryKind.SETTLEMENT: _("settled"),
        EntryKind.EXPIRY: _("expired"),
    }


def account_names() -> dict[Account, str]:
    return {
        Account.PAYER: _("payer"),
        Account.AVAILABLE: _("available"),
        Account.RESERVED: _("reserved"),
        Account.SETTLED: _("settled"),
        Account.EXPIRED: _("expired"),
    }
