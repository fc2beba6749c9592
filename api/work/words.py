"""What kinds, states and steps of contractor work are called on pages, in the reader's language."""

from babel.numbers import get_decimal_symbol

from api.language import gettext as _
from api.language import language
from planning.money import amount_of
from planning.work.act_register import INVOICE, PROOF, SIGNED
from planning.work.documents import TaskKind
from planning.work.people import Party
from planning.work.states import ActState, ActStep, TaskState, TaskStep


def written_units(units: int | None) -> str:
    """An amount in the language's form, with its decimals where it has any; a missing one is —."""
    if units is None:
        return "—"
    text = f"{amount_of(units):,.2f}".removesuffix(".00")
    return text.translate({ord(","): " ", ord("."): get_decimal_symbol(language())})


def kind_names() -> dict[TaskKind, str]:
    return {
        TaskKind.BANNER: _("banner"),
        TaskKind.VIDEO: _("video"),
        TaskKind.TEXT: _("text"),
        TaskKind.LANDING_PAGE: _("landing page"),
        TaskKind.AUDIO: _("audio"),
        TaskKind.REPORT: _("report"),
        TaskKind.OTHER: _("other work"),
    }


def task_states() -> dict[TaskState, str]:
    return {
        TaskState.NEW: _("New"),
        TaskState.IN_WORK: _("In work"),
        TaskState.ON_REVIEW: _("On review"),
        TaskState.RETURNED: _("Returned"),
        TaskState.APPROVED: _("Approved"),
        TaskState.DONE: _("Done"),
        TaskState.CANCELLED: _("Cancelled"),
    }


def act_states() -> dict[ActState, str]:
    return {
        ActState.DRAFT: _("Draft"),
        ActState.HANDED_IN: _("Handed in"),
        ActState.CHECKED: _("Checked"),
        ActState.DISPUTED: _("Disputed"),
        ActState.ACCEPTED: _("Accepted"),
        ActState.PAID: _("Paid"),
        ActState.WITHDRAWN: _("Withdrawn"),
    }


def task_buttons() -> dict[TaskStep, str]:
    return {
        TaskStep.TAKE: _("Take it on"),
        TaskStep.REOPEN: _("Reopen with the comment"),
        TaskStep.FINISH: _("Close as done"),
        TaskStep.CANCEL: _("Cancel the task"),
    }


def act_buttons() -> dict[ActStep, str]:
    return {
        ActStep.HAND_IN: _("Hand it in"),
        ActStep.CHECK: _("It is checked"),
        ActStep.DISPUTE: _("Dispute with the comment"),
        ActStep.ACCEPT: _("Accept"),
        ActStep.PAY: _("It is paid"),
        ActStep.WITHDRAW: _("Withdraw it"),
    }


def step_names() -> dict[str, str]:
    """What somebody has done to a brief or a task."""
    return {
        "brief": _("wrote the brief"),
        "change": _("changed the brief"),
        "close": _("closed the brief"),
        "reopen": _("opened it again"),
        "task": _("wrote the task"),
        "change_task": _("changed the task"),
        "assign": _("said who does it"),
        TaskStep.TAKE.value: _("took it on"),
        TaskStep.HAND_IN.value: _("handed in"),
        TaskStep.AGREE.value: _("agreed to"),
        TaskStep.APPROVE.value: _("agreed to, as the last one,"),
        TaskStep.RETURN.value: _("returned"),
        TaskStep.FINISH.value: _("closed it as done"),
        TaskStep.CANCEL.value: _("cancelled it"),
        "act": _("wrote the act"),
        "change_act": _("corrected the act"),
        ActStep.CHECK.value: _("checked the act"),
        ActStep.DISPUTE.value: _("disputed the act"),
        ActStep.ACCEPT.value: _("accepted the act"),
        ActStep.PAY.value: _("paid the act"),
        ActStep.WITHDRAW.value: _("withdrew the act"),
    }


def side_names() -> dict[str, str]:
    return {
        Party.CONTRACTOR.value: _("contractor"),
        Party.HOLDING.value: _("holding"),
        Party.MARKETER.value: _("dealer's marketer"),
        Party.BRAND.value: _("brand manager"),
        Party.DIRECTOR.value: _("marketing director"),
    }


def waiting_names() -> dict[str, str]:
    return {
        "do": _("to do"),
        "correct": _("returned: hand in a new version"),
        "decide": _("agree to the version, or return it"),
        "finish": _("approved: close it as done"),
        "check": _("check the act"),
        "accept": _("accept the act, or dispute it"),
        "pay": _("pay, and note the payment"),
        "answer": _("disputed: correct the act"),
        "mention": _("you are mentioned"),
    }


def purpose_names() -> dict[str, str]:
    return {SIGNED: _("Signed act"), INVOICE: _("Invoice"), PROOF: _("Proof of the work")}


def done_names() -> dict[str, str]:
    """What a page says after a change, by the word in its address."""
    return {
        "brief": _("The brief is written. Add its tasks below."),
        "changed": _("The change is kept."),
        "task": _("The task is written; whoever does it is told."),
        "attached": _("The file is attached."),
        "commented": _("The comment stands below."),
        "assigned": _("It is said who does it."),
        "seen": _("It waits no longer."),
        "act": _("The draft is kept. Attach the signed act, and hand it in."),
        TaskStep.TAKE.value: _("The task is taken on."),
        TaskStep.HAND_IN.value: _("The version is handed in."),
        TaskStep.AGREE.value: _("You have agreed to the version."),
        TaskStep.RETURN.value: _("The version is returned: whoever does it answers the comment."),
        TaskStep.REOPEN.value: _("The task is open again."),
        TaskStep.FINISH.value: _("The task is done."),
        TaskStep.CANCEL.value: _("The task is cancelled."),
        "act_hand_in": _("The act is handed in: the holding checks it."),
        "act_check": _("The act is checked: the director accepts it."),
        "act_dispute": _("The act is disputed: its contractor corrects it."),
        "act_accept": _("The act is accepted."),
        "act_pay": _("The payment is noted."),
        "act_withdraw": _("The act is withdrawn."),
    }
