"""What a browser finds at the server's address."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from alchemist_desktop import __version__
from alchemist_desktop.api.routing import Endpoint

_PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Alchemist Desktop</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1rem/1.6 system-ui, sans-serif; max-width: 40rem; margin: 15vh auto 0; padding: 0 1.5rem }}
h1 {{ font-size: 1.5rem }}
</style>
</head>
<body>
<h1>Alchemist Desktop {__version__}</h1>
<p>This is the server for other programs. The queue and the settings are in the program's window, on the computer it runs on.</p>
<p>Programs find the API at <code>/api/v1</code>. <a href="/api/v1/openapi.json">/api/v1/openapi.json</a> describes it
to whoever is signed in or has a token that may read. <a href="/api/v1/health">/api/v1/health</a> answers everybody.</p>
</body>
</html>
"""


class FrontPageRoutes:
    """Tells people who came with a browser where they are. The same for everybody, without scripts."""

    def endpoints(self) -> list[Endpoint]:
        return [Endpoint("GET", "/", self.page, prefixes=("",))]

    async def page(self, _request: Request) -> Response:
        return HTMLResponse(_PAGE)
