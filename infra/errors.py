"""Every error that Closed Loop raises on purpose.

ClosedLoopError
├── InvalidInput             the caller's input is wrong, and says where
│   ├── UnknownFamily        no event family of that name
│   ├── NotFound             nothing is kept under that name
│   ├── UnreadableBody       the body is not in the format it claims to be
│   └── BodyTooLarge         the body is over the limit
├── NotOffered               a standard knows what is asked for, and this service does not
├── NotAllowed               nobody known asks: a missing or wrong key, or no session
├── NotPermitted             somebody known asks for what is not theirs
├── Unavailable              a part is out of reach; trying again later helps
│   ├── LogUnavailable       the event log cannot be written or read
│   ├── LogHeld              readers of the event log are at work
│   ├── WarehouseUnavailable the warehouse cannot be reached
│   ├── DatabaseUnavailable  the operational database cannot be reached
│   ├── FilesUnavailable     the folder of files cannot be written or read
│   ├── Busy                 more is asked at once than can be done
│   ├── VendorUnavailable    a vendor's API is busy or out of order
│   │   └── AnswerLost       a vendor may have done what was asked, but did not say so
│   ├── MailUnavailable      the mail server is out of reach, or will not take letters from us now
│   │   └── MailUnanswered   the mail server may have taken a letter, but did not say so
│   └── DataHeld             another process holds the embedded data folder
├── VendorRefused            a vendor's API refuses what was asked, or our keys
├── MailRefused              the mail server will never take the letter
├── PartitionLost            another reader owns the partition by now
├── WarehouseError           the warehouse refused a statement
│   └── MisfitRows           rows of an insert do not fit the table
├── InvalidSettings          a setting has a value that cannot work
├── Conflict                 somebody else changed meanwhile what was to be changed
├── Replaced                 what is asked for was there, and something newer has taken its place
└── NotReady                 what is asked for has not been computed yet

`help` is one sentence that says what to do. `where` names the field, file or parameter.
"""


class ClosedLoopError(Exception):
    code = "error"

    def __init__(self, message: str, *, where: str = "", help: str = "") -> None:  # noqa: A002
        super().__init__(message)
        self.message = message
        self.where = where
        self.help = help


class InvalidInput(ClosedLoopError):
    code = "invalid_input"


class UnknownFamily(InvalidInput):
    code = "unknown_family"


class NotFound(InvalidInput):
    code = "not_found"


class UnreadableBody(InvalidInput):
    code = "unreadable_body"


class BodyTooLarge(InvalidInput):
    code = "body_too_large"


class NotAllowed(ClosedLoopError):
    code = "not_allowed"


class NotPermitted(ClosedLoopError):
    code = "not_permitted"


class Unavailable(ClosedLoopError):
    code = "unavailable"


class LogUnavailable(Unavailable):
    code = "log_unavailable"


class LogHeld(Unavailable):
    code = "log_held"


class WarehouseUnavailable(Unavailable):
    code = "warehouse_unavailable"


class DatabaseUnavailable(Unavailable):
    code = "database_unavailable"


class FilesUnavailable(Unavailable):
    code = "files_unavailable"


class Busy(Unavailable):
    code = "busy"


class VendorUnavailable(Unavailable):
    """`retry_after` is in how many seconds the vendor may be asked again."""

    code = "vendor_unavailable"

    def __init__(self, message: str, *, retry_after: float, help: str = "") -> None:  # noqa: A002
        super().__init__(message, help=help or "It is asked again later by itself.")
        self.retry_after = retry_after


class AnswerLost(VendorUnavailable):
    code = "answer_lost"


class VendorRefused(ClosedLoopError):
    """`status` is the HTTP status, or 200 where the error came in the body."""

    code = "vendor_refused"

    def __init__(self, message: str, *, status: int, help: str = "") -> None:  # noqa: A002
        super().__init__(message, help=help)
        self.status = status


class DataHeld(Unavailable):
    """`holder` is the address at which the process that holds the data answers."""

    code = "data_held"

    def __init__(self, message: str, *, where: str = "", help: str = "", holder: str = "") -> None:  # noqa: A002
        super().__init__(message, where=where, help=help)
        self.holder = holder


class MailUnavailable(Unavailable):
    code = "mail_unavailable"


class MailUnanswered(MailUnavailable):
    code = "mail_unanswered"


class MailRefused(ClosedLoopError):
    code = "mail_refused"


class PartitionLost(ClosedLoopError):
    code = "partition_lost"


class WarehouseError(ClosedLoopError):
    code = "warehouse_error"


class MisfitRows(WarehouseError):
    code = "misfit_rows"


class InvalidSettings(ClosedLoopError):
    code = "invalid_settings"


class NotReady(ClosedLoopError):
    code = "not_ready"


class Conflict(ClosedLoopError):
    code = "conflict"


class Replaced(ClosedLoopError):
    code = "replaced"


class NotOffered(ClosedLoopError):
    code = "not_offered"
