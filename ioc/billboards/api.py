from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from geo.text import Text
from ioc.accounts.auth import session_or_token
from ioc.billboards import queries

router = Router(tags=["billboards"], auth=session_or_token)

MOST = 500


@router.get("/running-out", summary="Permits that have ended or end soon, the oldest first")
def running_out(request: HttpRequest, days: int = Query(30, ge=0, le=366)) -> dict[str, Any]:
    if not request.user.has_perm("billboards.view_billboard"):
        raise PermissionError
    boards = queries.running_out(queries.today(), days)[:MOST]
    return {
        "billboards": [
            {
                "id": str(board.pk),
                "code": board.code,
                "name": Text(board.name_vi, board.name_en).dict(),
                "owner": board.owner,
                "permit_no": board.permit_no,
                "permit_until": board.permit_until,
                "state": board.state,
                "synthetic": board.synthetic,
            }
            for board in boards
        ]
    }
