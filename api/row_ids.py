"""Numbers by which rows of the operational database are known."""

from typing import Annotated

from pydantic import Field

LARGEST_ID = 2**31 - 1
RowId = Annotated[int, Field(ge=1, le=LARGEST_ID)]
