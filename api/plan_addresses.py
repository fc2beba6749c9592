"""How plans and their versions are named in addresses."""

from typing import Annotated

from fastapi import Path

from api.row_ids import LARGEST_ID

PlanId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Id of the plan.")]
VersionNumber = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Number of the version within its plan.")]
