"""HTTP as uvicorn speaks it, with the one reply that it gives by itself in the form of all others."""

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from alchemist_desktop.api.errors import ProblemError, problem_response
from alchemist_desktop.api.front_door import common_headers, new_request_id


class HttpProtocol(H11Protocol):
    """A connection. What comes over it and is no HTTP never reaches the application."""

    def send_400_response(self, msg: str) -> None:
        """Refuse what was received and end the connection; called by uvicorn, whose words stay inside."""
        request_id = new_request_id()
        problem = ProblemError(400, "MALFORMED_REQUEST", "This is no HTTP request.", headers={"Connection": "close"})
        response = problem_response(problem, path=None, request_id=request_id)
        headers = [*response.raw_headers, *common_headers(request_id)]
        start = h11.Response(status_code=response.status_code, headers=headers, reason=b"Bad Request")
        for event in (start, h11.Data(data=bytes(response.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
